//! What is repaired on which table, and what is left alone.

use rstest::rstest;

use super::*;
use crate::model::{CharsetCoverage, Collation, Equality, Writability};

/// The SQL of the repair; `-` for none.
pub(super) fn sql(change: &Change, declared: &Table, live: &Table) -> String {
    sql_of(change, declared, live, Dialect::Postgres)
}

pub(super) fn sql_of(change: &Change, declared: &Table, live: &Table, dialect: Dialect) -> String {
    repaired(change, declared, Some(live), dialect).map_or_else(|| "-".to_owned(), |repair| repair.sql.join("; "))
}

fn no_index() -> Change {
    let declared = Index { uniqueness: Uniqueness::Plain, ..unique(&["sid"]) };
    Change::IndexMissing { declared, nearest: None, longer: None }
}

fn no_unique() -> Change {
    Change::UniqueMissing { declared: unique(&["sid"]), nearest: None, wider: None }
}

fn no_column(dialect: Dialect) -> Change {
    Change::ColumnMissing { declared: column("mode", "text", dialect), rename_candidates: Vec::new() }
}

pub(super) fn not_null() -> Change {
    Change::Nullability {
        column: "sid".to_owned(),
        sides: Sides { declared: Nullability::Nullable, live: Nullability::NotNull },
        on_omit: OnOmit::Rejected,
        on_null: OnOmit::Rejected,
    }
}

fn narrower() -> Change {
    let ty = |ty| column_type(ty, Dialect::Postgres);
    Change::Type { column: "sid".to_owned(), sides: Sides { declared: ty("varchar(64)"), live: ty("varchar(16)") } }
}

const INDEX: &str = r#"CREATE INDEX "idx-call-sid" ON "call" ("sid")"#;
const COLUMN: &str = r#"ALTER TABLE "call" ADD COLUMN "mode" text"#;
pub(super) const NULLABLE: &str = r#"ALTER TABLE "call" ALTER COLUMN "sid" DROP NOT NULL"#;
const WIDER: &str = r#"ALTER TABLE "call" ALTER COLUMN "sid" TYPE varchar(64)"#;

/// Of rows in the format COMPACT, an index takes 767 bytes of a column.
#[rstest]
#[case::short("varchar(191)", None, true, true)]
#[case::long("varchar(192)", None, true, false)]
#[case::long_in_another_format("varchar(192)", None, false, true)]
#[case::long_of_one_byte("varchar(192)", Some("latin1_swedish_ci"), true, true)]
#[case::long_of_three_bytes("varchar(256)", Some("utf8mb3_general_ci"), true, false)]
#[case::a_text("text", None, true, false)]
#[case::a_number("bigint", None, true, true)]
fn an_index_is_added_where_its_column_is(
    #[case] ty: &str,
    #[case] collation: Option<&str>,
    #[case] has_narrow_indexes: bool,
    #[case] is_added: bool,
) {
    let dialect = Dialect::MariaDb;
    let declared = table(dialect);
    let collation = collation.map(|name| {
        Box::new(Collation { name: name.to_owned(), equality: Equality::AsDefault, coverage: CharsetCoverage::Limited })
    });
    let live = Table {
        columns: vec![Column { collation, ..column("sid", ty, dialect) }],
        has_narrow_indexes,
        ..declared.clone()
    };
    for change in [no_index(), no_unique()] {
        assert_eq!(sql_of(&change, &declared, &live, dialect) != "-", is_added);
    }
}

#[rstest]
#[case::a_table(RelationKind::Table, INDEX)]
#[case::an_unlogged_table(RelationKind::Unlogged, INDEX)]
#[case::a_partitioned_table(RelationKind::Partitioned, INDEX)]
#[case::a_view(RelationKind::View(Writability::Writable), "-")]
#[case::a_foreign_table(RelationKind::Foreign(Writability::Writable), "-")]
#[case::a_materialized_view(RelationKind::MaterializedView, "-")]
fn an_index_is_added_to(#[case] relation: RelationKind, #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    assert_eq!(sql(&no_index(), &declared, &Table { relation, ..declared.clone() }), expected);
}

#[test]
fn a_read_only_entity_needs_no_repair() {
    let live = table(Dialect::Postgres);
    let declared = Table { relation: RelationKind::View(Writability::ReadOnly), ..live.clone() };
    assert_eq!(sql(&no_index(), &declared, &live), "-");
}

#[test]
fn nothing_is_added_that_may_be_there_and_cannot_be_seen() {
    let declared = table(Dialect::MariaDb);
    let live = Table { constraints: Visibility::Hidden, ..declared.clone() };
    assert_eq!(sql_of(&no_index(), &declared, &live, Dialect::MariaDb), "-");
}

#[rstest]
#[case::of_an_engine_without_indexes("ARCHIVE", "-")]
#[case::of_another_engine("MyISAM", "CREATE INDEX `idx-call-sid` ON `call` (`sid`)")]
fn an_index_is_added_to_a_table(#[case] engine: &str, #[case] expected: &str) {
    let declared = table(Dialect::MariaDb);
    let live = Table { relation: RelationKind::WithoutTransactions(engine.to_owned()), ..declared.clone() };
    assert_eq!(sql_of(&no_index(), &declared, &live, Dialect::MariaDb), expected);
}

#[test]
fn mariadb_is_told_to_keep_the_versions_of_rows() {
    let declared = table(Dialect::MariaDb);
    let live = Table { relation: RelationKind::Versioned, ..declared.clone() };
    assert_eq!(
        sql_of(&no_column(Dialect::MariaDb), &declared, &live, Dialect::MariaDb),
        "SET STATEMENT system_versioning_alter_history = KEEP FOR ALTER TABLE `call` ADD COLUMN `mode` text"
    );
}

/// The columns of a child are those of its parent, and a type on which a view depends stays.
#[rstest]
#[case::a_missing_column(no_column(Dialect::Postgres), COLUMN, "-", COLUMN)]
#[case::a_type(narrower(), WIDER, "-", "-")]
#[case::a_not_null(not_null(), NULLABLE, "-", NULLABLE)]
#[case::a_missing_index(no_index(), INDEX, INDEX, INDEX)]
fn some_tables_keep(
    #[case] change: Change,
    #[case] of_a_table: &str,
    #[case] of_a_child: &str,
    #[case] below_a_view: &str,
) {
    let declared = table(Dialect::Postgres);
    assert_eq!(sql(&change, &declared, &declared), of_a_table);
    assert_eq!(sql(&change, &declared, &Table { is_child: true, ..declared.clone() }), of_a_child);
    let held = Table { held_columns: vec!["sid".to_owned()], ..declared.clone() };
    assert_eq!(sql(&change, &declared, &held), below_a_view);
    let another = Table { held_columns: vec!["agent".to_owned()], ..declared.clone() };
    assert_eq!(sql(&change, &declared, &another), of_a_table);
}

#[test]
fn a_partitioned_table_gets_no_unique_key_and_all_else_at_once() {
    let declared = table(Dialect::Postgres);
    let live = Table { relation: RelationKind::Partitioned, ..declared.clone() };
    assert_eq!(sql(&no_unique(), &declared, &live), "-", "it would hold within each partition only");
    let index = repaired(&no_index(), &declared, Some(&live), Dialect::Postgres).unwrap();
    assert_eq!(index.remarks, [""; 0], "an index of it cannot be built concurrently");
    let foreign = Change::ForeignKeyMissing { declared: key(), nearest: None };
    assert!(!sql(&foreign, &declared, &live).contains("NOT VALID"), "nor can its keys be validated later");
    let partly_elsewhere = Table { has_foreign_partitions: true, ..live };
    assert_eq!(sql(&foreign, &declared, &partly_elsewhere), "-", "a foreign table takes no keys");
}

#[rstest]
#[case::over_its_columns(&["sid"], "-")]
#[case::over_others(&["agent"], r#"CREATE UNIQUE INDEX "idx-call-sid" ON "call" ("sid")"#)]
#[case::over_more(&["sid", "agent"], r#"CREATE UNIQUE INDEX "idx-call-sid" ON "call" ("sid")"#)]
fn a_unique_index_does_not_help_beside_a_deferrable_one(#[case] columns: &[&str], #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let deferrable =
        Index { name: "later".to_owned(), restrictions: vec![IndexRestriction::Deferrable], ..unique(columns) };
    let live = Table { indexes: vec![deferrable], ..declared.clone() };
    assert_eq!(sql(&no_unique(), &declared, &live), expected);
}

#[test]
fn a_declaration_that_lacks_columns_is_to_be_corrected() {
    let declared = table(Dialect::Postgres);
    let wider = Some(unique(&["sid", "agent"]));
    let change = Change::UniqueMissing { declared: unique(&["sid"]), nearest: None, wider };
    assert_eq!(sql(&change, &declared, &declared), "-");
}

#[rstest]
#[case::where_there_is_none(Dialect::Postgres, &[], None, r#"ALTER TABLE "call" ADD PRIMARY KEY ("id", "sid")"#)]
#[case::on_mariadb(Dialect::MariaDb, &[], None, "ALTER TABLE `call` ADD PRIMARY KEY (`id`, `sid`)")]
#[case::not_on_sqlite(Dialect::Sqlite, &[], None, "-")]
#[case::not_beside_another(Dialect::Postgres, &["agent"], None, "-")]
#[case::not_beside_an_index_that_does_the_same(Dialect::Postgres, &[], Some(unique(&["id", "sid"])), "-")]
fn a_primary_key_is_added(
    #[case] dialect: Dialect,
    #[case] live: &[&str],
    #[case] equivalent: Option<Index>,
    #[case] expected: &str,
) {
    let key = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let sides = Sides { declared: key(&["id", "sid"]), live: key(live) };
    let change = Change::PrimaryKey { sides, restrictions: Vec::new(), equivalent };
    let declared = table(dialect);
    assert_eq!(sql_of(&change, &declared, &declared, dialect), expected);
}

#[rstest]
#[case::not_validated(Validity::NotValidated, r#"ALTER TABLE "call" VALIDATE CONSTRAINT "fk-call-agent""#)]
#[case::not_enforced(Validity::NotEnforced, r#"ALTER TABLE "call" ALTER CONSTRAINT "fk-call-agent" ENFORCED"#)]
#[case::disabled(
    Validity::Disabled,
    r#"ALTER TABLE "call" ENABLE TRIGGER ALL; ALTER TABLE "agent" ENABLE TRIGGER ALL"#
)]
#[case::broken(Validity::Broken, "-")]
fn a_foreign_key_is_enforced_again(#[case] validity: Validity, #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let change = |live| Change::ForeignKey { sides: Sides { declared: key(), live } };
    let live = ForeignKey { validity, ..key() };
    assert_eq!(sql(&change(live.clone()), &declared, &declared), expected);
    assert_eq!(sql_of(&change(live.clone()), &declared, &declared, Dialect::MariaDb), "-");
    let other = ForeignKey { on_delete: Action::SetNull, ..live };
    assert_eq!(sql(&change(other), &declared, &declared), "-", "it would have to go first");
}

#[test]
fn a_foreign_key_of_another_schema_is_out_of_reach_of_mariadb() {
    let dialect = Dialect::MariaDb;
    let declared = table(dialect);
    let target = TableName { schema: Some("crm".to_owned()), name: "agent".to_owned() };
    let change = Change::ForeignKeyMissing { declared: ForeignKey { target, ..key() }, nearest: None };
    assert_eq!(sql_of(&change, &declared, &declared, dialect), "-");
    let change = Change::ForeignKeyMissing { declared: key(), nearest: None };
    assert_ne!(sql_of(&change, &declared, &declared, dialect), "-");
    assert_eq!(sql_of(&change, &declared, &declared, Dialect::Sqlite), "-", "which adds none to a table");
}

pub(super) fn check() -> Check {
    Check { name: String::new(), text: "(agent > 0)".to_owned(), columns: vec!["agent".to_owned()] }
}

#[test]
fn a_check_gets_a_free_name() {
    let declared = table(Dialect::Postgres);
    let change = Change::CheckMissing { declared: check() };
    let add = |name: &str| format!(r#"ALTER TABLE "call" ADD CONSTRAINT "{name}" CHECK (agent > 0)"#);
    assert_eq!(sql(&change, &declared, &declared), add("call_agent_check"));
    let named = Check { name: "call_agent_check".to_owned(), ..check() };
    let beside = Table { checks: vec![named], ..declared.clone() };
    assert_eq!(sql(&change, &declared, &beside), add("call_agent_check-2"));
    let idle = Table { idle_checks: vec!["call_agent_check".to_owned()], ..declared.clone() };
    let repair = repaired(&change, &declared, Some(&idle), Dialect::Postgres).unwrap();
    assert_eq!(repair.sql, [add("call_agent_check-2")]);
    assert!(repair.remarks.contains(&"call_agent_check is not enforced, and stays beside it".to_owned()), "{repair:?}");
    assert_eq!(sql(&change, &declared, &Table { ignores_checks: true, ..declared.clone() }), "-", "it may have it");
    assert_eq!(sql_of(&change, &declared, &declared, Dialect::Sqlite), "-");
}

/// The search path may lead to an older copy of the table: what it lacks is not added.
#[test]
fn an_older_table_before_another_is_left_alone() {
    let dialect = Dialect::Postgres;
    let with = |names: &[&str]| Table {
        columns: names.iter().map(|name| column(name, "text", dialect)).collect(),
        ..Table::new(TableName::unqualified("call"))
    };
    let (declared, older) = (with(&["sid", "mode"]), with(&["sid"]));
    let hiding = |table: &Table| Table { shadows: vec!["public".to_owned()], ..table.clone() };
    assert_eq!(sql(&no_column(dialect), &declared, &older), COLUMN);
    assert_eq!(sql(&no_column(dialect), &declared, &hiding(&older)), "-");
    assert_eq!(sql(&no_index(), &declared, &hiding(&older)), "-");
    assert_eq!(sql(&no_index(), &declared, &hiding(&declared)), INDEX);
}

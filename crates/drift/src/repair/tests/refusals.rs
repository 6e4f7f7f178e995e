//! What is repaired on which table, and what is left alone.

use rstest::rstest;

use super::*;
use crate::{
    change::DefaultEffect,
    model::{CounterKind, NextValue, Writability},
};

/// The SQL of the repair; `-` for none.
fn sql(change: &Change, declared: &Table, live: &Table) -> String {
    sql_of(change, declared, live, Dialect::Postgres)
}

fn sql_of(change: &Change, declared: &Table, live: &Table, dialect: Dialect) -> String {
    repaired(change, declared, Some(live), dialect).map_or_else(|| "-".to_owned(), |repair| repair.sql.join("; "))
}

fn no_index() -> Change {
    let declared = Index { uniqueness: Uniqueness::Plain, ..unique(&["sid"]) };
    Change::IndexMissing { declared, nearest: None, substitute: None }
}

fn no_unique() -> Change {
    Change::UniqueMissing { declared: unique(&["sid"]), nearest: None, wider: None }
}

fn no_column(dialect: Dialect) -> Change {
    Change::ColumnMissing { declared: column("mode", "text", dialect), similar: Vec::new() }
}

fn not_null() -> Change {
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
const NULLABLE: &str = r#"ALTER TABLE "call" ALTER COLUMN "sid" DROP NOT NULL"#;
const WIDER: &str = r#"ALTER TABLE "call" ALTER COLUMN "sid" TYPE varchar(64)"#;

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
    #[case] substitute: Option<Index>,
    #[case] expected: &str,
) {
    let key = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let sides = Sides { declared: key(&["id", "sid"]), live: key(live) };
    let change = Change::PrimaryKey { sides, restrictions: Vec::new(), substitute };
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

fn check() -> Check {
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

#[rstest]
#[case::plain(|_: &mut Table| {}, NULLABLE)]
#[case::of_the_key(|table: &mut Table| table.primary_key.push("sid".to_owned()), "-")]
#[case::that_is_computed(|table: &mut Table| table.columns[1].generation = Generation::Computed, "-")]
#[case::that_is_numbered(|table: &mut Table| table.columns[1].generation = Generation::AutoIncrement, "-")]
#[case::of_a_domain_that_is_not_null(|table: &mut Table| table.columns[1].domain = Some("d".into()), "-")]
fn null_is_allowed_in_a_column(#[case] make: fn(&mut Table), #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let mut live = declared.clone();
    make(&mut live);
    assert_eq!(sql(&not_null(), &declared, &live), expected);
    assert_eq!(sql_of(&not_null(), &declared, &live, Dialect::Sqlite), "-");
}

fn with_labels(name: Option<&str>) -> ColumnType {
    let kind = LogicalType::Enum { name: name.map(str::to_owned), labels: vec!["a".to_owned(), "it's".to_owned()] };
    ColumnType { field: kind.clone(), kind, ..column_type(name.unwrap_or("text"), Dialect::Postgres) }
}

#[rstest]
#[case::of_a_type(Some("mood"), None, &["it's"], &[], r#"ALTER TYPE "mood" ADD VALUE E'it\'s'"#)]
#[case::of_a_type_that_has_more(Some("mood"), None, &["a"], &["z"], r#"ALTER TYPE "mood" ADD VALUE 'a'"#)]
#[case::of_a_type_of_a_schema(Some("mood"), Some("app"), &["a"], &[], r#"ALTER TYPE "app"."mood" ADD VALUE 'a'"#)]
#[case::of_a_type_that_has_them(Some("mood"), None, &[], &["z"], "-")]
fn labels_are_added(
    #[case] name: Option<&str>,
    #[case] schema: Option<&str>,
    #[case] missing: &[&str],
    #[case] unexpected: &[&str],
    #[case] expected: &str,
) {
    let labels = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
    let mut declared = table(Dialect::Postgres);
    declared.columns[1].ty = with_labels(name);
    let mut live = declared.clone();
    live.columns[1].type_schema = schema.map(Into::into);
    let change =
        Change::EnumLabels { column: "sid".to_owned(), missing: labels(missing), unexpected: labels(unexpected) };
    assert_eq!(sql(&change, &declared, &live), expected);
}

#[rstest]
#[case::which_has_no_others(&[], r"ALTER TABLE `call` MODIFY COLUMN `sid` enum('a','it\'s') NULL")]
#[case::which_has_others_that_rows_may_hold(&["z"], "-")]
fn the_labels_of_a_column_are_added(#[case] unexpected: &[&str], #[case] expected: &str) {
    let mut declared = table(Dialect::MariaDb);
    declared.columns[1].ty = with_labels(None);
    let unexpected = unexpected.iter().map(|&label| label.to_owned()).collect();
    let change = Change::EnumLabels { column: "sid".to_owned(), missing: vec!["it's".to_owned()], unexpected };
    assert_eq!(sql_of(&change, &declared, &declared, Dialect::MariaDb), expected);
}

#[rstest]
#[case::of_a_table(Dialect::Postgres, Some("reader"), Privilege::Select, &[], r#"GRANT SELECT ON "call" TO "reader""#)]
#[case::of_columns(
    Dialect::Postgres, Some("reader"), Privilege::Update, &["sid", "agent"],
    r#"GRANT UPDATE ("sid", "agent") ON "call" TO "reader""#
)]
#[case::of_a_sequence(
    Dialect::Postgres, Some("reader"), Privilege::Usage, &["id"], r#"GRANT USAGE ON SEQUENCE call_id_seq TO "reader""#
)]
#[case::to_a_role_of_mariadb(
    Dialect::MariaDb, Some("reader@%"), Privilege::Insert, &[], "GRANT INSERT ON `call` TO 'reader'@'%'"
)]
#[case::to_nobody_known(Dialect::Postgres, None, Privilege::Select, &[], "-")]
#[case::on_sqlite(Dialect::Sqlite, Some("reader"), Privilege::Select, &[], "-")]
fn a_privilege_is_granted(
    #[case] dialect: Dialect,
    #[case] role: Option<&str>,
    #[case] privilege: Privilege,
    #[case] columns: &[&str],
    #[case] expected: &str,
) {
    let declared = table(dialect);
    let mut live = declared.clone();
    live.columns[0].denied.push(Privilege::Usage);
    for column in &mut live.columns[..2] {
        column.sequence = Some(Box::new(sequence(&format!("call_{}_seq", column.name), 1)));
    }
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    let change = Change::PrivilegeMissing { privilege, columns, on_omit: OnOmit::Stored };
    let context = Context { declared: &declared, live: Some(&live), role, types: &[], taken: &[], dialect };
    let sql = repair(&change, context).map_or_else(|| "-".to_owned(), |repair| repair.sql.join("; "));
    assert_eq!(sql, expected);
}

fn sequence(name: &str, increment: i128) -> Sequence {
    Sequence {
        name: name.to_owned(),
        kind: CounterKind::Sequence,
        next: None,
        increment,
        first: 1,
        last: 100,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Taken,
    }
}

#[rstest]
#[case::that_counts_up(sequence("numbers", 1), r#"SELECT setval('numbers', (SELECT max("id") FROM "call"))"#)]
#[case::that_counts_down(sequence("numbers", -1), "-")]
#[case::that_begins_again(Sequence { cycles: true, ..sequence("numbers", 1) }, "-")]
fn a_sequence_is_set_past_the_rows(#[case] sequence: Sequence, #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let change = Change::SequenceBehind { column: "id".to_owned(), sequence };
    assert_eq!(sql(&change, &declared, &declared), expected);
}

#[rstest]
#[case::of_two_bytes(32_767, "ALTER SEQUENCE numbers AS smallint MAXVALUE 32767")]
#[case::of_four_bytes(2_147_483_647, "ALTER SEQUENCE numbers AS integer MAXVALUE 2147483647")]
#[case::of_eight_bytes(i128::from(i64::MAX), "ALTER SEQUENCE numbers AS bigint MAXVALUE 9223372036854775807")]
#[case::that_it_has(100, "-")]
fn a_sequence_gets_the_end(#[case] largest: i128, #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let change = Change::SequenceNarrower { column: "id".to_owned(), sequence: sequence("numbers", 1), largest };
    assert_eq!(sql(&change, &declared, &declared), expected);
}

#[rstest]
#[case::by_nobody(Dialect::Postgres, &[], None)]
#[case::on_postgres(Dialect::Postgres, &["calls"], Some(r#"ALTER TABLE "app"."calls" RENAME TO "call""#))]
#[case::on_mariadb(Dialect::MariaDb, &["calls"], Some("ALTER TABLE `app`.`calls` RENAME TO `app`.`call`"))]
#[case::with_two_candidates(Dialect::Postgres, &["calls", "old"], Some("-"))]
fn a_table_may_have_been_renamed(#[case] dialect: Dialect, #[case] similar: &[&str], #[case] expected: Option<&str>) {
    let name = TableName { schema: Some("app".to_owned()), name: "call".to_owned() };
    let declared = Table { name, ..table(dialect) };
    let similar = similar.iter().map(|&name| name.to_owned()).collect();
    let change = Change::TableMissing { elsewhere: Vec::new(), similar };
    let sql =
        repaired(&change, &declared, None, dialect).map_or_else(|| "-".to_owned(), |repair| repair.sql.join("; "));
    match expected {
        Some(expected) => assert_eq!(sql, expected),
        None => assert!(sql.starts_with(r#"CREATE TABLE "app"."call""#), "{sql}"),
    }
}

#[rstest]
#[case::of_the_same_kind(
    "varchar(8)",
    "varchar(16)",
    "'a'",
    r#"ALTER TABLE "call" ALTER COLUMN "sid" SET DEFAULT 'a'"#
)]
#[case::of_another_kind("varchar(8)", "integer", "'a'", "-")]
#[case::that_is_too_long("varchar(8)", "varchar(2)", "'abc'", "-")]
fn a_default_is_set_in_a_column(
    #[case] declared: &str,
    #[case] live: &str,
    #[case] value: &str,
    #[case] expected: &str,
) {
    let with = |ty: &str| {
        let mut table = table(Dialect::Postgres);
        table.columns[1].ty = column_type(ty, Dialect::Postgres);
        table
    };
    let value = Some(DefaultValue::Literal(value.trim_matches('\'').to_owned()));
    let change = Change::Default {
        column: "sid".to_owned(),
        sides: Sides { declared: value, live: None },
        nullability: Nullability::Nullable,
        effect: DefaultEffect::Stored,
    };
    assert_eq!(sql(&change, &with(declared), &with(live)), expected);
    assert_eq!(sql_of(&change, &with(declared), &with(live), Dialect::Sqlite), "-");
}

#[test]
fn new_columns_of_a_table_are_added_at_once() {
    let declared = table(Dialect::Postgres);
    let other = Table { name: TableName::unqualified("agent"), ..declared.clone() };
    let add = |table: &Table, name: &str| {
        let column = Column { nullability: Nullability::NotNull, ..column(name, "text", Dialect::Postgres) };
        let change = Change::ColumnMissing { declared: column, similar: Vec::new() };
        repaired(&change, table, Some(table), Dialect::Postgres).unwrap()
    };
    let [one, two, three] = [add(&declared, "one"), add(&declared, "two"), add(&other, "three")];
    let merged = |repairs: &[&Repair]| super::super::merged(repairs, Dialect::Postgres);
    let all = merged(&[&one, &two, &three]).unwrap();
    assert_eq!(
        all.sql,
        [
            r#"ALTER TABLE "call" ADD COLUMN "one" text, ADD COLUMN "two" text"#,
            r#"ALTER TABLE "agent" ADD COLUMN "three" text"#
        ]
    );
    assert_eq!(all.remarks, ["added as nullable; back-fill it, then set NOT NULL"], "once");
    assert_eq!(merged(&[]), None);

    let raw = |text: &str| Repair::of(Plan::raw([text.to_owned()]), Dialect::Postgres);
    let [a, b] = [raw("CREATE TYPE a"), raw("CREATE TYPE b")];
    assert_eq!(merged(&[&a, &a, &b]).unwrap().sql, ["CREATE TYPE a", "CREATE TYPE b"]);
}

#[rstest]
#[case::of_a_plain_column(|_: &mut Column| {}, true)]
#[case::not_of_one_with_nulls(|column: &mut Column| column.nullability = Nullability::Nullable, false)]
#[case::not_of_one_with_a_default(|column: &mut Column| column.default = Some(DefaultValue::Literal("7".to_owned())), false)]
fn a_generator_is_added(#[case] make: fn(&mut Column), #[case] is_added: bool) {
    for dialect in [Dialect::Postgres, Dialect::MariaDb] {
        let declared = table(dialect);
        let mut live = declared.clone();
        live.columns[0].generation = Generation::Supplied;
        make(&mut live.columns[0]);
        let sides = Sides { declared: Generation::AutoIncrement, live: Generation::Supplied };
        let change = Change::Generation { column: "id".to_owned(), sides, nullability: Nullability::NotNull };
        let sql = sql_of(&change, &declared, &live, dialect);
        let expected = match dialect {
            _ if !is_added => "-",
            Dialect::Postgres => {
                r#"ALTER TABLE "call" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY; SELECT setval("#
            }
            _ => "ALTER TABLE `call` MODIFY COLUMN `id` int NOT NULL AUTO_INCREMENT",
        };
        assert!(sql.starts_with(expected), "{sql}");
        if dialect == Dialect::MariaDb {
            live.primary_key = vec!["sid".to_owned(), "id".to_owned()];
            assert_eq!(sql_of(&change, &declared, &live, dialect), "-", "a key must begin with it");
        }
    }
}

#[test]
fn an_identity_takes_values_again() {
    let declared = table(Dialect::Postgres);
    let mut live = declared.clone();
    live.columns[0].generation = Generation::AlwaysIdentity;
    let sides = Sides { declared: Generation::AutoIncrement, live: Generation::AlwaysIdentity };
    let change = Change::Generation { column: "id".to_owned(), sides, nullability: Nullability::NotNull };
    assert_eq!(sql(&change, &declared, &live), r#"ALTER TABLE "call" ALTER COLUMN "id" SET GENERATED BY DEFAULT"#);
}

/// MODIFY would drop what it does not repeat.
#[rstest]
#[case::alone(|_: &mut Table| {}, true)]
#[case::with_a_check(|table: &mut Table| table.checks.push(Check { columns: vec!["sid".to_owned()], ..check() }), false)]
#[case::beside_a_check_of_another(|table: &mut Table| table.checks.push(check()), true)]
#[case::with_a_collation(
    |table: &mut Table| {
        table.columns[1].collation = Some(Box::new(crate::model::Collation {
            name: "latin1_bin".to_owned(),
            equality: crate::model::Equality::AsDefault,
            coverage: crate::model::CharsetCoverage::Limited,
        }));
    },
    false
)]
fn a_column_of_mariadb_is_restated(#[case] make: fn(&mut Table), #[case] is_restated: bool) {
    let declared = table(Dialect::MariaDb);
    let mut live = declared.clone();
    live.columns[1].nullability = Nullability::NotNull;
    make(&mut live);
    let sql = sql_of(&not_null(), &declared, &live, Dialect::MariaDb);
    assert_eq!(sql, if is_restated { "ALTER TABLE `call` MODIFY COLUMN `sid` varchar(64) NULL" } else { "-" });
}

#[rstest]
#[case::its_own("by_sid", &["sid"], &[], "by_sid")]
#[case::none(".", &["sid"], &[], "idx-call-sid")]
#[case::that_of_its_column("sid", &["sid"], &[], "idx-call-sid")]
#[case::that_of_one_of_its_columns("sid", &["sid", "agent"], &[], "sid")]
#[case::one_that_is_taken("by_sid", &["sid"], &["BY_SID"], "by_sid-2")]
fn an_index_has_the_name(#[case] name: &str, #[case] columns: &[&str], #[case] taken: &[&str], #[case] expected: &str) {
    let taken: Vec<String> = taken.iter().map(|&name| name.to_owned()).collect();
    let index = Index { name: name.trim_matches('.').to_owned(), ..unique(columns) };
    assert_eq!(index_name(&index, &TableName::unqualified("call"), &taken), expected);
}

#[rstest]
#[case::whose_default_must_be_an_expression(
    Dialect::MySql, "text", Some(DefaultValue::Literal("a".to_owned())), Generation::Supplied, "text DEFAULT ('a')"
)]
#[case::whose_default_is_a_constant(
    Dialect::MariaDb, "text", Some(DefaultValue::Literal("a".to_owned())), Generation::Supplied, "text DEFAULT 'a'"
)]
#[case::with_digits_of_a_second(
    Dialect::MariaDb,
    "datetime(3)",
    Some(DefaultValue::CurrentTimestamp),
    Generation::Supplied,
    "datetime(3) DEFAULT (CURRENT_TIMESTAMP(3))"
)]
#[case::without_digits_of_a_second(
    Dialect::MariaDb,
    "datetime",
    Some(DefaultValue::CurrentTimestamp),
    Generation::Supplied,
    "datetime DEFAULT CURRENT_TIMESTAMP"
)]
#[case::that_takes_null_in_spite_of_its_type(
    Dialect::MariaDb,
    "timestamp",
    None,
    Generation::Supplied,
    "timestamp NULL"
)]
#[case::that_is_a_truth(
    Dialect::Postgres, "boolean", Some(DefaultValue::Literal("t".to_owned())), Generation::Supplied, "bool DEFAULT TRUE"
)]
#[case::that_is_a_large_number(
    Dialect::Postgres, "bigint", Some(DefaultValue::Literal("5000000000".to_owned())), Generation::Supplied,
    "bigint DEFAULT 5000000000"
)]
#[case::that_is_a_fraction(
    Dialect::Postgres, "double precision", Some(DefaultValue::Literal("1.5".to_owned())), Generation::Supplied,
    "double precision DEFAULT 1.5"
)]
#[case::that_is_a_text_of_digits(
    Dialect::Postgres, "text", Some(DefaultValue::Literal("7".to_owned())), Generation::Supplied, "text DEFAULT '7'"
)]
#[case::that_is_an_identity(
    Dialect::Postgres,
    "bigint",
    None,
    Generation::AlwaysIdentity,
    "bigint GENERATED ALWAYS AS IDENTITY"
)]
fn a_column_is_added(
    #[case] dialect: Dialect,
    #[case] ty: &str,
    #[case] default: Option<DefaultValue>,
    #[case] generation: Generation,
    #[case] expected: &str,
) {
    let declared = table(dialect);
    let column = Column { default, generation, ..column("extra", ty, dialect) };
    let change = Change::ColumnMissing { declared: column, similar: Vec::new() };
    let sql = sql_of(&change, &declared, &declared, dialect);
    let [table, name] = ["call", "extra"].map(|name| super::super::quote::quoted(name, dialect));
    assert_eq!(sql, format!("ALTER TABLE {table} ADD COLUMN {name} {expected}"));
}

#[test]
fn a_table_is_created_with_its_types_once() {
    let mut declared = table(Dialect::Postgres);
    declared.columns[1].ty = with_labels(Some("mood"));
    declared.columns[2].ty = with_labels(Some("mood"));
    declared.columns.push(column("area", "geometry", Dialect::Postgres));
    declared.primary_key.push("sid".to_owned());
    declared.foreign_keys = vec![ForeignKey { target: declared.name.clone(), ..key() }];
    let missing = Change::TableMissing { elsewhere: Vec::new(), similar: Vec::new() };
    let create = |types: &[String]| {
        let context =
            Context { declared: &declared, live: None, role: None, types, taken: &[], dialect: Dialect::Postgres };
        repair(&missing, context).unwrap()
    };
    let new = create(&[]);
    assert_eq!(new.sql.len(), 2, "{:?}", new.sql);
    assert!(new.sql[0].contains(r#"CREATE TYPE "mood" AS ENUM ('a', E'it\'s')"#), "{:?}", new.sql);
    assert!(new.sql[1].contains(r#"PRIMARY KEY ("id", "sid")"#), "{:?}", new.sql);
    assert_eq!(new.remarks, ["create the type geometry first"], "the table itself is there");
    assert_eq!(create(&["mood".to_owned()]).sql.len(), 1, "the type exists");
    assert_eq!(create(&["other".to_owned()]).sql.len(), 2);
}

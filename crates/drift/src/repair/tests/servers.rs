//! What a server refuses to alter, and what it makes of an `ALTER TABLE`.

use rstest::rstest;

use super::{
    refusals::{sql, sql_of},
    *,
};
use crate::model::{PartitionMethod, Partitions};

fn of_type(dialect: Dialect) -> Change {
    let sides = Sides { declared: column_type("varchar(64)", dialect), live: column_type("varchar(16)", dialect) };
    Change::Type { column: "sid".to_owned(), sides }
}

fn partitioned_by(column: &str) -> Partitions {
    Partitions {
        method: PartitionMethod::Range,
        key: format!("({column})"),
        columns: vec![column.to_owned()],
        bounds: Vec::new(),
        now: String::new(),
        tomorrow: String::new(),
    }
}

fn key_of(column: &str) -> Vec<ForeignKey> {
    vec![ForeignKey { columns: vec![column.to_owned()], ..key() }]
}

/// The type of `sid`, whose values the change would widen.
#[rstest]
#[case::no_column(Dialect::Postgres, |_: &mut Table| {}, true)]
#[case::a_partition_key(Dialect::Postgres, |table: &mut Table| table.partitions = Some(partitioned_by("sid")), false)]
#[case::a_partition_key_of_another(Dialect::Postgres, |table: &mut Table| table.partitions = Some(partitioned_by("agent")), true)]
#[case::a_partition_key_of_mariadb(Dialect::MariaDb, |table: &mut Table| table.partitions = Some(partitioned_by("sid")), true)]
#[case::a_foreign_key(Dialect::Postgres, |table: &mut Table| table.foreign_keys = key_of("sid"), true)]
#[case::a_foreign_key_of_mariadb(Dialect::MariaDb, |table: &mut Table| table.foreign_keys = key_of("SID"), false)]
#[case::a_foreign_key_of_mysql(Dialect::MySql, |table: &mut Table| table.foreign_keys = key_of("sid"), false)]
#[case::a_foreign_key_of_another_column(Dialect::MariaDb, |table: &mut Table| table.foreign_keys = key_of("agent"), true)]
#[case::a_view(Dialect::Postgres, |table: &mut Table| table.held_columns = vec!["sid".to_owned()], false)]
#[case::a_parent(Dialect::Postgres, |table: &mut Table| table.is_child = true, false)]
#[case::a_computed_column(Dialect::Postgres, |table: &mut Table| table.columns[1].generation = Generation::Computed, false)]
fn a_type_is_not_altered_if_it_belongs_to(
    #[case] dialect: Dialect,
    #[case] make: fn(&mut Table),
    #[case] is_altered: bool,
) {
    let declared = table(dialect);
    let mut live = declared.clone();
    live.columns[1].ty = column_type("varchar(16)", dialect);
    make(&mut live);
    assert_eq!(sql_of(&of_type(dialect), &declared, &live, dialect) != "-", is_altered);
}

#[rstest]
#[case::of_the_replica_identity(&["sid"], "-")]
#[case::of_none(&["agent"], super::refusals::NULLABLE)]
fn null_is_not_allowed_in_a_column(#[case] identity: &[&str], #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let identity_columns = identity.iter().map(|&column| column.to_owned()).collect();
    let live = Table { identity_columns, ..declared.clone() };
    assert_eq!(sql(&super::refusals::not_null(), &declared, &live), expected);
}

#[test]
fn no_column_is_added_to_a_strict_table() {
    let declared = table(Dialect::Sqlite);
    let mut live = declared.clone();
    let change =
        Change::ColumnMissing { declared: column("mode", "text", Dialect::Sqlite), rename_candidates: Vec::new() };
    assert_eq!(sql_of(&change, &declared, &live, Dialect::Sqlite), r#"ALTER TABLE "call" ADD COLUMN "mode" text"#);
    live.columns[2].ty.is_strict = true;
    assert_eq!(sql_of(&change, &declared, &live, Dialect::Sqlite), "-");
}

/// A table of MySQL has one.
#[rstest]
#[case::beside_none(Dialect::MariaDb, Generation::Supplied, true)]
#[case::beside_another(Dialect::MariaDb, Generation::AutoIncrement, false)]
#[case::beside_another_of_mysql(Dialect::MySql, Generation::AutoIncrement, false)]
#[case::beside_another_of_postgres(Dialect::Postgres, Generation::AutoIncrement, true)]
fn a_counter_is_added(#[case] dialect: Dialect, #[case] other: Generation, #[case] is_added: bool) {
    let declared = table(dialect);
    let mut live = declared.clone();
    live.columns[0].generation = Generation::Supplied;
    live.columns[2].generation = other;
    let sides = Sides { declared: Generation::AutoIncrement, live: Generation::Supplied };
    let change = Change::Generation { column: "id".to_owned(), sides, nullability: Nullability::NotNull };
    assert_eq!(sql_of(&change, &declared, &live, dialect) != "-", is_added);
}

#[rstest]
#[case::of_the_same_type(Dialect::MariaDb, RelationKind::Table, "int", true)]
#[case::of_another_type(Dialect::MariaDb, RelationKind::Table, "bigint", false)]
#[case::of_another_type_of_mysql(Dialect::MySql, RelationKind::Table, "bigint", false)]
#[case::of_another_type_of_postgres(Dialect::Postgres, RelationKind::Table, "bigint", true)]
#[case::of_a_partitioned_table(Dialect::MariaDb, RelationKind::Partitioned, "int", false)]
#[case::of_an_engine_without_keys(
    Dialect::MariaDb,
    RelationKind::WithoutTransactions("MyISAM".to_owned()),
    "int",
    false
)]
#[case::of_a_partitioned_table_of_postgres(Dialect::Postgres, RelationKind::Partitioned, "integer", true)]
fn a_foreign_key_is_added(
    #[case] dialect: Dialect,
    #[case] relation: RelationKind,
    #[case] ty: &str,
    #[case] is_added: bool,
) {
    let declared = table(dialect);
    let mut live = Table { relation, ..declared.clone() };
    live.columns[2].ty = column_type(ty, dialect);
    let change = Change::ForeignKeyMissing { declared: key(), nearest: None };
    assert_eq!(sql_of(&change, &declared, &live, dialect) != "-", is_added);
}

/// What a person should know before a type is widened.
#[rstest]
#[case::a_number("bigint", "integer", true)]
#[case::a_float("double precision", "real", true)]
#[case::a_padded_text("char(8)", "char(4)", true)]
#[case::a_text("text", "varchar(8)", false)]
#[case::a_decimal("numeric(12,2)", "numeric(10,2)", false)]
fn postgres_rewrites_the_table_for(#[case] declared_type: &str, #[case] live_type: &str, #[case] expected: bool) {
    let with = |ty: &str| {
        let mut table = table(Dialect::Postgres);
        table.columns[1].ty = column_type(ty, Dialect::Postgres);
        table
    };
    let (declared, live) = (with(declared_type), with(live_type));
    let sides = Sides { declared: declared.columns[1].ty.clone(), live: live.columns[1].ty.clone() };
    let change = Change::Type { column: "sid".to_owned(), sides };
    let repair = repaired(&change, &declared, Some(&live), Dialect::Postgres).unwrap();
    assert_eq!(repair.remarks.iter().any(|remark| remark.starts_with("rewrites the table")), expected, "{repair:?}");
}

/// An index of MySQL over a text needs a length.
#[rstest]
#[case::a_text(&["sid"], "text", false)]
#[case::a_text_without_an_index(&["agent"], "text", true)]
#[case::a_longer_text(&["sid"], "varchar(64)", true)]
fn a_column_of_mariadb_becomes(#[case] indexed: &[&str], #[case] ty: &str, #[case] is_altered: bool) {
    let dialect = Dialect::MariaDb;
    let (mut declared, mut live) = (table(dialect), table(dialect));
    declared.columns[1].ty = column_type(ty, dialect);
    live.columns[1].ty = column_type("varchar(16)", dialect);
    live.indexes = vec![Index { uniqueness: Uniqueness::Plain, ..unique(indexed) }];
    let sides = Sides { declared: declared.columns[1].ty.clone(), live: live.columns[1].ty.clone() };
    let change = Change::Type { column: "sid".to_owned(), sides };
    assert_eq!(sql_of(&change, &declared, &live, dialect) != "-", is_altered);
}

#[test]
fn a_default_of_mariadb_is_set_alone() {
    let declared = table(Dialect::MariaDb);
    let set = |default: DefaultValue| {
        let change = Change::Default {
            column: "sid".to_owned(),
            sides: Sides { declared: Some(default), live: None },
            nullability: Nullability::Nullable,
            effect: crate::change::DefaultEffect::Stored,
        };
        sql_of(&change, &declared, &declared, Dialect::MariaDb)
    };
    assert_eq!(set(DefaultValue::Literal("a".to_owned())), "ALTER TABLE `call` ALTER COLUMN `sid` SET DEFAULT 'a'");
    assert_eq!(
        set(DefaultValue::Expression("uuid()".to_owned())),
        "ALTER TABLE `call` ALTER COLUMN `sid` SET DEFAULT (uuid())"
    );
}

#[rstest]
#[case::by_nobody(&[], true)]
#[case::by_a_type(&["call"], false)]
#[case::by_another_name(&["calls"], true)]
fn a_table_is_created_if_its_name_is_taken(#[case] taken: &[&str], #[case] is_created: bool) {
    let declared = table(Dialect::Postgres);
    let taken: Vec<String> = taken.iter().map(|&name| name.to_owned()).collect();
    let missing = Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() };
    let context = Context {
        declared: &declared,
        live: None,
        role: None,
        tables: &[],
        types: &[],
        taken: &taken,
        dialect: Dialect::Postgres,
    };
    assert_eq!(repair(&missing, context).is_some(), is_created);
}

/// The first index that fails is built again only if nothing else is wrong with it.
#[rstest]
#[case::of_postgres(Dialect::Postgres, RelationKind::Table, Uniqueness::Unique, &[IndexRestriction::Unbuilt], true)]
#[case::of_a_partitioned_table(
    Dialect::Postgres, RelationKind::Partitioned, Uniqueness::Plain, &[IndexRestriction::Unbuilt], false
)]
#[case::that_is_not_unique(
    Dialect::Postgres, RelationKind::Table, Uniqueness::Plain, &[IndexRestriction::Unbuilt], false
)]
#[case::without_a_fault(Dialect::Postgres, RelationKind::Table, Uniqueness::Unique, &[], false)]
#[case::of_some_rows(
    Dialect::Postgres, RelationKind::Table, Uniqueness::Unique,
    &[IndexRestriction::Invalid, IndexRestriction::Partial], false
)]
#[case::of_mariadb(Dialect::MariaDb, RelationKind::Table, Uniqueness::Unique, &[IndexRestriction::Invalid], false)]
fn an_index_is_built_again(
    #[case] dialect: Dialect,
    #[case] relation: RelationKind,
    #[case] uniqueness: Uniqueness,
    #[case] restrictions: &[IndexRestriction],
    #[case] expected: bool,
) {
    let declared = table(dialect);
    let is_partitioned = relation == RelationKind::Partitioned;
    let live = Table { relation, ..declared.clone() };
    let nearest =
        Some(Index { name: "old".to_owned(), restrictions: restrictions.to_vec(), uniqueness, ..unique(&["sid"]) });
    // A partitioned table gets no unique index at all.
    let change = if is_partitioned {
        let declared = Index { uniqueness, ..unique(&["sid"]) };
        Change::IndexMissing { declared, nearest, longer: None }
    } else {
        Change::UniqueMissing { declared: unique(&["sid"]), nearest, wider: None }
    };
    let sql = sql_of(&change, &declared, &live, dialect);
    assert_eq!(sql.starts_with("REINDEX"), expected, "{sql}");
}

/// What is said of the index that does not serve.
#[rstest]
#[case::a_unique_one(Uniqueness::Unique, &[IndexRestriction::Prefix], "goes on rejecting")]
#[case::a_unique_one_of_some_rows(Uniqueness::Unique, &[IndexRestriction::Partial], "if no query needs it")]
#[case::a_plain_one(Uniqueness::Plain, &[], "if no query needs it")]
fn the_nearest_index_stays(
    #[case] uniqueness: Uniqueness,
    #[case] restrictions: &[IndexRestriction],
    #[case] expected: &str,
) {
    let declared = table(Dialect::MariaDb);
    let nearest =
        Some(Index { name: "old".to_owned(), restrictions: restrictions.to_vec(), uniqueness, ..unique(&["sid"]) });
    let change = Change::UniqueMissing { declared: unique(&["sid"]), nearest, wider: None };
    let remarks = repaired(&change, &declared, Some(&declared), Dialect::MariaDb).unwrap().remarks;
    assert!(remarks.last().is_some_and(|remark| remark.contains(expected)), "{remarks:?}");
}

#[test]
fn a_column_may_have_been_renamed() {
    let declared = table(Dialect::Postgres);
    let old = column("old_mode", "text", Dialect::Postgres);
    let change =
        Change::ColumnMissing { declared: column("mode", "text", Dialect::Postgres), rename_candidates: vec![old] };
    let repair = repaired(&change, &declared, Some(&declared), Dialect::Postgres).unwrap();
    assert_eq!(repair.sql, [r#"ALTER TABLE "call" RENAME COLUMN "old_mode" TO "mode""#]);
    assert_eq!(
        repair.remarks,
        [
            "only if `old_mode` is the same column: other programs may use that name",
            r#"if it is another column: ALTER TABLE "call" ADD COLUMN "mode" text"#
        ]
    );
}

/// A column that counts, or whose default is computed, may take a rewrite; its named type must exist.
#[rstest]
#[case::a_constant(|_: &mut Column| {}, &[])]
#[case::a_computed_default(
    |column: &mut Column| column.default = Some(DefaultValue::Expression("random()".to_owned())),
    &["may rewrite the table under ACCESS EXCLUSIVE: reads and writes wait"]
)]
#[case::a_counter(
    |column: &mut Column| column.generation = Generation::AutoIncrement,
    &["may rewrite the table under ACCESS EXCLUSIVE: reads and writes wait"]
)]
#[case::a_type_of_its_own(
    |column: &mut Column| column.ty = column_type("geometry", Dialect::Postgres),
    &["create the type geometry first"]
)]
#[case::no_null(
    |column: &mut Column| column.nullability = Nullability::NotNull,
    &["added as nullable; back-fill it, then set NOT NULL"]
)]
#[case::no_null_and_a_counter(
    |column: &mut Column| (column.nullability, column.generation) = (Nullability::NotNull, Generation::AutoIncrement),
    &["may rewrite the table under ACCESS EXCLUSIVE: reads and writes wait"]
)]
fn it_is_said_of_a_new_column_with(#[case] make: fn(&mut Column), #[case] expected: &[&str]) {
    let declared = table(Dialect::Postgres);
    let mut column = column("extra", "bigint", Dialect::Postgres);
    make(&mut column);
    let change = Change::ColumnMissing { declared: column, rename_candidates: Vec::new() };
    assert_eq!(repaired(&change, &declared, Some(&declared), Dialect::Postgres).unwrap().remarks, expected);
}

#[rstest]
#[case::a_counter(Dialect::MariaDb, |column: &mut Column| column.generation = Generation::AutoIncrement, false)]
#[case::a_counter_of_sqlite(Dialect::Sqlite, |column: &mut Column| column.generation = Generation::AutoIncrement, false)]
#[case::a_computed_default(Dialect::Sqlite, |column: &mut Column| column.default = Some(DefaultValue::Expression("random()".to_owned())), false)]
#[case::a_computed_default_of_mariadb(Dialect::MariaDb, |column: &mut Column| column.default = Some(DefaultValue::Expression("rand()".to_owned())), true)]
#[case::a_constant(Dialect::Sqlite, |column: &mut Column| column.default = Some(DefaultValue::Literal("1".to_owned())), true)]
fn a_column_is_added_with(#[case] dialect: Dialect, #[case] make: fn(&mut Column), #[case] is_added: bool) {
    let declared = table(dialect);
    let mut column = column("extra", "bigint", dialect);
    make(&mut column);
    let change = Change::ColumnMissing { declared: column, rename_candidates: Vec::new() };
    assert_eq!(sql_of(&change, &declared, &declared, dialect) != "-", is_added);
}

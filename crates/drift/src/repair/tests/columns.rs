//! Columns that are added and altered.

use rstest::rstest;

use super::{
    refusals::{NULLABLE, check, not_null, sql, sql_of},
    *,
};
use crate::change::DefaultEffect;

#[rstest]
#[case::plain(|_: &mut Table| {}, NULLABLE)]
#[case::of_the_key(|table: &mut Table| table.primary_key.push("sid".to_owned()), "-")]
#[case::that_is_computed(|table: &mut Table| table.columns[1].generation = Generation::Computed, "-")]
#[case::that_is_numbered(|table: &mut Table| table.columns[1].generation = Generation::AutoIncrement, "-")]
#[case::of_a_domain_that_is_not_null(|table: &mut Table| table.columns[1].has_domain = true, "-")]
fn null_is_allowed_in_a_column(#[case] make: fn(&mut Table), #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let mut live = declared.clone();
    make(&mut live);
    assert_eq!(sql(&not_null(), &declared, &live), expected);
    assert_eq!(sql_of(&not_null(), &declared, &live, Dialect::Sqlite), "-");
}

fn with_labels(name: Option<&str>) -> ColumnType {
    let kind = LogicalType::Enum { name: name.map(Into::into), labels: ["a".to_owned(), "it's".to_owned()].into() };
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
            Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite => {
                "ALTER TABLE `call` MODIFY COLUMN `id` int NOT NULL AUTO_INCREMENT"
            }
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

#[test]
fn a_key_that_the_program_gives_is_not_made_generated() {
    for dialect in [Dialect::Postgres, Dialect::MariaDb] {
        let declared = table(dialect);
        let mut live = declared.clone();
        live.columns[0].generation = Generation::AlwaysIdentity;
        let sides = Sides { declared: Generation::Supplied, live: Generation::AlwaysIdentity };
        let change = Change::Generation { column: "id".to_owned(), sides, nullability: Nullability::NotNull };
        assert_eq!(sql_of(&change, &declared, &live, dialect), "-");
    }
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
    let change = Change::ColumnMissing { declared: column, rename_candidates: Vec::new() };
    let sql = sql_of(&change, &declared, &declared, dialect);
    let [table, name] = ["call", "extra"].map(|name| super::super::quote::quoted(name, dialect));
    assert_eq!(sql, format!("ALTER TABLE {table} ADD COLUMN {name} {expected}"));
}

/// It has no GENERATED ALWAYS AS IDENTITY.
#[test]
fn a_column_of_mariadb_is_not_added_as_an_identity() {
    let declared = table(Dialect::MariaDb);
    let column = Column { generation: Generation::AlwaysIdentity, ..column("extra", "bigint", Dialect::MariaDb) };
    let change = Change::ColumnMissing { declared: column, rename_candidates: Vec::new() };
    assert_eq!(sql_of(&change, &declared, &declared, Dialect::MariaDb), "-");
}

#[test]
fn a_table_is_created_with_its_types_once() {
    let mut declared = table(Dialect::Postgres);
    declared.columns[1].ty = with_labels(Some("mood"));
    declared.columns[2].ty = with_labels(Some("mood"));
    declared.columns.push(column("area", "geometry", Dialect::Postgres));
    declared.primary_key.push("sid".to_owned());
    declared.foreign_keys = vec![ForeignKey { target: declared.name.clone(), ..key() }];
    let missing = Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() };
    let create = |types: &[String]| {
        let context = Context {
            declared: &declared,
            live: None,
            role: None,
            tables: &[],
            types,
            taken: &[],
            dialect: Dialect::Postgres,
        };
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

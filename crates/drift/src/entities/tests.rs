//! The judgements of single columns that the integration tests try on servers, without one: the live column is taken to be
//! stored as it is written.

#[path = "../../tests/it/judgements/line.rs"]
mod line;

use rstest::rstest;
use sea_orm::sea_query::ColumnDef;

use super::*;
use crate::{
    consequence::Consequence,
    model::{LogicalType, Sign},
};
use line::{Judgement, column};

#[rstest]
#[case::on_postgres(Dialect::Postgres, "postgres.txt")]
#[case::on_mariadb(Dialect::MariaDb, "mariadb.txt")]
#[case::on_sqlite(Dialect::Sqlite, "sqlite.txt")]
fn each_line_is_judged_as_it_says_without_a_server(#[case] dialect: Dialect, #[case] file: &str) {
    let judgements =
        line::read(file).into_iter().filter(|line| !line.text.ends_with(" | as catalogued")).collect::<Vec<_>>();
    let side = |declare: fn(&Judgement) -> TableCreateStatement| {
        let add = |entities: Entities, judgement| entities.add_table(declare(judgement), []);
        judgements.iter().fold(Entities::new(), add).declared(dialect)
    };
    let live = |judgement: &Judgement| judgement.table_with(judgement.live.as_deref().map(column).as_ref());
    let (declared, live) = (side(Judgement::declare), side(live));
    let report = report(&declared, &live, compare(&declared, &live));
    let mut disagreements = Vec::new();
    for judgement in &judgements {
        let (found, repair) = (judgement.found(&report), judgement.repair(&report));
        if found != judgement.findings || !judgement.is_repaired_by(repair.as_deref()) {
            let repair = repair.unwrap_or_else(|| "-".to_owned());
            disagreements.push(format!("{}\n  found {}\n  repair {repair}", judgement.text, found.join(", ")));
        }
    }
    assert!(disagreements.is_empty(), "{} disagree\n{}", disagreements.len(), disagreements.join("\n"));
}

#[rstest]
#[case::the_declared_one("bigint", None)]
#[case::the_other_one("integer", None)]
#[case::one_that_it_does_not_read("smallint", Some(Consequence::ReadsFail))]
fn a_field_may_read_more_types_than_the_declared_one(#[case] live: &str, #[case] expected: Option<Consequence>) {
    let of = |ty: ColumnType| {
        let id = ColumnDef::new_with_type("id", ty).not_null().auto_increment().primary_key().take();
        sea_orm::sea_query::Table::create().table("call").col(id).take()
    };
    let declared = Entities::new().add_table(of(ColumnType::BigInteger), []).reading("id", [ColumnType::Integer]);
    let live = match live {
        "bigint" => ColumnType::BigInteger,
        "integer" => ColumnType::Integer,
        _ => ColumnType::SmallInteger,
    };
    let (declared, live) = (declared.declared(Dialect::Postgres), Entities::new().add_table(of(live), []));
    let live = live.declared(Dialect::Postgres);
    let report = report(&declared, &live, compare(&declared, &live));
    assert_eq!(report.differences.first().map(Difference::consequence), expected);
    let recorded: Table = serde_json::from_value(serde_json::to_value(&declared.tables[0]).unwrap()).unwrap();
    assert_eq!(recorded, declared.tables[0], "the record of a release knows it, too");
}

#[test]
#[should_panic(expected = "no column `number`")]
fn a_field_that_the_entity_lacks_reads_nothing() {
    let table = sea_orm::sea_query::Table::create().table("call").col(ColumnDef::new("id").integer()).take();
    let _ = Entities::new().add_table(table, []).reading("number", [ColumnType::Integer]).declared(Dialect::Sqlite);
}

#[rstest]
#[case(ColumnType::BigInteger, Sign::Signed)]
#[case(ColumnType::BigUnsigned, Sign::Unsigned)]
fn a_field_of_64_bits_is_one_on_sqlite_too(#[case] ty: ColumnType, #[case] sign: Sign) {
    let table = sea_orm::sea_query::Table::create().table("call").col(ColumnDef::new_with_type("id", ty)).take();
    let declared = Entities::new().add_table(table, []).declared(Dialect::Sqlite);
    assert_eq!(declared.tables[0].columns[0].ty.field, LogicalType::Integer { bits: 64, sign });
}

mod sized {
    #![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sized")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub tiny: i8,
        pub byte: Option<u8>,
        pub small: u16,
        pub normal: u32,
        pub large: Option<u64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// SeaORM itself creates these columns, and sqlx gives none of their values back.
#[rstest]
#[case::on_postgres(Dialect::Postgres, &[
    ("tiny", "the field of `sized.tiny` is i8, its column is smallint", "declare the field as `i16`"),
    ("byte", "the field of `sized.byte` is u8, its column is smallint", "declare the field as `i16`"),
    ("small", "the field of `sized.small` is u16, its column is integer", "declare the field as `i32`"),
    ("normal", "the field of `sized.normal` is u32, its column is bigint", "declare the field as `i64`"),
    ("large", "the field of `sized.large` is u64, its column is bigint", "declare the field as `i64`"),
])]
#[case::on_mariadb(Dialect::MariaDb, &[])]
#[case::on_sqlite(Dialect::Sqlite, &[("large", "the field of `sized.large` is u64, its column is integer", "declare the field as `i64`")])]
fn a_field_that_no_driver_reads_is_found(#[case] dialect: Dialect, #[case] expected: &[(&str, &str, &str)]) {
    let declared = Entities::new().add(sized::Entity).declared(dialect);
    let statement = sea_orm::Schema::new(dialect.backend()).create_table_from_entity(sized::Entity);
    let live = Entities::new().add_table(statement, []).declared(dialect);
    let report = report(&declared, &live, compare(&declared, &live));
    assert_eq!(
        report.differences.iter().filter_map(|found| found.change.column()).collect::<Vec<_>>(),
        expected.iter().map(|(column, ..)| *column).collect::<Vec<_>>()
    );
    assert!(report.differences.iter().all(|found| found.consequence() == Consequence::ReadsFail));
    let text = report.to_string();
    for (_, sentence, help) in expected {
        assert!(text.contains(sentence) && text.contains(help), "{text}");
    }
}

/// SeaORM reads an `i32` for a `u32`, and then converts it.
#[test]
fn a_u32_is_read_from_an_integer_of_postgresql() {
    let declared = Entities::new().add(sized::Entity).declared(Dialect::Postgres);
    let mut live = declared.clone();
    for column in &mut live.tables[0].columns {
        column.ty = crate::declare::column_type(Some(&ColumnType::Integer), Dialect::Postgres);
    }
    let report = report(&declared, &live, compare(&declared, &live));
    let found = report.differences.iter().find(|found| found.change.column() == Some("normal")).unwrap();
    assert_eq!(found.consequence(), Consequence::WritesMayFail);
    assert!(found.change.is_fixed_in_the_entity());
    assert!(report.to_string().contains("the database rejects values that fit u32 and not integer"), "{report}");
}

/// Each is text in ISO 8601, which is what the driver reads.
#[rstest]
#[case::without_a_zone("timestamp_text")]
#[case::of_hand_written_sql("DATETIME")]
fn another_type_of_time_is_a_harmless_extra_on_sqlite(#[case] live: &'static str) {
    let of = |ty: ColumnType| {
        let at = ColumnDef::new_with_type("at", ty).not_null().take();
        let table = sea_orm::sea_query::Table::create().table("post").col(at).take();
        Entities::new().add_table(table, []).declared(Dialect::Sqlite)
    };
    let (declared, live) = (of(ColumnType::TimestampWithTimeZone), of(ColumnType::custom(live)));
    let report = report(&declared, &live, compare(&declared, &live));
    assert_eq!(report.differences.len(), 1, "{report}");
    assert!(report.is_in_sync(), "{report}");
}

use sea_orm::{
    prelude::RcOrArc,
    sea_query::{
        ColumnDef, ColumnType, Expr, ExprTrait, ForeignKey, ForeignKeyAction, Index, PgInterval, StringLen,
        Table as CreateTable,
    },
};
use serde_json::{Value, json};

use super::*;

const DIALECTS: [Dialect; 4] = [Dialect::Postgres, Dialect::MySql, Dialect::MariaDb, Dialect::Sqlite];

/// Every type that sea-query knows.
fn every_type() -> Vec<ColumnType> {
    use ColumnType::*;
    let mood = || Enum { name: "mood".into(), variants: vec!["so-so".into(), "it's fine".into()] };
    vec![
        Char(None),
        Char(Some(3)),
        String(StringLen::None),
        String(StringLen::N(40)),
        String(StringLen::Max),
        Text,
        Blob,
        TinyInteger,
        SmallInteger,
        Integer,
        BigInteger,
        TinyUnsigned,
        SmallUnsigned,
        Unsigned,
        BigUnsigned,
        Float,
        Double,
        Decimal(None),
        Decimal(Some((20, 3))),
        DateTime,
        Timestamp,
        TimestampWithTimeZone,
        Time,
        Date,
        Year,
        Interval(None, None),
        Interval(Some(PgInterval::Hour), Some(2)),
        Binary(16),
        VarBinary(StringLen::N(20)),
        VarBinary(StringLen::Max),
        Bit(None),
        Bit(Some(9)),
        VarBit(7),
        Boolean,
        Money(None),
        Money(Some((10, 2))),
        Json,
        JsonBinary,
        Uuid,
        Custom("citext".into()),
        mood(),
        Array(RcOrArc::new(Integer)),
        Array(RcOrArc::new(mood())),
        Array(RcOrArc::new(Array(RcOrArc::new(Text)))),
        Vector(Some(3)),
        Cidr,
        Inet,
        MacAddr,
        LTree,
    ]
}

mod paper {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(8))")]
    pub(super) enum Size {
        #[sea_orm(string_value = "A4")]
        A4,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "paper")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub size: Size,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// With something in every place.
fn full() -> Entities {
    let types = every_type();
    let mut wide = CreateTable::create();
    wide.table(("books", "wide")).col(ColumnDef::new("id").big_integer().auto_increment().primary_key());
    for (number, ty) in types.into_iter().enumerate() {
        let mut column = ColumnDef::new_with_type(format!("c{number}"), ty);
        if number % 2 == 0 {
            column.not_null();
        }
        wide.col(column);
    }
    let child = CreateTable::create()
        .table("child")
        .col(ColumnDef::new("b").integer().not_null().default(7))
        .col(ColumnDef::new("a").string_len(9).default("it's").extra("COLLATE \"C\" CHECK (a <> '')"))
        .col(ColumnDef::new("at").timestamp().default(Expr::current_timestamp()))
        .col(ColumnDef::new("made").integer().generated(Expr::col("b").add(1), true))
        .primary_key(Index::create().col("b").col("a"))
        .foreign_key(
            ForeignKey::create().name("f").from("child", "b").to("wide", "id").on_delete(ForeignKeyAction::SetNull),
        )
        .take();
    let unique = Index::create().name("u").table("child").col("a").unique().take();
    let plain = Index::create().name("p").table("child").col("at").col("b").take();
    Entities::new().add_table(wide, []).add_table(child, [unique, plain]).add(paper::Entity)
}

fn written(record: &Record) -> String {
    let mut json = Vec::new();
    record.write(&mut json).unwrap();
    String::from_utf8(json).unwrap()
}

fn refused(text: &str) -> String {
    Record::parse(text, "entities.json").unwrap_err().to_string()
}

#[test]
fn each_type_and_each_part_of_a_table_is_read_as_it_was_written() {
    let record = Record::of(&full(), ["m1".to_owned(), "m2".to_owned()]);
    let read = Record::parse(&written(&record), "entities.json").unwrap();
    assert_eq!(read.migrations, ["m1", "m2"]);
    for dialect in DIALECTS {
        // Types are equal whatever their labels and spelling, so all of it is compared as text.
        let declared = format!("{:#?}", sorted(full().declared(dialect).tables));
        assert_eq!(format!("{:#?}", Entities::from_record(&read).declared(dialect).tables), declared);
        assert!(declared.contains("it's") && declared.contains("values: Own"));
    }
    assert_eq!(written(&read), written(&record));
}

#[test]
fn the_order_of_the_entities_does_not_matter() {
    let table = |name: &'static str| CreateTable::create().table(name).col(ColumnDef::new("id").integer()).take();
    let one = Entities::new().add_table(table("a"), []).add_table(table("b"), []);
    let other = Entities::new().add_table(table("b"), []).add_table(table("a"), []);
    assert_eq!(written(&Record::of(&one, [])), written(&Record::of(&other, [])));
}

#[test]
fn a_record_that_cannot_be_used_is_refused_with_a_sentence() {
    let text = written(&Record::of(&full(), []));
    let later = text.replace("\"version\": 1", "\"version\": 2");
    assert!(refused(&later).contains("version 2 of a record is not supported"), "{}", refused(&later));
    for length in [0, 1, text.len() / 2, text.len() - 3] {
        let message = refused(&text[..length]);
        assert!(message.contains("this is not a record of entities"), "{message}");
        assert!(message.ends_with("write it again with the command `entities`"), "{message}");
    }
    assert!(refused("{\"version\": 1, \"findings\": []}").contains("this is not a record of entities"));

    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["entities"]["mysql"] = json!([]);
    assert!(refused(&document.to_string()).contains("different tables for different kinds of database"));
    for dialect in ["postgres", "mysql", "mariadb", "sqlite"] {
        document["entities"][dialect] = json!([]);
    }
    assert!(refused(&document.to_string()).contains("declares no table"));
    document["entities"]["oracle"] = json!([]);
    assert!(refused(&document.to_string()).contains("oracle"));
}

#[test]
fn a_record_of_another_project_is_refused() {
    let record = Record::of(&full(), []);
    let file = Path::new("entities.json");
    let record = Record { migrations: vec!["m1".to_owned()], ..record };
    let record = record.of_project(&full(), &[], file).unwrap();
    let shelf = CreateTable::create().table("shelf").col(ColumnDef::new("id").integer()).take();
    let other = Entities::new().add_table(shelf, []);
    let record = record.of_project(&other, &["m1".to_owned()], file).unwrap();
    let refused = record.of_project(&other, &["m2".to_owned()], file).unwrap_err();
    assert!(refused.to_string().contains("it seems to belong to another project"), "{refused}");
}

const SCHEMA: &str = include_str!("../../schema/entities.schema.json");

/// After a change of the types: `UPDATE_SCHEMA=1 cargo test -p sea-orm-drift --lib`, and a new version where readers of the
/// old one would fail.
#[test]
#[expect(clippy::disallowed_methods, reason = "the settings of the tests are read here")]
fn the_committed_schema_of_records_is_the_one_of_the_types() {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let mut generated = settings.into_generator().into_root_schema_for::<Record>();
    generated.insert("$id".to_owned(), json!("urn:sea-orm-drift:entities:1"));
    let generated: Value = serde_json::to_value(&generated).unwrap();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/entities.schema.json");
        fs::write(file, serde_json::to_string_pretty(&generated).unwrap() + "\n").unwrap();
    }
    assert!(serde_json::from_str::<Value>(SCHEMA).unwrap() == generated, "see the comment on this test");
}

#[test]
fn a_record_is_what_its_schema_says() {
    let validator = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let document: Value = serde_json::from_str(&written(&Record::of(&full(), ["m1".to_owned()]))).unwrap();
    assert!(validator.is_valid(&document), "{:?}", validator.iter_errors(&document).next());
    let mut wrong = document;
    wrong["entities"]["sqlite"][0]["columns"][0]["nullability"] = json!("perhaps");
    assert!(!validator.is_valid(&wrong));
}

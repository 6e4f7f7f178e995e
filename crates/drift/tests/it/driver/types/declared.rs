//! The declared types: every type of Rust that the entity macros map, with values from the usual to the largest that the
//! declaration allows.

use std::{fmt::Debug, pin::Pin, str::FromStr};

use sea_orm::{
    DbConn, DeriveActiveEnum, EntityTrait, EnumIter, ModelTrait, PrimaryKeyTrait, Value,
    prelude::{Date, DateTime, DateTimeUtc, Decimal, Json, Uuid},
    sea_query::{StringLen, prelude::MacAddress},
};
use sea_orm_drift::Report;

use super::{
    live::LiveType,
    trial::{self, Outcomes},
};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres};

type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// An entity with one column of the type, in the operations that the trial needs.
pub(super) struct Declared {
    pub(super) name: &'static str,
    /// The first is the usual one.
    pub(super) values: Vec<Value>,
    pub(super) create: fn(DbConn) -> Later<()>,
    pub(super) check: fn(DbConn) -> Later<Report>,
    pub(super) perform: fn(DbConn, Vec<Value>, &[&str]) -> Later<Outcomes>,
}

impl Declared {
    pub(super) fn new<E>(name: &'static str, values: Vec<Value>) -> Self
    where
        E: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = i32>>,
        E::Model: ModelTrait<Entity = E>,
    {
        Self {
            name,
            values,
            create: |db| Box::pin(trial::create::<E>(db)),
            check: |db| Box::pin(trial::check::<E>(db)),
            perform: |db, values, foreign| {
                let foreign = foreign.iter().map(|&literal| literal.to_owned()).collect();
                Box::pin(trial::perform::<E>(db, values, foreign))
            },
        }
    }

    /// An enum kept as text is declared as the text it is kept as: the engine cannot know that a padded label is none.
    /// It says so in the words of the finding.
    ///
    /// MariaDB keeps JSON as `longtext`, and what else may be in it is up to a CHECK, which is no matter of types.
    pub(super) fn is_beyond_the_declaration(&self, live: &LiveType, server: Server) -> bool {
        let is_picky = live.sql.starts_with("char(") || ["inet4", "inet6"].contains(&live.sql);
        let is_json = live.sql == "json" || (live.sql == "longtext" && self.name.starts_with("json"));
        (self.name == "enum_as_string_8" && is_picky) || (server == MySqlOrMariaDb && is_json)
    }
}

/// An entity for each type, and the list of them all.
macro_rules! declare {
    ($($(#[$attribute:meta])* $name:ident: $ty:ty = $values:expr;)*) => {
        $(pub(super) mod $name {
            use sea_orm::entity::prelude::*;

            pub(super) type Field = $ty;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = "typed")]
            pub(in super::super) struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i32,
                $(#[$attribute])*
                pub value: Option<$ty>,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(in super::super) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        })*

        fn all() -> Vec<Declared> {
            vec![$({
                let values = $values.into_iter().map(|value: $name::Field| Value::from(value));
                Declared::new::<$name::Entity>(stringify!($name), values.collect())
            }),*]
        }
    };
}

/// Kept as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(8))")]
pub(super) enum Label {
    #[sea_orm(string_value = "so")]
    Usual,
    #[sea_orm(string_value = "42")]
    Digits,
    #[sea_orm(string_value = "eightlet")]
    Longest,
}

/// Kept as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub(super) enum Number {
    #[sea_orm(num_value = 1)]
    Usual,
    #[sea_orm(num_value = -2_147_483_648)]
    Smallest,
    #[sea_orm(num_value = 2_147_483_647)]
    Largest,
}

/// Kept as the database's own enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "mood")]
pub(super) enum Mood {
    #[sea_orm(string_value = "so")]
    So,
    #[sea_orm(string_value = "so-so")]
    SoSo,
}

declare! {
    boolean: bool = [true, false];
    tiny_integer: i8 = [7_i8, i8::MIN, i8::MAX, 0_i8, 1_i8];
    small_integer: i16 = [7_i16, i16::MIN, i16::MAX];
    integer: i32 = [7, i32::MIN, i32::MAX, 1];
    big_integer: i64 = [7_i64, i64::MIN, i64::MAX];
    tiny_unsigned: u8 = [7_u8, u8::MIN, u8::MAX];
    small_unsigned: u16 = [7_u16, u16::MIN, u16::MAX];
    unsigned: u32 = [7_u32, u32::MIN, u32::MAX];
    big_unsigned: u64 = [7_u64, u64::MIN, i64::MAX.unsigned_abs()];
    float: f32 = [0.5_f32, 2.0_f32, -0.1_f32, 16_777_217.0_f32, 1e30_f32];
    double: f64 = [0.5, 2.0, -0.1, 0.123_456_789_012_345, 123_456.1, 1e300];
    decimal: Decimal = [parsed("7"), parsed("0.5"), parsed("12345678.91"), parsed("9999999999"),
        parsed("-0.123456789"), parsed("0.1234567890123456789012345678"), Decimal::MAX];
    #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
    decimal_10_2: Decimal = [parsed("7"), parsed("0.5"), parsed("1.25"), parsed("99999999.99"), parsed("-99999999.99")];
    string: String = texts(255);
    #[sea_orm(column_type = "String(StringLen::N(8))")]
    string_8: String = texts(8);
    #[sea_orm(column_type = "Char(Some(4))")]
    char_4: String = texts(4);
    #[sea_orm(column_type = "Text")]
    text: String = texts(65_535);
    var_binary: Vec<u8> = bytes(255);
    #[sea_orm(column_type = "VarBinary(StringLen::N(8))")]
    var_binary_8: Vec<u8> = bytes(8);
    #[sea_orm(column_type = "Binary(16)")]
    binary_16: Vec<u8> = bytes(16);
    #[sea_orm(column_type = "Blob")]
    blob: Vec<u8> = bytes(65_535);
    date: Date = [parsed("2020-02-29"), parsed("9999-12-31"), parsed("1000-01-01")];
    time: Time = [parsed("12:34:56"), parsed("23:59:59.123456"), parsed("00:00:00")];
    date_time: DateTime = [parsed("2020-02-29T12:34:56"), parsed("1960-01-01T00:00:00.123456"),
        parsed("9999-12-31T23:59:59"), parsed("2038-01-19T03:14:08")];
    utc: DateTimeUtc = [parsed("2020-02-29T12:34:56+00:00"), parsed("2037-12-31T23:59:59.123456+00:00"),
        parsed("9999-12-31T23:59:59+00:00")];
    with_time_zone: DateTimeWithTimeZone = [parsed("2020-02-29T12:34:56+03:00"), parsed("2037-12-31T23:59:59.123456-05:00"),
        parsed("9999-12-31T23:59:59+00:00")];
    json: Json = documents();
    #[sea_orm(column_type = "JsonBinary")]
    json_binary: Json = documents();
    uuid: Uuid = [Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8), Uuid::max()];
    enum_as_string_8: super::Label = [Label::Usual, Label::Digits, Label::Longest];
    enum_as_integer: super::Number = [Number::Usual, Number::Smallest, Number::Largest];
    enum_of_the_database: super::Mood = [Mood::So, Mood::SoSo];
    ip_network: IpNetwork = [parsed("10.0.0.0/8"), parsed("10.1.2.3/8"), parsed("2001:db8::1/128"), parsed("0.0.0.0/0")];
    mac_address: sea_orm::sea_query::prelude::MacAddress = [MacAddress::new([8, 0, 43, 1, 2, 3])];
    array_of_boolean: Vec<bool> = [vec![true, false], Vec::<bool>::new()];
    array_of_integer: Vec<i32> = [vec![7, i32::MIN, i32::MAX], Vec::<i32>::new()];
    array_of_big_integer: Vec<i64> = [vec![7, i64::MIN, i64::MAX], Vec::<i64>::new()];
    array_of_double: Vec<f64> = [vec![0.5, -0.1], Vec::<f64>::new()];
    array_of_string: Vec<String> = [vec!["so".to_owned(), "x".repeat(300), String::new()], Vec::<String>::new()];
    array_of_date: Vec<Date> = [vec![parsed::<Date>("2020-02-29")], Vec::<Date>::new()];
    array_of_date_time: Vec<DateTime> = [vec![parsed("2020-02-29T12:34:56.123456")], Vec::<DateTime>::new()];
    array_of_utc: Vec<DateTimeUtc> = [vec![parsed("2020-02-29T12:34:56.123456+00:00")], Vec::<DateTimeUtc>::new()];
    array_of_decimal: Vec<Decimal> = [vec![parsed("0.125"), parsed("12345678901234.5")], Vec::<Decimal>::new()];
    array_of_uuid: Vec<Uuid> = [vec![Uuid::nil(), Uuid::max()], Vec::<Uuid>::new()];
    array_of_enum: Vec<super::Mood> = [vec![Mood::So, Mood::SoSo], Vec::<Mood>::new()];
}

/// Those that the backend has.
pub(super) fn declared(server: Server) -> Vec<Declared> {
    let mut all = all();
    all.retain(|declared| {
        let is_of_postgres =
            declared.name.starts_with("array_of") || ["ip_network", "mac_address"].contains(&declared.name);
        server == Postgres || !is_of_postgres
    });
    if server == MySqlOrMariaDb {
        let largest = all.iter_mut().find(|declared| declared.name == "big_unsigned").unwrap();
        largest.values.push(u64::MAX.into());
    }
    all
}

fn parsed<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Texts of at most so many characters or bytes, some of which look like something else.
fn texts(longest: usize) -> Vec<String> {
    let plain = [
        "so",
        "",
        "42",
        "0.5",
        "1e3",
        "true",
        "{}",
        "2020-02-29",
        "12:34:56",
        "\\x00",
        "10.1.2.3",
        "::1",
        " so ",
        "so-so",
        "67e55044-10b1-426f-9247-bb680e5fe0c8",
        "67e5504410b1426f9247bb680e5fe0c8",
    ];
    let fitting = plain.into_iter().filter(|text| text.len() <= longest).map(str::to_owned);
    // Not to be counted where it does not fit.
    let endless = (longest >= 255).then(|| "x".repeat(80_000));
    fitting.chain(endless).chain(["x".repeat(longest), "ש".repeat(longest.min(255)), "ש".repeat(longest / 2)]).collect()
}

/// At most so many bytes.
fn bytes(longest: usize) -> Vec<Vec<u8>> {
    let plain: [&[u8]; 5] = [b"so", b"", b"42", b"sixteen letters.", &[0, 255, 254, 0]];
    let fitting = plain.into_iter().filter(|bytes| bytes.len() <= longest).map(<[u8]>::to_vec);
    fitting.chain([vec![b'x'; longest], vec![255; longest]]).collect()
}

fn documents() -> Vec<Json> {
    [r#"{"a": 1, "b": [true, null, "so"]}"#, "[]", "42", "0.5", r#""so""#, "null", "1e300", r#""\u0000""#]
        .map(parsed)
        .into()
}

//! Column types, as far as one table can hold them.

use super::{created::Created, entity};
use crate::servers::Server;

entity! {
    types_of_all, "types_of_all",
    #[sea_orm(primary_key)] id: i64,
    #[sea_orm(column_type = "Char(None)")] char: String,
    #[sea_orm(column_type = "Char(Some(3))", nullable)] char_3: Option<String>,
    string: String,
    #[sea_orm(column_type = "String(StringLen::N(7))", unique)] string_7: String,
    #[sea_orm(column_type = "Text", nullable)] text: Option<String>,
    #[sea_orm(column_type = "Blob")] blob: Vec<u8>,
    #[sea_orm(column_type = "TinyInteger")] tiny_integer: String,
    small_integer: i16,
    #[sea_orm(indexed)] integer: i32,
    big_integer: i64,
    #[sea_orm(column_type = "TinyUnsigned")] tiny_unsigned: String,
    #[sea_orm(column_type = "SmallUnsigned")] small_unsigned: String,
    #[sea_orm(column_type = "Unsigned")] unsigned: String,
    #[sea_orm(column_type = "BigUnsigned")] big_unsigned: String,
    float: f32,
    double: f64,
    #[sea_orm(column_type = "Decimal(None)")] decimal: String,
    #[sea_orm(column_type = "Decimal(Some((12, 3)))")] decimal_12_3: String,
    #[sea_orm(column_type = "DateTime")] date_time: String,
    #[sea_orm(column_type = "Timestamp", nullable)] timestamp: Option<String>,
    #[sea_orm(column_type = "TimestampWithTimeZone", nullable)] timestamp_with_time_zone: Option<String>,
    #[sea_orm(column_type = "Time")] time: String,
    #[sea_orm(column_type = "Date")] date: String,
    #[sea_orm(column_type = "Binary(5)")] binary: Vec<u8>,
    #[sea_orm(column_type = "VarBinary(StringLen::N(9))")] var_binary: Vec<u8>,
    boolean: bool,
    #[sea_orm(column_type = "Money(None)")] money: String,
    #[sea_orm(column_type = "Json")] json: String,
    #[sea_orm(column_type = "JsonBinary")] json_binary: String,
    #[sea_orm(column_type = "Uuid")] uuid: String,
}

entity! {
    types_of_postgres, "types_of_postgres",
    #[sea_orm(primary_key, auto_increment = false)] id: String,
    #[sea_orm(column_type = "String(StringLen::Max)")] string_max: String,
    #[sea_orm(column_type = "Interval(None, None)")] interval: String,
    #[sea_orm(column_type = "Bit(Some(4))")] bit: String,
    #[sea_orm(column_type = "VarBit(6)")] var_bit: String,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Integer))")] integers: String,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Text))")] texts: String,
    #[sea_orm(column_type = "Cidr")] cidr: String,
    #[sea_orm(column_type = "Inet")] inet: String,
    #[sea_orm(column_type = "MacAddr")] mac_addr: String,
    #[sea_orm(column_type = "custom(\"name\")")] custom: String,
}

entity! {
    types_of_mysql, "types_of_mysql",
    #[sea_orm(primary_key)] id: u32,
    tiny_integer: i8,
    tiny_unsigned: u8,
    small_unsigned: u16,
    #[sea_orm(column_type = "BigUnsigned")] big_unsigned: u64,
    #[sea_orm(column_type = "Year")] year: String,
    #[sea_orm(column_type = "Bit(Some(4))")] bit: String,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")] var_binary: String,
    #[sea_orm(column_type = "Enum { name: \"mood\".into(), variants: vec![\"so\".into(), \"so-so\".into()] }")] mood: String,
}

// Of sea-orm-migration, which every database that is migrated has.
entity! {
    seaql_migrations, "seaql_migrations",
    #[sea_orm(primary_key, auto_increment = false)] version: String,
    applied_at: i64,
}

entity! {
    native_enum, "native_enum",
    #[sea_orm(primary_key)] id: i32,
    mood: super::Mood,
    last_mood: Option<super::Mood>,
    #[sea_orm(default_value = "so-so")] first_mood: super::Mood,
}

entity! {
    arrays, "arrays",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Enum { name: \"mood\".into(), variants: vec![\"so-so\".into(), \"Very good\".into()] }))", nullable)]
    moods: Option<String>,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Decimal(Some((9, 2)))))", nullable)] prices: Option<String>,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::String(StringLen::N(5))))", nullable)] codes: Option<String>,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Uuid))", default_value = "{}")] uuids: String,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Text))", default_value = "{a, \"b c\", null}")] texts: String,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Integer))", default_expr = "Expr::cust(\"ARRAY[1, 2]\")")]
    integers: String,
}

#[derive(Clone, Debug, PartialEq, Eq, sea_orm::EnumIter, sea_orm::DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
pub(super) enum Mood {
    #[sea_orm(string_value = "so-so")]
    SoSo,
    #[sea_orm(string_value = "Very good")]
    VeryGood,
}

pub(super) async fn create(created: &mut Created<'_>, server: Server) {
    created.add(types_of_all::Entity).await;
    created.add(native_enum::Entity).await;
    created.add(seaql_migrations::Entity).await;
    match server {
        Server::Postgres => {
            created.add(types_of_postgres::Entity).await;
            created.add(arrays::Entity).await;
        }
        Server::MySqlOrMariaDb => created.add(types_of_mysql::Entity).await,
        Server::Sqlite => {}
    }
}

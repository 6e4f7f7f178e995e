//! Silent when nothing is wrong: a table created from the entity itself has no difference, whatever its types.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, EntityTrait, Schema};
use sea_orm_drift::{Entities, Report};

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// An entity that is never read: only its declarations matter.
macro_rules! entity {
    ($module:ident $(in $schema:literal)?, $table:literal, $($(#[$attribute:meta])* $field:ident: $ty:ty,)*) => {
        mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm($(schema_name = $schema,)? table_name = $table)]
            pub(super) struct Model {
                $($(#[$attribute])* pub $field: $ty,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(super) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity! {
    types_of_all, "types_of_all",
    #[sea_orm(primary_key)] id: i64,
    #[sea_orm(column_type = "Char(None)")] char: String,
    #[sea_orm(column_type = "Char(Some(3))", nullable)] char_3: String,
    string: String,
    #[sea_orm(column_type = "String(StringLen::N(7))", unique)] string_7: String,
    #[sea_orm(column_type = "Text", nullable)] text: String,
    #[sea_orm(column_type = "Blob")] blob: Vec<u8>,
    tiny_integer: i8,
    small_integer: i16,
    #[sea_orm(indexed)] integer: i32,
    big_integer: i64,
    tiny_unsigned: u8,
    small_unsigned: u16,
    unsigned: u32,
    #[sea_orm(column_type = "BigUnsigned")] big_unsigned: i64,
    float: f32,
    double: f64,
    #[sea_orm(column_type = "Decimal(None)")] decimal: String,
    #[sea_orm(column_type = "Decimal(Some((12, 3)))")] decimal_12_3: String,
    #[sea_orm(column_type = "DateTime")] date_time: String,
    #[sea_orm(column_type = "Timestamp", nullable)] timestamp: String,
    #[sea_orm(column_type = "TimestampWithTimeZone", nullable)] timestamp_with_time_zone: String,
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
    #[sea_orm(column_type = "custom(\"tsvector\")")] custom: String,
}

entity! {
    types_of_mysql, "types_of_mysql",
    #[sea_orm(primary_key)] id: u32,
    #[sea_orm(column_type = "Year")] year: String,
    #[sea_orm(column_type = "Bit(Some(4))")] bit: String,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")] var_binary: String,
    #[sea_orm(column_type = "Enum { name: \"mood\".into(), variants: vec![\"so\".into(), \"so-so\".into()] }")] mood: String,
}

entity! {
    defaults, "defaults",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(default_value = "it's")] text: String,
    #[sea_orm(default_value = "")] empty: Option<String>,
    #[sea_orm(default_value = "0")] digit_as_text: String,
    #[sea_orm(default_value = -1)] negative: i32,
    #[sea_orm(default_value = 1.5)] fraction: f64,
    #[sea_orm(default_value = true)] yes: bool,
    #[sea_orm(default_value = false)] no: Option<bool>,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::current_timestamp()")] now: String,
}

entity! {
    keys, "keys",
    #[sea_orm(primary_key, auto_increment = false)] business: i32,
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
    #[sea_orm(unique_key = "pair")] left: i32,
    #[sea_orm(unique_key = "pair")] right: i32,
}

entity! {
    odd_names, "Select \u{5d0}",
    #[sea_orm(primary_key, column_name = "Order")] id: i32,
    #[sea_orm(column_name = "group")] group: i32,
    #[sea_orm(column_name = "two words", indexed)] words: Option<i32>,
    #[sea_orm(column_name = "שם")] name: Option<i32>,
    #[sea_orm(column_name = "a_name_of_sixty_three_bytes_which_is_all_that_postgres_can_take")] long: Option<i32>,
}

entity! {
    elsewhere in "elsewhere", "call_log",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(indexed)] status: String,
}

#[rstest]
#[tokio::test]
async fn what_every_backend_has(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    assert_nothing(&created(&db, types_of_all::Entity).await);
    assert_nothing(&created(&db, defaults::Entity).await);
    assert_nothing(&created(&db, keys::Entity).await);
    assert_nothing(&created(&db, odd_names::Entity).await);
}

#[tokio::test]
async fn what_only_postgres_has() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    assert_nothing(&created(&db, types_of_postgres::Entity).await);
    db.execute_unprepared("CREATE SCHEMA elsewhere; CREATE TABLE call_log (id text)").await.unwrap();
    assert_nothing(&created(&db, elsewhere::Entity).await);
}

#[tokio::test]
async fn what_only_mysql_and_mariadb_have() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    assert_nothing(&created(&database.connect().await, types_of_mysql::Entity).await);
}

#[tokio::test]
async fn the_history_of_sea_orm_migration_itself() {
    for server in [Postgres, MySqlOrMariaDb, Sqlite] {
        let Some(database) = server.empty_database().await else { continue };
        assert_nothing(&created(&database.connect().await, sea_orm_migration::seaql_migrations::Entity).await);
    }
}

async fn created<E: EntityTrait>(db: &DbConn, entity: E) -> Report {
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(entity)).await.unwrap();
    for index in schema.create_index_from_entity(entity) {
        db.execute(&index).await.unwrap();
    }
    Entities::new().add(entity).check(db).await.unwrap()
}

fn assert_nothing(report: &Report) {
    assert!(report.differences.is_empty() && report.unchecked.is_empty(), "{report}");
    assert!(report.compared.columns > 0);
}

//! Defaults: every kind of constant, and expressions that the server writes back in its own words.

use rstest::rstest;
use sea_orm::{ConnectionTrait, EntityTrait};
use sea_orm_drift::{Difference, Entities};

use super::{created::Created, entity};
use crate::servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    not_applicable,
};

entity! {
    constants, "constants",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(default_value = "")] empty: Option<String>,
    #[sea_orm(default_value = "it's")] quote: String,
    #[sea_orm(default_value = "'")] only_a_quote: String,
    #[sea_orm(default_value = "'quoted'")] quoted: String,
    #[sea_orm(default_value = "a \"b\" `c` (d")] other_quotes: String,
    #[sea_orm(default_value = r"\")] backslash: String,
    #[sea_orm(default_value = r"\'; \n \\ ")] backslashes: String,
    #[sea_orm(default_value = "two\nlines\tand\r\n")] lines: String,
    #[sea_orm(default_value = "שלום, 世界")] unicode: String,
    #[sea_orm(default_value = "a::b -- c /* d */ ; ? $1 % {e}")] punctuation: String,
    #[sea_orm(default_value = "NULL")] the_word_null: String,
    #[sea_orm(default_value = "CURRENT_TIMESTAMP")] the_words_of_the_time: String,
    #[sea_orm(default_value = "now()")] the_words_of_a_call: String,
    #[sea_orm(default_value = "0")] digit_as_text: String,
    #[sea_orm(default_value = "1.50")] digits_as_text: String,
    #[sea_orm(default_value = 0)] zero: i16,
    #[sea_orm(default_value = -1)] negative: i32,
    #[sea_orm(default_value = 9_223_372_036_854_775_807_i64)] largest: i64,
    #[sea_orm(default_value = -9_223_372_036_854_775_807_i64)] smallest: i64,
    #[sea_orm(default_value = 1.5)] fraction: f64,
    #[sea_orm(default_value = -0.000_001)] small_fraction: f64,
    #[sea_orm(default_value = 1e15)] large: f64,
    #[sea_orm(column_type = "Decimal(Some((12, 3)))", default_value = 1.5)] decimal: String,
    #[sea_orm(column_type = "Decimal(Some((38, 3)))", default_value = "-12345678901234567890123456789.5")] long: String,
    #[sea_orm(default_value = true)] yes: bool,
    #[sea_orm(default_value = false)] no: Option<bool>,
    #[sea_orm(column_type = "Date", default_value = "2020-02-29")] date: String,
    #[sea_orm(column_type = "Time", default_value = "12:30")] time: String,
    #[sea_orm(column_type = "DateTime", default_value = "2020-02-29")] midnight: String,
    #[sea_orm(column_type = "DateTime", default_value = "2020-02-29 01:02:03")] date_time: String,
    #[sea_orm(column_type = "TimestampWithTimeZone", default_value = "2020-02-29 01:02:03")] with_zone: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::current_timestamp()")] now: String,
    #[sea_orm(column_type = "Timestamp", default_expr = "Expr::cust(\"CURRENT_TIMESTAMP\")")] now_too: String,
    #[sea_orm(default_expr = "Expr::val(Option::<i32>::None)")] nothing: Option<i32>,
}

entity! {
    json, "json",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(column_type = "Json", default_value = "{\"b\": [1, null], \"a\": \"it's\"}")] json: String,
    #[sea_orm(column_type = "JsonBinary", default_value = "{\"b\":[1,null],\"a\":\"it's\"}")] json_binary: String,
}

entity! {
    of_postgres, "of_postgres",
    #[sea_orm(primary_key, auto_increment = false, column_type = "Uuid", default_expr = "Expr::cust(\"gen_random_uuid()\")")]
    id: String,
    #[sea_orm(column_type = "Uuid", default_value = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8")] uuid: String,
    #[sea_orm(default_value = "🙂")] four_bytes: String,
    #[sea_orm(default_value = 1e300)] huge: f64,
    #[sea_orm(default_value = -1e-300)] tiny: f64,
    #[sea_orm(column_type = "Blob", default_value = "hi")] bytes: String,
    #[sea_orm(column_type = "Bit(Some(4))", default_expr = "Expr::cust(\"B'1010'\")")] bits: String,
    #[sea_orm(column_type = "Interval(None, None)", default_value = "1 day")] interval: String,
    #[sea_orm(column_type = "Text", default_expr = "Expr::cust(\"'cast'::text\")")] cast: String,
    #[sea_orm(column_type = "Text", default_expr = "Expr::cust(\"lower('A') || 'b'\")")] joined: String,
    #[sea_orm(column_type = "Text", default_expr = "Expr::cust(\"'a' || 'b' || 'c'\")")] joined_twice: String,
    #[sea_orm(column_type = "Text", default_expr = "Expr::cust(\"'a'::varchar || 'b'\")")] varchar_joined: String,
    #[sea_orm(column_type = "Text", default_expr = "Expr::cust(\"CONCAT('x-', gen_random_uuid())\")")] concatenated: String,
    #[sea_orm(column_type = "Text", default_expr = "Expr::cust(\"md5(random()::text)\")")] hash: String,
    #[sea_orm(default_expr = "Expr::cust(\"1 + 2 * 3 - 4\")")] sum: i32,
    #[sea_orm(default_expr = "sea_orm::ExprTrait::add(Expr::val(1), 2)")] sum_of_parts: i32,
    #[sea_orm(default_expr = "Expr::cust(\"random()\")")] random: f64,
    #[sea_orm(column_type = "Date", default_expr = "Expr::current_date()")] today: String,
    #[sea_orm(column_type = "Date", default_expr = "Expr::cust(\"CAST(now() AS date)\")")] day_of_now: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::cust(\"now() AT TIME ZONE 'utc'\")")] utc: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::cust(\"timezone('utc', now())\")")] utc_too: String,
    #[sea_orm(column_type = "TimestampWithTimeZone", default_expr = "Expr::cust(\"now() + interval '1 day'\")")]
    tomorrow: String,
    #[sea_orm(column_type = "Timestamp", default_expr = "Expr::cust(\"LOCALTIMESTAMP\")")] local: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::cust(\"clock_timestamp()\")")] clock: String,
    #[sea_orm(column_type = "JsonBinary", default_expr = "Expr::cust(\"'{}'::jsonb\")")] json: String,
}

entity! {
    of_mariadb, "of_mariadb",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(column_type = "String(StringLen::N(36))", default_expr = "Expr::cust(\"UUID()\")")] uuid: String,
    #[sea_orm(default_expr = "Expr::cust(\"LOWER('A')\")")] lower: String,
    #[sea_orm(default_expr = "Expr::cust(\"CAST('a' AS CHAR)\")")] cast: String,
    #[sea_orm(default_expr = "Expr::cust(\"CONCAT('it''s', \\\"b\\\", UPPER('c'))\")")] joined: String,
    #[sea_orm(default_expr = "Expr::cust(\"'1' || '0'\")")] two_texts: i32,
    #[sea_orm(default_expr = "Expr::cust(\"1 + 2 * 3 - 4\")")] sum: i32,
    #[sea_orm(default_expr = "Expr::cust(\"RAND()\")")] random: f64,
    #[sea_orm(column_type = "Date", default_expr = "Expr::cust(\"CURRENT_DATE\")")] today: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::cust(\"UTC_TIMESTAMP()\")")] utc: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::cust(\"LOCALTIMESTAMP\")")] local: String,
}

entity! {
    of_sqlite, "of_sqlite",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(default_value = "🙂")] four_bytes: String,
    #[sea_orm(default_value = 1e300)] huge: f64,
    #[sea_orm(default_expr = "Expr::cust(\"'a' || 'b'\")")] joined: String,
    #[sea_orm(default_expr = "Expr::cust(\"lower(hex(randomblob(16)))\")")] random: String,
    #[sea_orm(default_expr = "Expr::cust(\"('it''s') || ('b')\")")] parentheses: String,
    #[sea_orm(default_expr = "Expr::cust(\"1 + 2 * 3 - 4\")")] sum: i32,
    #[sea_orm(column_type = "Date", default_expr = "Expr::current_date()")] today: String,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::cust(\"strftime('%Y-%m-%d', 'now')\")")] formatted: String,
    #[sea_orm(default_expr = "Expr::cust(\"CASE WHEN 1 THEN 'x' END\")")] case: String,
}

pub(super) async fn create(created: &mut Created<'_>, server: Server) {
    created.add(constants::Entity).await;
    if created.is_mysql().await {
        return;
    }
    created.add(json::Entity).await;
    match server {
        Postgres => created.add(of_postgres::Entity).await,
        MySqlOrMariaDb => created.add(of_mariadb::Entity).await,
        Sqlite => created.add(of_sqlite::Entity).await,
    }
}

entity! {
    rewritten_by_postgres, "rewritten",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(column_type = "Interval(None, None)", default_value = "24 hours")] interval: String,
    #[sea_orm(column_type = "Inet", default_value = "127.0.0.1/32")] address: String,
    #[sea_orm(default_expr = "Expr::cust(\"CASE WHEN true THEN 'a' ELSE 'b' END\")")] case: String,
}

entity! {
    rewritten_by_mariadb, "rewritten",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(default_value = "🙂")] four_bytes: String,
    #[sea_orm(column_type = "Date", default_expr = "Expr::cust(\"DATE_ADD(CURRENT_DATE, INTERVAL 1 DAY)\")")] due: String,
}

entity! {
    cut_by_mariadb, "cut",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(default_value = 1e300)] huge: f64,
}

/// sea-query writes 301 digits, of which MariaDB reads 65: what looks like a false alarm is none.
#[tokio::test]
async fn a_default_that_the_server_cut_is_a_difference() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    let mut created = Created::on(&db);
    if created.is_mysql().await {
        return not_applicable("MySQL refuses what MariaDB cuts");
    }
    created.add(cut_by_mariadb::Entity).await;
    let report = created.entities.check(&db).await.unwrap();
    let objects: Vec<_> = report.differences.iter().map(Difference::object).collect();
    assert_eq!(objects, ["cut.huge"]);
    db.execute_unprepared("INSERT INTO cut (id) VALUES (1)").await.unwrap();
    let stored = cut_by_mariadb::Entity::find().one(&db).await.unwrap().unwrap();
    assert!(stored.huge < 1e66, "{}", stored.huge);
}

/// The server writes these back in words that only the server could compare with the declared ones.
#[rstest]
#[case::on_postgres(Postgres, Entities::new().add(rewritten_by_postgres::Entity), &["interval", "address"])]
#[case::on_mariadb(MySqlOrMariaDb, Entities::new().add(rewritten_by_mariadb::Entity), &["four_bytes", "due"])]
#[tokio::test]
async fn what_only_the_server_could_compare_is_unchecked_and_no_difference(
    #[case] server: Server,
    #[case] entities: Entities,
    #[case] columns: &[&str],
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let mut created = Created::on(&db);
    if created.is_mysql().await {
        return not_applicable("MySQL writes expressions otherwise than MariaDB");
    }
    match server {
        Postgres => created.add(rewritten_by_postgres::Entity).await,
        MySqlOrMariaDb | Sqlite => created.add(rewritten_by_mariadb::Entity).await,
    }
    let report = entities.check(&db).await.unwrap();
    assert_eq!(report.differences, []);
    let unchecked: Vec<_> = report.unchecked.iter().filter_map(|unchecked| unchecked.column.as_deref()).collect();
    assert_eq!(unchecked, columns);
}

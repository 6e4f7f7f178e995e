//! What an entity says in the server's own words, and what it keeps to itself.

use super::{created::Created, entity};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

entity! {
    of_all, "extras",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(extra = "CHECK (price > 0)")] price: i32,
    #[sea_orm(extra = "GENERATED ALWAYS AS (price * 2) STORED")] doubled: Option<i32>,
    #[sea_orm(ignore)] never_stored: i32,
    #[sea_orm(comment = "it's 100% \"safe\"", default_value = 1)] commented: i32,
    #[sea_orm(renamed_from = "formerly")] renamed: Option<i32>,
    #[sea_orm(select_as = "text", save_as = "text", column_type = "Text", nullable)] cast: Option<String>,
}

entity! {
    checks_of_two, "checks_of_two",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(extra = "CHECK (low < high)")] low: i32,
    #[sea_orm(extra = "CHECK (high > 0)")] high: i32,
    #[sea_orm(extra = "CHECK (width > low)")] width: i32,
}

entity! {
    of_postgres, "extras_of_postgres",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(extra = "COLLATE \"C\"")] collated: String,
    #[sea_orm(extra = "COLLATE \"POSIX\" CHECK (with_both <> '')")] with_both: String,
    #[sea_orm(auto_increment = false, extra = "GENERATED ALWAYS AS IDENTITY")] number: i64,
}

entity! {
    of_mariadb, "extras_of_mariadb",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(extra = "COLLATE utf8mb4_bin")] collated: String,
    #[sea_orm(extra = "GENERATED ALWAYS AS (upper(collated)) VIRTUAL")] computed: Option<String>,
    #[sea_orm(column_type = "DateTime", default_expr = "Expr::current_timestamp()", extra = "ON UPDATE CURRENT_TIMESTAMP")]
    touched: String,
    #[sea_orm(column_type = "DateTime", nullable, extra = "ON UPDATE CURRENT_TIMESTAMP")] only_touched: Option<String>,
}

entity! {
    of_sqlite, "extras_of_sqlite",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(extra = "COLLATE NOCASE", unique)] collated: String,
    #[sea_orm(extra = "GENERATED ALWAYS AS (collated || 'x') VIRTUAL")] computed: Option<String>,
}

pub(super) async fn create(created: &mut Created<'_>, server: Server) {
    created.add(of_all::Entity).await;
    // MySQL takes a CHECK of two columns for the table alone, where no entity can say it.
    if !created.is_mysql().await {
        created.add(checks_of_two::Entity).await;
    }
    match server {
        Postgres => created.add(of_postgres::Entity).await,
        MySqlOrMariaDb => created.add(of_mariadb::Entity).await,
        Sqlite => created.add(of_sqlite::Entity).await,
    }
}

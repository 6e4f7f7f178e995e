//! The schema of the scratch database as the texts that the database itself keeps of it. They are read fast, and where they are equal,
//! nothing differs. Where they are not, the schema may still be the same.

use sea_orm_drift::model::TableName;
#[cfg(feature = "mysql")]
use sea_orm_migration::sea_orm::sqlx::{self, Row};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// The texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Texts(Vec<String>);

impl Texts {
    /// `None` where they are not to be had: PostgreSQL keeps none, and these are about one schema.
    pub(super) async fn of(db: &DatabaseConnection, tables: &[TableName]) -> Option<Self> {
        if tables.iter().any(|table| table.schema.is_some()) {
            return None;
        }
        match db.get_database_backend() {
            DbBackend::Sqlite => {
                texts(db, "SELECT type || ' ' || tbl_name || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1").await.map(Self)
            }
            #[cfg(feature = "mysql")]
            DbBackend::MySql => of_mysql(db).await.map(Self),
            _ => None,
        }
    }
}

/// The first column.
async fn texts(db: &DatabaseConnection, sql: &str) -> Option<Vec<String>> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.ok()?;
    rows.iter().map(|row| row.try_get_by_index(0).ok()).collect()
}

/// The statements that would make the tables and views, and the triggers.
#[cfg(feature = "mysql")]
async fn of_mysql(db: &DatabaseConnection) -> Option<Vec<String>> {
    let tables =
        "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1";
    let triggers = "SELECT CAST(CONCAT_WS(' ', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT) \
                    AS CHAR) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY 1";
    let mut found = texts(db, triggers).await?;
    let show = |name: String| format!("SHOW CREATE TABLE `{}`", name.replace('`', "``"));
    let statements: Vec<String> = texts(db, tables).await?.into_iter().map(show).collect();
    if statements.is_empty() {
        return Some(found);
    }
    let sql = sqlx::AssertSqlSafe(statements.join(";"));
    for row in sqlx::raw_sql(sql).fetch_all(db.get_mysql_connection_pool()).await.ok()? {
        found.push(row.try_get_unchecked(1).ok()?);
    }
    Some(found)
}

//! On MySQL and MariaDB: one statement, if the server can do it while others write.

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{
        self, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value,
        sea_query::{MysqlQueryBuilder, QueryBuilder},
    },
};

use super::super::refusal::refusal;
use crate::{lock::AwaitedLock, retry::StatementRetry};

#[derive(FromQueryResult)]
struct Column {
    /// `int(11)`, as the server calls it.
    of_type: String,
    is_unsigned: i64,
    is_not_null: i64,
    is_generated: i64,
    comment: String,
}

/// <https://mariadb.com/kb/en/information-schema-columns-table/>
const COLUMN: &str = "SELECT CAST(COLUMN_TYPE AS CHAR) AS of_type, CAST(COLUMN_TYPE LIKE '%unsigned%' AS SIGNED) AS is_unsigned, \
     CAST(IS_NULLABLE = 'NO' AS SIGNED) AS is_not_null, CAST(EXTRA LIKE '%auto_increment%' AS SIGNED) AS is_generated, \
     CAST(COLUMN_COMMENT AS CHAR) AS comment \
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME = ?";

pub(super) async fn widen(manager: &SchemaManager<'_>, table: &str, name: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let ask = Statement::from_sql_and_values(DbBackend::MySql, COLUMN, [table.into(), name.into()]);
    let Some(found) = db.query_one_raw(ask).await? else {
        return Err(DbErr::Migration(format!("this database has no table `{table}` with a column `{name}`")));
    };
    let column = Column::from_query_result(&found, "")?;
    if column.of_type.starts_with("bigint") {
        return Ok(());
    }
    if !column.of_type.contains("int") {
        let of_type = column.of_type;
        return Err(DbErr::Migration(format!(
            "`{table}.{name}` is of type {of_type}, and only an integer becomes a bigint"
        )));
    }
    let sql = statement(table, name, &column);
    let online = format!("{sql}, LOCK=NONE");
    let mut retry = StatementRetry::new();
    loop {
        let began = Instant::now();
        match db.execute_unprepared(&online).await {
            Ok(_) => return Ok(()),
            Err(error) => {
                let error = refusal(&error, &sql).unwrap_or(error);
                retry.wait_after(db, error, AwaitedLock::Table(Some(table)), began).await?;
            }
        }
    }
}

fn statement(table: &str, name: &str, column: &Column) -> String {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let mut sql = format!("ALTER TABLE {} MODIFY {} bigint", quoted(table), quoted(name));
    let words = [
        (column.is_unsigned, " unsigned"),
        (column.is_not_null, " NOT NULL"),
        (column.is_generated, " AUTO_INCREMENT"),
    ];
    sql.extend(words.into_iter().filter(|(is_so, _)| *is_so != 0).map(|(_, words)| words));
    if !column.comment.is_empty() {
        let comment = MysqlQueryBuilder.value_to_string(&Value::from(column.comment.as_str()));
        sql.extend([" COMMENT ", &comment]);
    }
    sql
}

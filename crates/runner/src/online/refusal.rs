//! Why a server refuses a change that would block others, and what to do instead.

use sea_orm_migration::sea_orm::{DbErr, SqlxError};

use sea_orm_connect::{driver_error, mysql_error_number};

/// The error of MySQL or MariaDB for a change that would block others, with a remedy; `None` for other errors.
pub(super) fn refusal(error: &DbErr, sql: &str) -> Option<DbErr> {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return None };
    let remedy = match mysql_error_number(error)? {
        // `ER_UNKNOWN_ALTER_ALGORITHM` (too old to know the word), `ER_ALTER_OPERATION_NOT_SUPPORTED`, and with a reason.
        1800 | 1845 | 1846 => {
            format!(
                "it would copy the table, and writes would wait: run this yourself at a quiet time, or with \
                 pt-online-schema-change or gh-ost, then run `up` again, which finds it done: {sql}"
            )
        }
        // `ER_TOO_BIG_ROWSIZE`: MariaDB keeps the space of columns that were dropped instantly.
        // `ER_INNODB_MAX_ROW_VERSION`: MySQL limits the number of instant changes.
        1118 | 4092 => "the table has had too many instant changes and must be rebuilt first: run OPTIMIZE TABLE at a \
                        quiet time, then run `up` again"
            .to_owned(),
        _ => return None,
    };
    Some(DbErr::Migration(format!("the server refuses ({}): {remedy}", cause.message())))
}

/// `ER_DROP_INDEX_FK`
pub(super) fn is_needed_by_a_foreign_key(error: &DbErr) -> bool {
    mysql_error_number(error) == Some(1553)
}

/// The code and the message of an error of PostgreSQL.
pub(super) fn sqlstate(error: &DbErr) -> Option<(String, &str)> {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return None };
    Some((cause.code()?.into_owned(), cause.message()))
}

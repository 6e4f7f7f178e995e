//! MySQL and MariaDB: whether the server changes a table instantly, in place or by copying it, and which sessions wait.
//!
//! <https://mariadb.com/kb/en/innodb-online-ddl-overview/>,
//! <https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html>

mod algorithm;
mod alteration;
mod facts;
mod index;
mod modify_column;
mod names;
mod statement;

pub(crate) use facts::{Facts, estimated_rows};
pub(crate) use statement::analyse;

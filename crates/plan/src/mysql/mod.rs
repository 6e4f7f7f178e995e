//! MySQL and MariaDB: whether a change of a table is made in its description, in place, or in a copy, and what may go
//! on meanwhile.
//!
//! <https://mariadb.com/kb/en/innodb-online-ddl-overview/>,
//! <https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html>

mod facts;
mod judge;
mod modify;
mod way;

pub(crate) use facts::{Facts, rows};
pub(crate) use judge::judge;

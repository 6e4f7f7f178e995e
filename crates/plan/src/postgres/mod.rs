//! PostgreSQL: which lock each statement takes, and what it does to a table's file.
//!
//! <https://www.postgresql.org/docs/current/explicit-locking.html>,
//! <https://www.postgresql.org/docs/current/sql-altertable.html>

mod add_column;
mod alter_table;
mod column_type;
mod facts;
mod judge;

pub(crate) use facts::{Facts, rows};
pub(crate) use judge::judge;

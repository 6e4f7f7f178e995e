//! PostgreSQL: the lock that each statement takes, and whether it reads or rewrites the table.
//!
//! <https://www.postgresql.org/docs/current/explicit-locking.html>,
//! <https://www.postgresql.org/docs/current/sql-altertable.html>

mod add_column;
mod alter_table;
mod column_type;
mod facts;
mod privileges;
mod statement;

pub(crate) use facts::{Facts, estimated_rows};
pub(crate) use privileges::missing_privileges;
pub(crate) use statement::analyse;

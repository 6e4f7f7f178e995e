//! What the driver does with a type other than the declared one.
//!
//! Source: the `compatible`, `encode` and `decode` implementations of sqlx 0.9 and `TryGetable` of SeaORM 2.0 for each
//! backend. A Rust type is taken to be the one that SeaORM maps to the declared type by default. Whether it is all true
//! is tried in `tests/it/driver/types`, for every declared type against every live one.

mod mysql;
mod postgres;
mod size;
mod sqlite;

use super::Consequence;
use crate::model::{ColumnType, Dialect, Sides};

pub(super) fn consequence(sides: &Sides<ColumnType>, dialect: Dialect) -> Consequence {
    let Sides { declared, live } = sides;
    match dialect {
        Dialect::Postgres => postgres::consequence(&declared.field, &live.kind),
        Dialect::MySql | Dialect::MariaDb => mysql::consequence(&declared.field, &live.kind),
        Dialect::Sqlite => sqlite::consequence(&declared.field, &live.text),
    }
}

/// Labels that one side has and the other has not.
pub(super) fn of_labels(unexpected: &[String]) -> Consequence {
    // What the entity does not know may be stored already; what the database does not know is refused.
    if unexpected.is_empty() { Consequence::WritesMayFail } else { Consequence::ReadsMayFail }
}

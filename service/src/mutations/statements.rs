//! The statements of an event. To build one takes longer than to send it, so each is built once for all events of its shape.

use std::{
    collections::HashMap,
    mem::{Discriminant, discriminant},
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use sea_orm::{DbBackend, DbErr, Statement};

use super::{
    kind::Kind,
    parameters::{Bindings, Bound},
};

/// What decides the text of an event's statements. There are some hundred shapes, and each has about ten kilobytes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) backend: DbBackend,
    pub(super) kind: Kind,
    pub(super) bound: Bound,
}

/// The statements of one shape, with placeholders.
#[derive(Debug)]
pub(super) struct Statements {
    /// Changes the row, unless there is none or it has counted this delivery.
    pub(super) update: Statement,
    /// Counts a delivery that the row has counted before.
    pub(super) repeat: Statement,
    /// Inserts the row, unless it is there.
    pub(super) insert: Statement,
}

impl Statements {
    /// Those of a shape. `build` is called for the first event of it, and sees nothing else of that event.
    pub(super) fn of(shape: Shape, build: impl FnOnce(Shape) -> Result<Self, DbErr>) -> Result<Arc<Self>, DbErr> {
        static BUILT: LazyLock<RwLock<HashMap<Key, Arc<Statements>>>> = LazyLock::new(RwLock::default);
        let key = (discriminant(&shape.backend), shape.kind, shape.bound);
        if let Some(built) = BUILT.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(built));
        }
        let statements = Arc::new(build(shape)?);
        BUILT.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&statements));
        Ok(statements)
    }
}

type Key = (Discriminant<DbBackend>, Kind, Bound);

/// A statement with the values of one event.
pub(super) fn filled(statement: &Statement, bindings: &Bindings) -> Statement {
    let values = statement.values.as_ref().map(|values| bindings.fill(values));
    Statement { sql: statement.sql.clone(), values, db_backend: statement.db_backend }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{kind::StatusRank, parameters::Parameter},
        *,
    };

    fn named(text: &str) -> Statements {
        let statement = || Statement::from_string(DbBackend::Sqlite, text);
        Statements { update: statement(), repeat: statement(), insert: statement() }
    }

    #[test]
    fn the_statements_of_a_shape_are_built_once() {
        let mut bindings = Bindings::default();
        bindings.bind(Parameter::Status, "ringing");
        // No event has only a status.
        let kind = Kind::Status(StatusRank::Ended);
        let shape = Shape { backend: DbBackend::Sqlite, kind, bound: bindings.bound() };
        let of = |shape, text| Statements::of(shape, |_| Ok(named(text))).unwrap().update.sql.clone();
        assert_eq!([of(shape, "first"), of(shape, "second")], ["first", "first"]);
        assert_eq!(of(Shape { backend: DbBackend::MySql, ..shape }, "of MySQL"), "of MySQL");
        assert_eq!(of(Shape { kind: Kind::Status(StatusRank::InProgress(1)), ..shape }, "of a rank"), "of a rank");
        bindings.bind(Parameter::Duration, 5);
        assert_eq!(of(Shape { bound: bindings.bound(), ..shape }, "with a duration"), "with a duration");
    }
}

//! Hears every statement that a connection sends.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

/// What a connection sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statements {
    heard: Arc<Mutex<Vec<Statement>>>,
}

impl Statements {
    pub(crate) fn of(db: &mut DatabaseConnection) -> Self {
        let statements = Self::default();
        let heard = Arc::clone(&statements.heard);
        db.set_metric_callback(move |info| {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(info.statement.clone());
        });
        statements
    }

    /// Those since the last time.
    pub(crate) fn take(&self) -> Vec<Statement> {
        mem::take(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends the statements once more and merely fetches their rows: nobody who asks the same can be faster.
pub(crate) async fn replay(db: &DatabaseConnection, statements: &[Statement]) -> Result<usize, DbErr> {
    let mut rows = 0;
    for statement in statements {
        rows += db.query_all_raw(statement.clone()).await?.len();
    }
    Ok(rows)
}

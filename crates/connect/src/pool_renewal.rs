//! When the connections of a pool are replaced before their time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{DbErr, SqlxError};

use super::error_kind::{ErrorKind, driver_error};

/// Closes the connections of a pool that were opened before a point in time, each when it is taken next.
#[derive(Clone, Debug, Default)]
pub(super) struct PoolRenewal(Arc<Mutex<Option<Instant>>>);

impl PoolRenewal {
    /// No connection that is open now is taken again.
    pub(super) fn start(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Starts one where the error says that the connections have become useless, and says whether the statement is worth another
    /// try at once.
    pub(super) fn start_after(&self, error: &DbErr) -> bool {
        let is_outdated = is_outdated(error);
        // Another server may have this one's name by now.
        if is_outdated || ErrorKind::of(error) == ErrorKind::ReadOnly {
            self.start();
        }
        is_outdated
    }

    /// Whether a connection of this age may be taken.
    pub(super) fn admits(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| age <= since.elapsed())
    }
}

/// Whether what the server keeps for this connection is of no use any more: a plan from before a migration, or a statement
/// that somebody has removed. The statement itself has not run.
fn is_outdated(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    match cause.code().as_deref() {
        // feature_not_supported; the driver has no other way to tell
        Some("0A000") => cause.message().contains("cached plan"),
        // invalid_sql_statement_name, duplicate_prepared_statement
        Some("26000" | "42P05") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_opened_before_is_replaced() {
        let renewal = PoolRenewal::default();
        assert!(renewal.admits(Duration::MAX));
        renewal.start();
        assert!(!renewal.admits(Duration::from_mins(1)));
        std::thread::sleep(Duration::from_millis(2));
        assert!(renewal.admits(Duration::from_millis(1)));
    }
}

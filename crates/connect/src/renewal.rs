//! When the connections of a pool are replaced before their time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Closes the connections of a pool that were opened before a point in time, each when it is taken next.
#[derive(Clone, Debug, Default)]
pub(super) struct Renewal(Arc<Mutex<Option<Instant>>>);

impl Renewal {
    /// No connection that is open now is taken again.
    pub(super) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection of this age may be taken.
    pub(super) fn admits(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| age <= since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_opened_before_is_replaced() {
        let renewal = Renewal::default();
        assert!(renewal.admits(Duration::MAX));
        renewal.begin();
        assert!(!renewal.admits(Duration::from_mins(1)));
        std::thread::sleep(Duration::from_millis(2));
        assert!(renewal.admits(Duration::from_millis(1)));
    }
}

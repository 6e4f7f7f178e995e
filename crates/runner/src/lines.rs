//! What happens as lines, for logs and for people who read along.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::event::Event;

/// How often a back-fill is worth a line.
const SOMETIMES: Duration = Duration::from_secs(10);

/// Chooses what is worth a line: all but single statements, which only those want who want to see more, and the progress of
/// a back-fill every ten seconds and at its end.
#[derive(Debug, Default)]
pub struct Lines {
    shows_statements: bool,
    last_progress: Mutex<Option<Instant>>,
}

impl Lines {
    /// Without statements, or with them.
    pub fn new(shows_statements: bool) -> Self {
        Self { shows_statements, ..Self::default() }
    }

    /// Whether this one is worth a line.
    pub fn are_worth(&self, event: &Event) -> bool {
        match event {
            Event::Statement { .. } => self.shows_statements,
            Event::Rows { percent, .. } => {
                let mut last = self.last_progress.lock().unwrap_or_else(PoisonError::into_inner);
                let is_due = *percent == 100 || last.is_none_or(|last| last.elapsed() >= SOMETIMES);
                if is_due {
                    *last = Some(Instant::now());
                }
                is_due
            }
            _ => true,
        }
    }
}

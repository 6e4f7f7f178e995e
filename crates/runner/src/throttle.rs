//! Which events are worth a line of output.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::event::Event;

/// The interval between progress lines.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);

/// Limits the output: it allows statements only if they are wanted, progress every ten seconds at most, and everything else. The end of
/// a back-fill is always shown.
#[derive(Debug, Default)]
pub struct Throttle {
    shows_statements: bool,
    last_progress: Mutex<Option<Instant>>,
}

impl Throttle {
    /// A limit that allows statements, or not.
    pub fn new(shows_statements: bool) -> Self {
        Self { shows_statements, ..Self::default() }
    }

    /// Whether to print this event now. Remembers when it last allowed progress.
    pub fn allows(&self, event: &Event) -> bool {
        match event {
            Event::Statement { .. } => self.shows_statements,
            Event::Rows { .. } | Event::IndexBuild { .. } => {
                let is_end = matches!(event, Event::Rows { percent: 100, .. });
                let mut last = self.last_progress.lock().unwrap_or_else(PoisonError::into_inner);
                let is_due = is_end || last.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL);
                if is_due {
                    *last = Some(Instant::now());
                }
                is_due
            }
            _ => true,
        }
    }
}

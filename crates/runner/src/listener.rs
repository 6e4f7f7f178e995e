//! Who receives the events of a run: the log, or the caller's listener.

use std::{fmt, sync::Arc};

use crate::{direction::Direction, error::Error, event::Event, log::Log};

/// Receives the events.
#[derive(Clone)]
pub(crate) enum Listener {
    Log(Arc<Log>),
    Own(Arc<dyn Fn(&Event) + Send + Sync>),
}

impl Listener {
    pub(crate) fn new(listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self::Own(Arc::new(listen))
    }

    pub(crate) fn notify(&self, event: &Event) {
        match self {
            Self::Log(log) => log.event(event),
            Self::Own(listen) => listen(event),
        }
    }

    /// A run begins. Only the log says so, as SeaORM's does.
    pub(crate) fn begin(&self, direction: Direction, steps: Option<u32>) {
        if let Self::Log(_) = self {
            Log::begin(direction, steps);
        }
    }

    /// A run failed. Who has a listener has the error, too.
    pub(crate) fn failed(&self, error: &Error) {
        if let Self::Log(_) = self {
            Log::failed(error);
        }
    }
}

impl Default for Listener {
    fn default() -> Self {
        Self::Log(Arc::default())
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

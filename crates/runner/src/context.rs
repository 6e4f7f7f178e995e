//! The context of a run: its settings, its listener, and the request to stop.

use crate::{error::Error, listener::Listener, settings::Settings, stop::Stop};

/// Shared by all parts of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) listener: Listener,
    pub(crate) stop: Stop,
}

impl Context {
    /// An error if the run was asked to stop.
    pub(crate) fn check_stop(&self) -> Result<(), Error> {
        if self.stop.signal().is_some() { Err(self.stopped(None)) } else { Ok(()) }
    }

    /// The error that ends a run which was asked to stop.
    pub(crate) fn stopped(&self, migration: Option<&str>) -> Error {
        Error::Stopped { signal: self.stop.signal().unwrap_or_default(), migration: migration.map(str::to_owned) }
    }
}

//! What a run is bound by: settings, who is told, and when it is to end.

use crate::{error::Error, event::Listener, settings::Settings, stop::Stop};

/// Shared by all that a run does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) settings: Settings,
    pub(crate) listener: Listener,
    pub(crate) stop: Stop,
}

impl Terms {
    /// Unless somebody wants to stop.
    pub(crate) fn go_on(&self) -> Result<(), Error> {
        if self.stop.signal().is_some() { Err(self.stopped(None)) } else { Ok(()) }
    }

    /// What ends a run after somebody wanted to stop.
    pub(crate) fn stopped(&self, migration: Option<&str>) -> Error {
        Error::Stopped { signal: self.stop.signal().unwrap_or_default(), migration: migration.map(str::to_owned) }
    }
}

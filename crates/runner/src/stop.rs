//! The wish to stop, from a signal or from the program.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use crate::sleep::{SLICE, sleep};

/// Tells runs to end after the statement that is running; shared by its clones.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Never, unless [`request`](Self::request)ed.
    pub fn new() -> Self {
        Self::default()
    }

    /// On SIGINT and SIGTERM. A second one of either ends the program at once; the server then rolls back what it can.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::new();
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            flag::register_usize(signal, Arc::clone(&stop.0), usize::try_from(signal).unwrap_or_default())?;
        }
        Ok(stop)
    }

    /// Asks for it, as if that signal had come.
    pub fn request(&self, signal: u8) {
        self.0.store(signal.into(), Ordering::SeqCst);
    }

    /// Until somebody asks for it.
    pub async fn requested(&self) {
        while self.signal().is_none() {
            sleep(SLICE).await;
        }
    }

    /// The signal that asked for it, such as 15 for SIGTERM.
    pub fn signal(&self) -> Option<u8> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            signal => u8::try_from(signal).ok(),
        }
    }
}

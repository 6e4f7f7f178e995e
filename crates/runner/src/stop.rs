//! Requests to stop, from a signal or from the program.
//!
//! This is not the `CancellationToken` of tokio-util: it keeps the number of the signal, which decides the exit code, and a
//! signal handler can set it without a task on either runtime.

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

use crate::sleep::{SIGNAL_POLL_INTERVAL, sleep};

/// Asks runs to end after the current statement. Clones share the request.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Without signals: stops only on [`request`](Self::request).
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops on SIGINT and SIGTERM. A second signal ends the program at once, and the server rolls back what it can.
    ///
    /// # Errors
    /// If the system rejects a signal handler.
    pub fn on_signals() -> io::Result<Self> {
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
        }
        Self::on_every_signal()
    }

    /// Stops on SIGINT and SIGTERM, however many come: for what leaves something behind if it ends at once.
    ///
    /// # Errors
    /// If the system rejects a signal handler.
    pub fn on_every_signal() -> io::Result<Self> {
        let stop = Self::new();
        for signal in [SIGINT, SIGTERM] {
            flag::register_usize(signal, Arc::clone(&stop.0), usize::try_from(signal).unwrap_or_default())?;
        }
        Ok(stop)
    }

    /// Requests a stop, as if this signal had arrived.
    pub fn request(&self, signal: u8) {
        self.0.store(signal.into(), Ordering::SeqCst);
    }

    /// Returns when a stop is requested.
    pub async fn requested(&self) {
        while self.signal().is_none() {
            sleep(SIGNAL_POLL_INTERVAL).await;
        }
    }

    /// The signal of the request, such as 15 for SIGTERM.
    pub fn signal(&self) -> Option<u8> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            signal => u8::try_from(signal).ok(),
        }
    }
}

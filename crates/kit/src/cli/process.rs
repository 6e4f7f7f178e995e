//! This process: its name, its runtime, and the signals that stop it.

use std::{path::PathBuf, pin::pin};

use anyhow::Context;
use futures_util::future::{Either, select};
use sea_orm_runner::{Error, Stop};

/// The name by which this program was run, without its folder.
pub fn program_name() -> String {
    let path = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs on a runtime of its own.
#[cfg(feature = "runtime-tokio")]
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("the system has threads and timers").block_on(work)
}

/// Runs on a runtime of its own.
#[cfg(all(feature = "runtime-async-std", not(feature = "runtime-tokio")))]
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    async_std::task::block_on(work)
}

/// Does what only reads, unless SIGINT or SIGTERM comes.
pub(super) async fn unless_stopped<T>(reading: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let stop = Stop::on_signals().context("cannot handle signals")?;
    match select(pin!(reading), pin!(stop.requested())).await {
        Either::Left((read, _)) => read,
        Either::Right(((), _)) => {
            Err(Error::Stopped { signal: stop.signal().unwrap_or_default(), migration: None }.into())
        }
    }
}

#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "some is of use only where all drivers are compiled in"
    )
)]

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` or `runtime-async-std`");

mod backfill;
mod context;
mod direction;
mod error;
mod event;
mod execute;
pub mod history;
mod job;
mod listener;
mod lock;
mod log;
#[cfg(test)]
mod message_tests;
mod monitor;
pub mod online;
pub mod planning;
mod reset;
mod retry;
mod runner;
mod session;
mod settings;
mod sleep;
pub mod sqlite;
mod stop;
mod throttle;

pub use backfill::Backfill;
pub use error::Error;
pub use event::Event;
pub use job::{Batch, Job, JobError};
pub use runner::Runner;
pub use session::Session;
pub use settings::Settings;
pub use sleep::sleep;
pub use stop::Stop;
pub use throttle::Throttle;

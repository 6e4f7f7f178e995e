#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` or `runtime-async-std`");

mod attempt;
mod backfill;
mod emptied;
mod error;
mod event;
mod foreign_keys;
pub mod history;
mod lines;
pub mod online;
mod patience;
mod pause;
pub mod planning;
pub mod reading;
mod runner;
mod server;
mod session;
mod settings;
mod sleep;
mod stop;
mod terms;
mod waiting;
mod watch;
mod way;
mod work;

pub use backfill::Backfill;
pub use error::Error;
pub use event::Event;
pub use lines::Lines;
pub use runner::Runner;
pub use session::Session;
pub use settings::Settings;
pub use sleep::sleep;
pub use stop::Stop;

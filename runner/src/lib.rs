#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod attempt;
mod backfill;
mod emptied;
mod error;
mod event;
pub mod history;
mod lines;
mod obstacle;
pub mod online;
mod pause;
pub mod reading;
mod runner;
mod server;
mod session;
mod settings;
mod stop;
mod terms;
mod waiting;
mod watch;

pub use backfill::Backfill;
pub use error::Error;
pub use event::Event;
pub use lines::Lines;
pub use runner::Runner;
pub use session::Session;
pub use settings::Settings;
pub use stop::Stop;

#![doc = include_str!("../README.md")]

mod call_id;
pub mod call_log;
pub mod enums;
pub mod prelude;
pub mod twilio;

pub use call_id::CallId;

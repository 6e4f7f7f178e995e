#![doc = include_str!("../README.md")]

pub mod call_log;
pub mod enums;
pub mod prelude;
pub mod twilio;

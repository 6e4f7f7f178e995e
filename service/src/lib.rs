#![doc = include_str!("../README.md")]

pub mod cost;
pub mod mutations;
pub mod queries;
mod replay;
pub mod schema;
#[cfg(feature = "server")]
pub mod server;

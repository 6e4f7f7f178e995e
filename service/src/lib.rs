#![doc = include_str!("../README.md")]

pub mod cost;
pub mod cost_totals;
mod filter;
#[cfg(all(test, feature = "server"))]
mod message_tests;
pub mod mutations;
pub mod queries;
pub mod schema;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
mod sid;
#[cfg(feature = "server")]
pub mod worker;

/// The migration that it shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/scale.md")]
struct Scale;

#![doc = include_str!("../README.md")]

mod replay;
pub mod schema;

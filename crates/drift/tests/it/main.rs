//! The engine against real servers, in one program because linking is what costs. No entity of an application is used.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod beyond;
#[expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]
mod call_log;
mod changes;
mod driver;
mod generated;
mod instructions;
mod judgements;
mod planned;
mod repair;
mod round_trip;
#[expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]
mod rows;

use test_servers as servers;

//! The workspace's tests, in one program because linking is what costs. `entity_matches_migrations` is the heart;
//! `it` runs everything against real servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cluster;
mod entity_matches_migrations;
mod it;

use test_servers as servers;

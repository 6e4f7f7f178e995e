//! The workspace's tests, in one program because linking is what costs. `entity_matches_migrations` is the heart;
//! `it` runs everything against real servers.

mod entity_matches_migrations;
mod it;
mod servers;

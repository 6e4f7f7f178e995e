#![doc = include_str!("../README.md")]
#![expect(
    unreachable_pub,
    reason = "`sea-orm-cli migrate generate` writes `pub struct Migration` into a private module"
)]

pub use sea_orm_migration::prelude::*;

mod adoption;
pub mod connection;
pub mod history;
mod m20251227_000050_create_call_log;
mod m20251228_000051_add_call_log_cost_metrics;

/// All migrations of this workspace, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20251227_000050_create_call_log::Migration),
            Box::new(m20251228_000051_add_call_log_cost_metrics::Migration),
        ]
    }
}

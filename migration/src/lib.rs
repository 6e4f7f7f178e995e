#![doc = include_str!("../README.md")]
#![expect(
    unreachable_pub,
    reason = "`sea-orm-cli migrate generate` writes `pub struct Migration` into a private module"
)]

pub use sea_orm_migration::prelude::*;
use sea_orm_migration::seaql_migrations;
use sea_orm_runner::{Runner, history};

mod adoption;
mod columns;
pub mod cost_totals;
mod m20251227_000050_create_call_log;
mod m20251228_000051_add_call_log_cost_metrics;
mod m20261125_000052_add_call_log_bookkeeping;
mod m20261125_000053_index_call_log_lists;

/// All migrations of this workspace, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20251227_000050_create_call_log::Migration),
            Box::new(m20251228_000051_add_call_log_cost_metrics::Migration),
            Box::new(m20261125_000052_add_call_log_bookkeeping::Migration),
            Box::new(m20261125_000053_index_call_log_lists::Migration),
        ]
    }

    // What follows is sea-orm-migration's, done so that several may migrate at once, that nobody has to wait for long, and
    // that another version's migrations are not errors.

    async fn up<'c, C: IntoSchemaManagerConnection<'c>>(db: C, steps: Option<u32>) -> Result<(), DbErr> {
        Ok(Runner::new().up::<Self>(&db.into_database_executor(), steps).await?)
    }

    async fn down<'c, C: IntoSchemaManagerConnection<'c>>(db: C, steps: Option<u32>) -> Result<(), DbErr> {
        Ok(Runner::new().down::<Self>(&db.into_database_executor(), steps).await?)
    }

    async fn fresh<'c, C: IntoSchemaManagerConnection<'c>>(db: C) -> Result<(), DbErr> {
        Ok(Runner::new().fresh::<Self>(&db.into_database_executor()).await?)
    }

    async fn refresh<'c, C: IntoSchemaManagerConnection<'c>>(db: C) -> Result<(), DbErr> {
        Ok(Runner::new().refresh::<Self>(&db.into_database_executor()).await?)
    }

    async fn reset<'c, C: IntoSchemaManagerConnection<'c>>(db: C) -> Result<(), DbErr> {
        Ok(Runner::new().reset::<Self>(&db.into_database_executor()).await?)
    }

    async fn status<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
        history::read::<Self>(db).await?.iter().for_each(|step| tracing::info!("{step}"));
        Ok(())
    }

    async fn get_migration_models<C: ConnectionTrait>(db: &C) -> Result<Vec<seaql_migrations::Model>, DbErr> {
        history::of_known::<Self>(db).await
    }
}

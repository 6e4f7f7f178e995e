//! `call-log migrate plan`, and the plan for the application's own migrations.

mod as_it_runs;
mod command_line;
#[path = "../../../crates/plan/tests/it/comparison.rs"]
mod comparison;
mod read_only;

use migration::Migrator;
use sea_orm::DbConn;
use sea_orm_plan::Plan;
use sea_orm_runner::Settings;

async fn plan(db: &DbConn) -> Plan {
    sea_orm_plan::plan::<Migrator>(db, &Settings::default()).await.unwrap()
}

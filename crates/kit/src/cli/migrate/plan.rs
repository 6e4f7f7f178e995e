//! `plan`: what `up` would do.

use clap::Args;
use sea_orm_connect::Access;
use sea_orm_migration::MigratorTrait;
use sea_orm_plan::plan;
use sea_orm_runner::Settings;
use serde_json::json;

use crate::cli::{
    database::DatabaseArgs,
    exit::Exit,
    progress::Format,
    stdout::{print, print_wrapped},
};

/// How a plan is written.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Format of the plan.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) async fn run<M: MigratorTrait + 'static>(args: &PlanArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let (_, db) = database.connect_to_migrate(Access::ReadOnly).await?;
    let plan = plan::<M>(&db, &Settings::default()).await?;
    match args.format {
        Format::Text => print_wrapped(|stdout| plan.write_text(stdout))?,
        Format::Json => {
            let mut object = json!(plan);
            object["version"] = 1.into();
            print(|stdout| writeln!(stdout, "{object:#}"))?;
        }
    }
    Ok(Exit::Success)
}

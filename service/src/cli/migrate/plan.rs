//! `call-log migrate plan`: what `up` would do.

use clap::Args;
use migration::{Migrator, connection::Access};
use sea_orm_runner::Runner;
use serde_json::json;

use super::{DatabaseArgs, Exit};
use crate::cli::{print, progress::Format};

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArgs {
    /// How it is told.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) async fn run(args: &PlanArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let (_, db) = database.connect_to_migrate(Access::ReadOnly).await?;
    let plan = Runner::new().plan::<Migrator>(&db).await?;
    print(|stdout| match args.format {
        Format::Text => plan.write_text(stdout),
        Format::Json => {
            let mut object = json!(plan);
            object["version"] = 1.into();
            writeln!(stdout, "{object:#}")
        }
    })?;
    Ok(Exit::Success)
}

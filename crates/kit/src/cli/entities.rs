//! `entities`: writes what the entities declare.

use clap::Args;
use sea_orm_drift::{Error, Record};
use sea_orm_migration::MigratorTrait;

use super::{exit::Exit, stdout::print};
use crate::project::{Project, SchemaError};

/// What is written.
#[derive(Debug, Args)]
pub struct EntitiesArgs {
    /// Name of the release, for the messages of later releases.
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
}

/// The names of all migrations, oldest first.
pub(super) fn migrations<M: MigratorTrait>() -> Vec<String> {
    M::migrations().into_iter().map(|migration| migration.name().to_owned()).collect()
}

/// Writes the record to stdout. Connects to no database.
///
/// # Errors
/// If the project has no entities, or stdout cannot be written.
pub fn run<M: MigratorTrait>(project: &Project<M>, args: &EntitiesArgs) -> anyhow::Result<Exit> {
    if project.entities().is_empty() {
        return Err(SchemaError::from(Error::NoEntities).into());
    }
    let mut record = Record::of(project.entities(), migrations::<M>());
    record.release.clone_from(&args.release);
    print(|stdout| record.write(stdout))?;
    Ok(Exit::Success)
}

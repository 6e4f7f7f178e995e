//! `wait`: for whoever must not start before somebody else has migrated.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use futures_util::future::{Either, select};
use sea_orm_connect::{Access, ConnectError};
use sea_orm_drift::{Report, Severity, Verbosity};
use sea_orm_migration::MigratorTrait;
use sea_orm_runner::sleep;

use crate::{
    cli::{
        database::DatabaseArgs,
        exit::Exit,
        progress::print_wrapped_line,
        stdout::print_text,
        suppression::{AcceptArgs, Accepted},
        verdict::{breaking, may_start},
    },
    output::error_chain,
    project::{Project, SchemaError},
};

/// How many findings are named while it waits.
const MOST: usize = 20;

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long to wait.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// How long to wait at most.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    timeout: humantime::Duration,

    #[command(flatten)]
    accept: AcceptArgs,
}

pub(super) async fn run<M: MigratorTrait>(
    project: &Project<M>,
    args: &WaitArgs,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    let accepted = args.accept.read()?;
    let began = Instant::now();
    let mut told = String::new();
    loop {
        let left = args.timeout.saturating_sub(began.elapsed()).max(LOOK);
        let seen = match select(pin!(look(project, database, &accepted)), pin!(sleep(left))).await {
            Either::Left((seen, _)) => seen,
            Either::Right(((), _)) => Err(no_answer(database)?.into()),
        };
        match &seen {
            Ok(report) if !report.fails_at(Severity::Error) => {
                print_text(report, Verbosity::Normal, &may_start(report))?;
                return Ok(Exit::Success);
            }
            Err(error) if is_hopeless(error) => return seen.map(|_| Exit::Success),
            Ok(_) | Err(_) => {}
        }
        if began.elapsed() >= *args.timeout {
            let report = seen.with_context(|| format!("gave up after {} (`--timeout`)", args.timeout))?;
            print_wrapped_line(&format!(
                "waited   {} (`--timeout`), and the schema would still break this program",
                args.timeout
            ));
            print_text(&report, Verbosity::Normal, &may_start(&report))?;
            return Ok(Exit::Drift);
        }
        let missing = missing(&seen);
        if missing != told {
            print_wrapped_line(&format!("waiting  {missing}"));
            told = missing;
        }
        sleep(LOOK.min(args.timeout.saturating_sub(began.elapsed()))).await;
    }
}

async fn look<M: MigratorTrait>(
    project: &Project<M>,
    database: &DatabaseArgs,
    accepted: &Accepted,
) -> anyhow::Result<Report> {
    let (url, db) = database.connect_to_migrate(Access::ReadOnly).await?;
    let report = project.check(&db).await;
    db.close().await.ok();
    Ok(accepted.apply(report?.against(url.to_string())))
}

fn no_answer(database: &DatabaseArgs) -> Result<ConnectError, ConnectError> {
    let (url, reason) = (database.url_to_migrate()?, "no answer in the time that was left".to_owned());
    Ok(ConnectError::Unreachable { url, reason })
}

/// What no server can mend while this waits.
fn is_hopeless(error: &anyhow::Error) -> bool {
    let is_of_settings = matches!(
        error.downcast_ref(),
        Some(ConnectError::Url(_) | ConnectError::EnvFile | ConnectError::SchemaIgnored { .. })
    );
    is_of_settings || matches!(error.downcast_ref(), Some(SchemaError::NotCompared(sea_orm_drift::Error::NoEntities)))
}

fn missing(seen: &anyhow::Result<Report>) -> String {
    match seen {
        Ok(report) => format!("this would break this program: {}", breaking(report, MOST)),
        Err(error) => error_chain(error.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_entities_there_is_nothing_to_wait_for() {
        let none = SchemaError::NotCompared(sea_orm_drift::Error::NoEntities);
        assert!(is_hopeless(&none.into()));
        let unreachable = ConnectError::Unreachable { url: "sqlite::memory:".parse().unwrap(), reason: String::new() };
        assert!(!is_hopeless(&unreachable.into()));
    }
}

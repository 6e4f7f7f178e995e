//! `call-log migrate`: the same migrations as `sea-orm-cli migrate`, without cargo, with the drift check behind them.

use std::{
    io::{self, Write},
    time::Instant,
};

use anyhow::Context;
use clap::Subcommand;
use migration::{
    Migrator, MigratorTrait,
    connection::Access,
    history::{self, State, Step},
};
use sea_orm::DbConn;
use sea_orm_drift::{Detail, Severity};
use service::schema;

use super::{DatabaseArgs, Exit, accept::AcceptArgs, print, print_text};

#[derive(Debug, Subcommand)]
pub(super) enum MigrateVerb {
    /// Apply all pending migrations, then check the entity against the result.
    Up(AcceptArgs),
    /// Undo the last migrations.
    Down {
        /// How many.
        #[arg(short = 'n', long = "num", default_value_t = 1)]
        number: u32,
    },
    /// List the migrations, read-only; exits 1 while one is pending.
    Status,
}

pub(super) async fn run(verb: &MigrateVerb, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    match verb {
        MigrateVerb::Up(accept) => {
            let accepted = accept.read()?;
            let (url, db) = database.connect(Access::ReadWrite).await?;
            up(&db).await?;
            let report = schema::check(&db).await.context("migrated, and not checked")?.against(url.to_string());
            let report = accepted.apply(report);
            print_text(&report, Detail::Usual)?;
            Ok(if report.fails_at(Severity::Error) { Exit::Drift } else { Exit::Success })
        }
        MigrateVerb::Down { number } => {
            let (_, db) = database.connect(Access::ReadWrite).await?;
            down(&db, *number).await?;
            Ok(Exit::Success)
        }
        MigrateVerb::Status => {
            let (_, db) = database.connect(Access::ReadOnly).await?;
            status(&read(&db).await?)
        }
    }
}

async fn read(db: &DbConn) -> anyhow::Result<Vec<Step>> {
    history::read(db).await.context("the migration history cannot be read")
}

async fn up(db: &DbConn) -> anyhow::Result<()> {
    let pending: Vec<Step> = read(db).await?.into_iter().filter(|step| step.state == State::Pending).collect();
    if pending.is_empty() {
        say("nothing to apply");
    }
    for step in pending {
        let began = Instant::now();
        Migrator::up(db, Some(1)).await.with_context(|| format!("migration {} failed", step.name))?;
        say(&format!("applied  {} ({} ms)", step.name, began.elapsed().as_millis()));
    }
    Ok(())
}

async fn down(db: &DbConn, number: u32) -> anyhow::Result<()> {
    let applied = read(db).await?.into_iter().rev().filter(|step| step.state == State::Applied);
    let last: Vec<Step> = applied.take(usize::try_from(number)?).collect();
    if last.is_empty() {
        say("nothing to undo");
    }
    for step in last {
        let began = Instant::now();
        Migrator::down(db, Some(1)).await.with_context(|| format!("undoing migration {} failed", step.name))?;
        say(&format!("undone   {} ({} ms)", step.name, began.elapsed().as_millis()));
    }
    Ok(())
}

/// Progress; a migration does not stop half-way because nobody listens.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn status(steps: &[Step]) -> anyhow::Result<Exit> {
    print(|stdout| {
        steps.iter().try_for_each(|step| {
            let state = match step.state {
                State::Applied => "applied",
                State::Pending => "pending",
                State::Unknown => "unknown",
            };
            writeln!(stdout, "{state:<8} {}", step.name)
        })
    })?;
    let is_pending = steps.iter().any(|step| step.state == State::Pending);
    Ok(if is_pending { Exit::Drift } else { Exit::Success })
}

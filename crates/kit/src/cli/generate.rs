//! `generate`: writes the migration that is missing, or an empty one.

use std::{
    ffi::OsString,
    io::{self, IsTerminal},
    panic::{AssertUnwindSafe, resume_unwind},
    path::{Path, PathBuf},
    pin::pin,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::Context;
use chrono::{Local, TimeDelta, Utc};
use clap::Args;
use dialoguer::Select;
use futures_util::{
    FutureExt,
    future::{Either, select},
};
use sea_orm_cli::run_migrate_generate;
use sea_orm_connect::{ConnectError, DatabaseUrl};
use sea_orm_migration::MigratorTrait;
use sea_orm_runner::{Error, Stop};

use super::{
    database::DatabaseArgs,
    exit::Exit,
    process::program_name,
    progress::print_wrapped_line,
    rolling,
    stdout::{print, print_wrapped},
    suppression,
};
use crate::{
    generate::{
        Answer, Ask, Decisions, Destination, GenerateError, MissingMigrations, Question, Scratch, list_of, module_name,
        write,
    },
    output::print_line,
    project::Project,
};

/// What to write, and what was decided.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct GenerateArgs {
    /// Its name, such as `add_user_email`.
    #[arg(required_unless_present = "check")]
    name: Option<String>,

    /// Write an empty migration.
    #[arg(long, conflicts_with_all = ["check", "rename", "drop", "keep", "fill", "rolling"])]
    empty: bool,

    /// Write nothing; exits 1 if a migration is missing.
    #[arg(long)]
    check: bool,

    /// A column or table has a new name: `post.title=headline`.
    #[arg(long, value_name = "OLD=NEW", value_parser = pair)]
    rename: Vec<(String, String)>,

    /// Drop this column, table, index or constraint, or let it lose values in a narrower type: `post.title`.
    #[arg(long, value_name = "OBJECT")]
    drop: Vec<String>,

    /// Leave this in the database, although no entity declares it.
    #[arg(long, value_name = "OBJECT")]
    keep: Vec<String>,

    /// The value of existing rows in a column that becomes NOT NULL, as SQL: `post.slug=lower(title)`.
    #[arg(long, value_name = "COLUMN=SQL", value_parser = pair)]
    fill: Vec<(String, String)>,

    /// Record of a release that may still run, written by its verb `entities`: nothing is written that would break it. May be
    /// given several times.
    #[arg(long, value_name = "FILE")]
    rolling: Vec<PathBuf>,

    /// File of exceptions (TOML); by default `drift.toml` in the current folder, if it exists. What it allows stays in the database,
    /// as with `--keep`.
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,

    /// A server on which a scratch database is created and dropped again; by default SQLite in memory.
    #[arg(long, value_name = "URL", env = "SCRATCH_URL", hide_env_values = true)]
    scratch_url: Option<String>,

    /// The folder of the crate with the migrations.
    #[arg(short = 'd', long, value_name = "FOLDER", env = "MIGRATION_DIR", hide_env_values = true)]
    migration_dir: Option<OsString>,

    /// Set by cargo.
    #[arg(long, env = "CARGO_MANIFEST_DIR", hide = true, default_value = ".")]
    crate_dir: PathBuf,

    /// Name it after the local time instead of UTC.
    #[arg(long)]
    local_time: bool,

    /// Name it after UTC, as by default.
    #[arg(long, conflicts_with = "local_time")]
    universal_time: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((one, other)) if !one.trim().is_empty() && !other.trim().is_empty() => {
            Ok((one.trim().to_owned(), other.trim().to_owned()))
        }
        _ => Err("it should be two names or a name and a value, with `=` between them".to_owned()),
    }
}

/// Writes what is missing.
///
/// # Errors
/// If nothing could be written; [`Exit::of`] says what to return.
pub(super) async fn run<M: MigratorTrait>(
    project: &Project<M>,
    args: &GenerateArgs,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    let named = args.migration_dir.as_deref().filter(|folder| !folder.is_empty()).map(Path::new);
    let folder = named.or(project.migrations_folder()).unwrap_or(&args.crate_dir);
    let name = args.name.as_deref().map(module_name).transpose()?.unwrap_or_default();
    if args.empty {
        // Without the list, the file would be written and then not registered.
        list_of(folder)?;
        run_migrate_generate(&folder.to_string_lossy(), &name, !args.local_time)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        return Ok(Exit::Success);
    }
    let missing = Box::pin(find(project, args, database)).await?;
    for note in &missing.notes {
        print_wrapped_line(&format!("note: {note}"));
    }
    if missing.migrations.is_empty() {
        print(|stdout| writeln!(stdout, "nothing to write: the migrations build what the entities declare"))?;
        print_wrapped_line(&format!(
            "note: no database was compared; if one differs, `{} check` shows the statements that repair it, and `--empty` begins \
             a migration for them",
            program_name()
        ));
        return Ok(Exit::Success);
    }
    for remark in &missing.remarks {
        print_wrapped_line(&format!("note: {remark}"));
    }
    if args.check {
        print_wrapped(|stdout| {
            missing.migrations.iter().try_for_each(|migration| writeln!(stdout, "missing  {}", migration.summary()))
        })?;
        return Ok(Exit::Drift);
    }
    write_files(args, name, folder, &missing)
}

/// On a scratch database, which is gone afterwards, however that ends.
async fn find<M: MigratorTrait>(
    project: &Project<M>,
    args: &GenerateArgs,
    database: &DatabaseArgs,
) -> anyhow::Result<MissingMigrations> {
    let exceptions = suppression::exceptions(args.exceptions.as_deref())?;
    let releases = rolling::read::<M>(&args.rolling, project.entities())?;
    // A terminal that is read sends a SIGINT of its own after the signal that interrupts it.
    let stop = Stop::on_every_signal().context("cannot handle signals")?;
    let scratch_url = args.scratch_url.as_deref().filter(|url| !url.trim().is_empty());
    // A URL that is none is of no interest here.
    let is_for_sqlite = scratch_url.is_some() || database.url().ok().flatten().is_some_and(|url| url.is_sqlite());
    let scratch = match scratch_url {
        Some(url) => Scratch::at_url(&url.parse::<DatabaseUrl>().map_err(ConnectError::from)?).await?,
        None => match project.why_not_sqlite() {
            Some(what) => return Err(GenerateError::BeyondSqlite(what).into()),
            None => Scratch::in_memory().await?,
        },
    };
    let decisions = Decisions {
        renames: args.rename.clone(),
        drops: args.drop.iter().cloned().collect(),
        keeps: args.keep.iter().cloned().collect(),
        fills: args.fill.iter().cloned().collect(),
        releases,
        exceptions,
        is_for_sqlite,
    };
    let is_terminal = io::stdin().is_terminal() && io::stderr().is_terminal() && !args.check;
    let mut ask = |question: &Question| ask(question, &stop);
    let work = async {
        let ask: Option<&mut Ask<'_>> = if is_terminal { Some(&mut ask) } else { None };
        project.missing_migrations(&scratch, decisions, ask).await
    };
    // sea-query panics where a database lacks something.
    let work = AssertUnwindSafe(work).catch_unwind();
    let found = match select(pin!(work), pin!(stop.requested())).await {
        Either::Left((found, _)) => found.map(|found| found.map_err(anyhow::Error::from)),
        Either::Right(((), _)) => {
            Ok(Err(Error::Stopped { signal: stop.signal().unwrap_or_default(), migration: None }.into()))
        }
    };
    scratch.remove().await?;
    found.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Waits for an answer on the terminal, or for a signal.
fn ask(question: &Question, stop: &Stop) -> io::Result<Option<Answer>> {
    let items: Vec<String> = question.answers.iter().map(in_words).collect();
    let select = Select::new().with_prompt(&question.what).items(items).default(0).report(false);
    let chosen = thread::scope(|scope| {
        let (_answered, is_answered) = mpsc::channel();
        scope.spawn(move || repeat_signal(stop, &is_answered));
        select.interact_opt()
    });
    let chosen = chosen.map_err(|dialoguer::Error::IO(error)| {
        // It was hidden while there was a choice.
        dialoguer::console::Term::stderr().show_cursor().ok();
        error
    })?;
    Ok(chosen.map(|position| question.answers[position].clone()))
}

/// Only a signal that arrives while the terminal is read ends the reading. One that came just before is sent again.
fn repeat_signal(stop: &Stop, is_answered: &mpsc::Receiver<()>) {
    while is_answered.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout) {
        #[cfg(unix)]
        if stop.signal().is_some() {
            // It fails only for the process of somebody else.
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT).ok();
        }
    }
}

fn in_words(answer: &Answer) -> String {
    match answer {
        Answer::Rename(from, to) => format!("{from} was renamed to {to}"),
        Answer::Drop(object) => format!("drop {object}: what is lost is lost"),
        Answer::Convert(object) => format!("change the type of {object}: what does not fit is lost, or stops `up`"),
        Answer::Keep(object) => format!("keep {object} as it is in the database"),
    }
}

fn write_files(args: &GenerateArgs, name: String, folder: &Path, missing: &MissingMigrations) -> anyhow::Result<Exit> {
    // One migration a second, in the order in which they must run.
    let stamp = |seconds| {
        let later = TimeDelta::seconds(seconds);
        let format = "%Y%m%d_%H%M%S";
        if args.local_time {
            (Local::now() + later).format(format).to_string()
        } else {
            (Utc::now() + later).format(format).to_string()
        }
    };
    let count = i64::try_from(missing.migrations.len()).unwrap_or(i64::MAX);
    let destination = Destination { folder: folder.to_owned(), name, stamps: (0..count).map(stamp).collect() };
    let (files, is_formatted) = write(&destination, &missing.migrations)?;
    let here = std::env::current_dir().unwrap_or_default();
    print(|stdout| {
        let mut shown = files.iter().map(|file| file.strip_prefix(&here).or(file.strip_prefix("./")).unwrap_or(file));
        shown.try_for_each(|file| writeln!(stdout, "written  {}", file.display()))
    })?;
    if !is_formatted {
        print_line("note: rustfmt does not run here, so the files are not formatted: run `cargo fmt`");
    }
    Ok(Exit::Success)
}

#[cfg(all(test, unix))]
mod tests;

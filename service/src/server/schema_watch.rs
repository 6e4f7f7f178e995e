//! Keeps an eye on the schema while the program runs: whether it fits, and whether there is a database at all.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use migration::Migrator;
use sea_orm::DatabaseExecutor;
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, PoolerSafe, connect, refuse_other_schema};
use sea_orm_drift::{Report, Severity};
use sea_orm_kit::{error_chain, has_pending_migrations};
use sea_orm_runner::{Runner, Stop};
use tokio::sync::{Mutex, Notify, OnceCell, watch};

use crate::schema;

/// How often it is looked at while something is wrong.
const WHILE_WRONG: Duration = Duration::from_secs(2);

/// How often while nothing is.
const WHILE_RIGHT: Duration = Duration::from_mins(1);

/// A wave of errors is one reason to look, not many.
const WAVE: Duration = Duration::from_millis(200);

/// How long it is believed that the database answers, because it did.
const BELIEF: Duration = Duration::from_secs(1);

/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is done about a schema that would break the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnDrift {
    /// Do not start.
    #[default]
    Refuse,
    /// Start, answer 503, and look again until it fits.
    NotReady,
    /// Start and serve all the same.
    Warn,
}

/// What is known of the schema.
#[derive(Clone, Debug)]
pub enum State {
    /// Nothing yet.
    Starting,
    /// The database does not answer, or does not let this program in; the text is for the log.
    Unreachable(String),
    /// The database answers, and takes no writes.
    ReadOnly,
    /// The migrations that were to come first cannot be applied; the text is for the log.
    NotMigrated(String),
    /// It cannot be compared; the text is for the log.
    NotCompared(String),
    /// Something in it would break the program.
    Drifted(Box<Report>),
    /// Nothing breaks the program.
    Fits(Box<Report>),
}

impl State {
    /// In one word, as a metric and the probe say it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Unreachable(_) => "unreachable",
            Self::ReadOnly => "read-only",
            Self::NotMigrated(_) => "not-migrated",
            Self::NotCompared(_) => "not-compared",
            Self::Drifted(_) => "drifted",
            Self::Fits(report) if has_pending_migrations(report) => "pending",
            Self::Fits(report) if report.fails_at(Severity::Warning) => "differs",
            Self::Fits(_) => "in-sync",
        }
    }

    /// All the words there are.
    pub(super) const WORDS: [&'static str; 9] = [
        "starting",
        "unreachable",
        "read-only",
        "not-migrated",
        "not-compared",
        "drifted",
        "pending",
        "differs",
        "in-sync",
    ];

    /// The report, where there is one.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Starting | Self::Unreachable(_) | Self::ReadOnly | Self::NotMigrated(_) | Self::NotCompared(_) => {
                None
            }
            Self::Drifted(report) | Self::Fits(report) => Some(report),
        }
    }

    /// What is missing before this serves; nothing, where it does.
    pub fn missing(&self) -> Vec<String> {
        match self {
            Self::Starting => vec!["the schema was not looked at yet".to_owned()],
            Self::Unreachable(_) => vec!["the database does not answer".to_owned()],
            Self::ReadOnly => vec!["the database takes no writes: it is a replica, or was made read-only".to_owned()],
            Self::NotMigrated(_) => vec!["the migrations cannot be applied".to_owned()],
            Self::NotCompared(_) => vec!["the schema cannot be compared".to_owned()],
            Self::Drifted(report) => {
                let errors = report.differences.iter().filter(|found| found.severity() == Severity::Error);
                let mut errors: Vec<String> = errors.map(|found| found.fingerprint().to_string()).collect();
                if errors.is_empty() {
                    errors.push("the schema cannot be judged".to_owned());
                }
                errors
            }
            Self::Fits(_) => Vec::new(),
        }
    }
}

/// Which database, and what may be done with it at the start.
pub struct Watched {
    /// The database.
    pub url: DatabaseUrl,
    /// PostgreSQL schema to work in.
    pub schema: Option<String>,
    /// How to migrate first, if at all, and by which URL.
    pub migrate: Option<(Runner, DatabaseUrl)>,
    /// What to accept of a report.
    pub accept: Box<dyn Fn(Report) -> Report + Send + Sync>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, schema, migrate, accept: _ } = self;
        let migrates = migrate.is_some();
        f.debug_struct("Watched").field("url", url).field("schema", schema).field("migrates", &migrates).finish()
    }
}

/// The watch itself; one for each process.
#[derive(Debug)]
pub struct SchemaWatch {
    watched: Watched,
    db: OnceCell<PoolerSafe>,
    migrated: OnceCell<()>,
    state: watch::Sender<Arc<State>>,
    poked: Notify,
    /// One look at a time, and when the database answered last.
    answered: Mutex<Option<Instant>>,
}

/// Why the first look ended without an answer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The runner failed.
    #[error(transparent)]
    Migrate(#[from] sea_orm_runner::Error),
    /// There is no answer from the catalogue.
    #[error(transparent)]
    Schema(#[from] schema::SchemaError),
    /// It takes no writes.
    #[error("the database takes no writes: it is a replica, or was made read-only")]
    ReadOnly,
    /// It takes too long.
    #[error("the schema was not compared in {} s", PATIENCE.as_secs())]
    TooSlow,
}

impl SchemaWatch {
    /// Nothing is looked at yet.
    pub fn new(watched: Watched) -> Self {
        Self {
            watched,
            db: OnceCell::new(),
            migrated: OnceCell::new(),
            state: watch::Sender::new(Arc::new(State::Starting)),
            poked: Notify::new(),
            answered: Mutex::new(None),
        }
    }

    /// What was last seen.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.borrow())
    }

    /// What is seen from now on.
    pub fn follow(&self) -> watch::Receiver<Arc<State>> {
        self.state.subscribe()
    }

    /// The database, once it has answered.
    pub fn db(&self) -> Option<&PoolerSafe> {
        self.db.get()
    }

    /// Looks again soon: something happened that should not.
    pub fn poke(&self) {
        self.poked.notify_one();
    }

    /// Looks once: connects, migrates if that is wanted and was not done, compares.
    ///
    /// # Errors
    /// Where there is no answer; [`state`](Self::state) says so, too.
    pub async fn look(&self) -> Result<Arc<State>, StartError> {
        let mut answered = self.answered.lock().await;
        self.look_once(&mut answered).await
    }

    async fn look_once(&self, answered: &mut Option<Instant>) -> Result<Arc<State>, StartError> {
        let seen = self.see().await;
        let state = match &seen {
            Ok(report) if report.fails_at(Severity::Error) => State::Drifted(Box::new(report.clone())),
            Ok(report) => State::Fits(Box::new(report.clone())),
            Err(error @ (StartError::Connect(_) | StartError::Migrate(sea_orm_runner::Error::Lost { .. }))) => {
                State::Unreachable(error_chain(error))
            }
            Err(StartError::ReadOnly | StartError::Migrate(sea_orm_runner::Error::ReadOnly { .. })) => State::ReadOnly,
            Err(error @ StartError::Migrate(_)) => State::NotMigrated(error_chain(error)),
            Err(error) if self.is_gone().await => State::Unreachable(error_chain(error)),
            Err(error) => State::NotCompared(error_chain(error)),
        };
        *answered = seen.is_ok().then(Instant::now);
        self.tell(state);
        seen.map(|_| self.state())
    }

    /// What was seen, unless the database has gone since. Does not wait for a look that somebody else is taking.
    pub async fn confirmed(&self) -> Arc<State> {
        let Ok(mut answered) = self.answered.try_lock() else { return self.state() };
        let is_believed = answered.is_some_and(|at| at.elapsed() < BELIEF);
        if matches!(self.state().as_ref(), State::Fits(_)) && !is_believed {
            if self.is_gone().await || self.is_read_only().await {
                let _ = self.look_once(&mut answered).await; // told by the state
                // Whoever looks again and again would wait as long as while all was well.
                self.poke();
            } else {
                *answered = Some(Instant::now());
            }
        }
        self.state()
    }

    async fn see(&self) -> Result<Report, StartError> {
        let Watched { url, schema, migrate, accept } = &self.watched;
        let schema = schema.as_deref();
        if let Some((runner, url)) = migrate {
            let migrate = async || -> Result<(), StartError> {
                let db = connect(url, schema, Access::ReadWrite).await?;
                refuse_other_schema(&db, url, &schema::project().tables()).await?;
                let migrated = runner.up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await;
                db.close().await.ok();
                Ok(migrated?)
            };
            self.migrated.get_or_try_init(migrate).await?;
        }
        let db = self.db.get_or_try_init(|| PoolerSafe::connect(url, schema, Access::ReadWrite)).await?;
        let report =
            tokio::time::timeout(PATIENCE, schema::check(db.pool())).await.map_err(|_| StartError::TooSlow)??;
        if self.is_read_only().await {
            return Err(StartError::ReadOnly);
        }
        Ok(accept(report))
    }

    async fn is_read_only(&self) -> bool {
        let Some(db) = self.db.get() else { return false };
        matches!(tokio::time::timeout(WHILE_WRONG, db.is_read_only()).await, Ok(Ok(true)))
    }

    async fn is_gone(&self) -> bool {
        match self.db.get() {
            Some(db) => !matches!(tokio::time::timeout(WHILE_WRONG, db.pool().ping()).await, Ok(Ok(()))),
            None => true,
        }
    }

    fn tell(&self, state: State) {
        let before = self.state.send_replace(Arc::new(state));
        let after = self.state();
        for word in State::WORDS {
            metrics::gauge!("schema_state", "state" => word).set(if word == after.word() { 1.0 } else { 0.0 });
        }
        if before.word() == after.word() && before.missing() == after.missing() {
            return;
        }
        match after.as_ref() {
            State::Starting => {}
            State::Unreachable(reason) | State::NotMigrated(reason) | State::NotCompared(reason) => {
                tracing::error!(state = after.word(), reason, "the database cannot be used");
            }
            State::ReadOnly => tracing::error!(state = after.word(), "the database takes no writes"),
            State::Drifted(_) => {
                let missing = after.missing();
                tracing::error!(
                    state = after.word(),
                    missing = missing.join(", "),
                    "the schema would break this program"
                );
            }
            State::Fits(report) => {
                tracing::info!(state = after.word(), columns = report.compared.columns, "the schema fits");
            }
        }
    }

    /// Looks again and again, until it is to stop. A migration that is running is not left half-way: it stops by itself.
    pub async fn run(&self, stop: &Stop) {
        let mut pause = Duration::ZERO;
        while stop.signal().is_none() {
            pause = next_pause(&self.state(), pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.poked.notified() => tokio::time::sleep(WAVE).await,
                () = stop.requested() => return,
            }
            // What comes of it is told by the state.
            if self.watched.migrate.is_some() && !self.migrated.initialized() {
                let _ = self.look().await;
            } else {
                tokio::select! {
                    _ = self.look() => {}
                    () = stop.requested() => return,
                }
            }
        }
    }
}

/// How long to wait before the next look, after the pause before the last one. What a migration locks and undoes when it
/// fails is in the way of others, so that is tried ever less often.
fn next_pause(state: &State, last: Duration) -> Duration {
    match state {
        State::Starting => Duration::ZERO,
        State::Fits(_) => WHILE_RIGHT,
        State::NotMigrated(_) => (last * 2).clamp(WHILE_WRONG, WHILE_RIGHT),
        State::Unreachable(_) | State::ReadOnly | State::NotCompared(_) | State::Drifted(_) => WHILE_WRONG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_word() {
        let document = include_str!("../../../docs/service.md");
        for word in State::WORDS {
            assert!(document.contains(&format!("\n| `{word}` | ")), "{word}");
        }
    }

    #[test]
    fn a_migration_that_fails_is_tried_ever_less_often() {
        let failed = State::NotMigrated(String::new());
        let pauses = std::iter::successors(Some(Duration::ZERO), |last| Some(next_pause(&failed, *last)));
        let seconds: Vec<u64> = pauses.skip(1).take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
    }
}

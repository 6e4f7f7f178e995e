//! A project: its entities and its migrations, which belong together.

use std::{
    marker::PhantomData,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use sea_orm_connect::{Engine, message_of, snapshot};
use sea_orm_drift::{Commands, Entities, MigrationState, Report, Severity, model::Dialect};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, DbErr},
};
use sea_orm_runner::history::{self, State, Step};

use crate::replay::{Snapshot, replay};

/// Why a program should not start on a schema.
#[derive(thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum SchemaError {
    /// Something in it would break the program; the message is the report.
    #[error("the schema would break this program\n\n{0}")]
    Breaks(Box<Report>),
    /// It could not be compared.
    #[error(transparent)]
    NotCompared(#[from] sea_orm_drift::Error),
    /// The migrations do not run on an empty in-memory SQLite.
    #[error("the migrations fail on an empty SQLite database")]
    Replay(#[from] DbErr),
    /// There are no migrations to compare the entities with.
    #[error(
        "this project has no migrations, so there is no schema to compare the entities with; `generate NAME` writes the first one"
    )]
    NoMigrations,
}

/// What a program shows whose `main` returns the error: the report.
impl std::fmt::Debug for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The entities and the migrations of a project.
#[derive(Debug)]
pub struct Project<M> {
    entities: Entities,
    adopted: Vec<String>,
    commands: OnceLock<Commands>,
    source: String,
    migrations_folder: Option<PathBuf>,
    snapshots: OnceLock<Vec<Snapshot>>,
    migrator: PhantomData<fn() -> M>,
}

impl<M: MigratorTrait> Project<M> {
    /// The entities that its programs use; none, where only migrating is wanted.
    pub fn new(entities: Entities) -> Self {
        Self {
            entities,
            adopted: Vec::new(),
            commands: OnceLock::new(),
            source: "entity/src/lib.rs".to_owned(),
            migrations_folder: None,
            snapshots: OnceLock::new(),
            migrator: PhantomData,
        }
    }

    /// Names a table that may be older than the migrations: `up` refuses to make a second one in another schema.
    #[must_use]
    pub fn adopting(mut self, table: impl Into<String>) -> Self {
        self.adopted.push(table.into());
        self
    }

    /// The commands that messages name. By default those of `sea-orm-cli`, and in [`run`](Self::run) those of this program.
    #[must_use]
    pub fn with_commands(self, commands: Commands) -> Self {
        Self { commands: commands.into(), ..self }
    }

    /// The same for a project that is a constant: sets them unless they are set.
    pub fn set_commands(&self, commands: Commands) {
        let _ = self.commands.set(commands);
    }

    /// The commands that messages name.
    pub fn commands(&self) -> Commands {
        self.commands.get().cloned().unwrap_or_default()
    }

    /// The file that declares the entities, from the root of the repository, for SARIF; by default `entity/src/lib.rs`.
    #[must_use]
    pub fn with_source(self, source: impl Into<String>) -> Self {
        Self { source: source.into(), ..self }
    }

    /// The folder of the crate with the migrations, from the root of the repository, for a program of another crate; by default
    /// the crate that runs.
    #[must_use]
    pub fn with_migrations_in(self, folder: impl Into<PathBuf>) -> Self {
        Self { migrations_folder: Some(folder.into()), ..self }
    }

    /// The folder of the crate with the migrations, if it is not the crate that runs.
    pub fn migrations_folder(&self) -> Option<&Path> {
        self.migrations_folder.as_deref()
    }

    /// Its entities.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The file that declares the entities.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The tables that must not be made a second time in another schema: those of its entities, and those adopted.
    pub fn tables(&self) -> Vec<String> {
        let declared = self.entities.declared(Dialect::Postgres).tables.into_iter();
        let declared = declared.filter(|table| table.name.schema.is_none()).map(|table| table.name.name);
        self.adopted.iter().cloned().chain(declared).collect()
    }

    /// For the start of a program: the report, unless something in the schema would break it.
    ///
    /// Reads the catalogue and the migration history, and writes nothing.
    ///
    /// # Errors
    /// [`SchemaError::Breaks`], whose message says what is missing and what to type; [`SchemaError::NotCompared`], where
    /// the catalogue cannot be read.
    pub async fn validate(&self, db: &DbConn) -> Result<Report, SchemaError> {
        verdict(self.check(db).await?)
    }

    /// Compares the entities with a live database and says which migration settles which difference.
    ///
    /// # Errors
    /// If nothing can be compared.
    pub async fn check(&self, db: &DbConn) -> Result<Report, SchemaError> {
        let unreadable = |source| sea_orm_drift::Error::Catalogue { source };
        let transaction = snapshot::begin(&DatabaseExecutor::Connection(db)).await.map_err(unreadable)?;
        let report = self.check_in(&transaction).await?;
        transaction.rollback().await.map_err(unreadable)?;
        Ok(report)
    }

    async fn check_in(&self, db: &impl ConnectionTrait) -> Result<Report, SchemaError> {
        let mut report = self.entities.check(db).await?;
        report.commands = self.commands();
        // A server that cannot be asked is compared all the same.
        if let Ok(Some(engine)) = Engine::of(db).await {
            report.notes.push(engine.note());
        }
        match history::read::<M>(db).await {
            Ok(steps) => {
                report.notes.extend(self.notes(&steps));
                let unknown = history::named(&steps, State::Unknown);
                if !report.is_in_sync() || (!unknown.is_empty() && !report.differences.is_empty()) {
                    match self.replay().await {
                        Ok(snapshots) => {
                            let history: Vec<_> =
                                snapshots.iter().map(|snapshot| snapshot.replayed(state(&steps, snapshot))).collect();
                            report.explain(&history);
                            report.explain_by_other_version(&history, &unknown);
                        }
                        Err(error) => {
                            report.notes.push(format!(
                                "cannot tell which migration fixes this, because they fail on SQLite in memory: {}",
                                message_of(&error)
                            ));
                        }
                    }
                }
            }
            Err(_) if report.is_in_sync() => {} // nothing to explain
            Err(error) => {
                report.notes.push(format!("cannot tell whether a migration is pending: {}", message_of(&error)));
            }
        }
        Ok(report)
    }

    /// Compares the entities with what all migrations build on an empty in-memory SQLite.
    ///
    /// # Errors
    /// If the migrations fail, or nothing can be compared.
    pub async fn check_migrations(&self) -> Result<Report, SchemaError> {
        if self.entities.is_empty() {
            return Err(sea_orm_drift::Error::NoEntities.into());
        }
        let snapshots = self.replay().await?;
        let last = snapshots.last().ok_or(SchemaError::NoMigrations)?;
        let migrations = snapshots.len();
        let mut report = last.report.clone();
        report.commands = self.commands();
        report = report.against(format!("SQLite in memory after {migrations} migrations"));
        let history: Vec<_> = snapshots.iter().map(|snapshot| snapshot.replayed(MigrationState::Applied)).collect();
        report.explain(&history);
        Ok(report)
    }

    /// It is the same for every database, so it is run once.
    pub(crate) async fn replay(&self) -> Result<&[Snapshot], DbErr> {
        if self.snapshots.get().is_none() {
            let snapshots = replay::<M>(&self.entities).await?;
            let _ = self.snapshots.set(snapshots); // another thread may have been faster, with the same result
        }
        Ok(self.snapshots.get().map(Vec::as_slice).unwrap_or_default())
    }

    fn notes(&self, steps: &[Step]) -> Vec<String> {
        let named = |state| Some(history::named(steps, state).join(", ")).filter(|names| !names.is_empty());
        let pending = named(State::Pending).map(|names| format!("{PENDING}{names}; apply with {}", self.commands().up));
        let unknown = named(State::Unknown)
            .map(|names| format!("applied by another version or another program, unknown here: {names}"));
        pending.into_iter().chain(unknown).collect()
    }
}

/// The report, unless something in it would break the program: the second half of [`Project::validate`], for a report that
/// exceptions or a baseline were applied to.
///
/// # Errors
/// [`SchemaError::Breaks`].
pub fn verdict(report: Report) -> Result<Report, SchemaError> {
    if report.fails_at(Severity::Error) { Err(SchemaError::Breaks(Box::new(report))) } else { Ok(report) }
}

fn state(steps: &[Step], snapshot: &Snapshot) -> MigrationState {
    let is_applied = steps.iter().any(|step| step.name == snapshot.migration && step.state == State::Applied);
    if is_applied { MigrationState::Applied } else { MigrationState::Pending }
}

/// How the note of pending migrations begins.
const PENDING: &str = "pending: ";

/// Whether the report notes a pending migration, which the program may be able to do without.
pub fn has_pending_migrations(report: &Report) -> bool {
    report.notes.iter().any(|note| note.starts_with(PENDING))
}

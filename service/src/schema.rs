//! Whether the schema fits the entities, and if not, what to do about it.

use migration::{DbErr, Migrator};
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn};
use sea_orm_drift::{Entities, MigrationState, Report, Severity};
use sea_orm_runner::{
    history::{self, State, Step},
    reading,
};

use crate::replay::replay;

/// Why a program should not start on a schema.
#[derive(thiserror::Error)]
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
}

/// What a program shows whose `main` returns the error: the report.
impl std::fmt::Debug for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Every entity of this workspace.
pub fn entities() -> Entities {
    Entities::new().add(entity::call_log::Entity)
}

/// For the start of a program: the report, unless something in the schema would break it.
///
/// Reads the catalogue and the migration history, and writes nothing.
///
/// # Errors
/// [`SchemaError::Breaks`], whose message says what is missing and what to type; [`SchemaError::NotCompared`], where the
/// catalogue cannot be read.
pub async fn validate(db: &DbConn) -> Result<Report, SchemaError> {
    verdict(check(db).await?)
}

/// The report, unless something in it would break the program: the second half of [`validate`], for a report that
/// exceptions or a baseline were applied to.
///
/// # Errors
/// [`SchemaError::Breaks`].
pub fn verdict(report: Report) -> Result<Report, SchemaError> {
    if report.fails_at(Severity::Error) { Err(SchemaError::Breaks(Box::new(report))) } else { Ok(report) }
}

/// Compares the entities with a live database and says which migration settles which difference.
///
/// # Errors
/// Where nothing can be compared.
pub async fn check(db: &DbConn) -> Result<Report, SchemaError> {
    let unreadable = |source| sea_orm_drift::Error::Catalogue { source };
    let transaction = reading::begin(&DatabaseExecutor::Connection(db)).await.map_err(unreadable)?;
    let report = check_in(&transaction).await?;
    transaction.rollback().await.map_err(unreadable)?;
    Ok(report)
}

async fn check_in(db: &impl ConnectionTrait) -> Result<Report, SchemaError> {
    let mut report = entities().check(db).await?;
    match history::read::<Migrator>(db).await {
        Ok(steps) => {
            report.notes.extend(notes(&steps));
            let unknown = history::named(&steps, State::Unknown);
            if !report.is_in_sync() || (!unknown.is_empty() && !report.differences.is_empty()) {
                let replayed = replay(|name| state(&steps, name)).await;
                match replayed {
                    Ok(history) => {
                        report.explain(&history);
                        report.explain_by_other_version(&history, &unknown);
                    }
                    Err(error) => report.notes.push(no_cause("the migrations do not replay", &error)),
                }
            }
        }
        Err(_) if report.is_in_sync() => {} // nothing to explain
        Err(error) => report.notes.push(no_cause("the migration history cannot be read", &error)),
    }
    Ok(report)
}

/// Compares the entities with what all migrations build on an empty in-memory SQLite.
///
/// # Errors
/// Where the migrations fail, or nothing can be compared.
pub async fn check_migrations() -> Result<Report, SchemaError> {
    let history = replay(|_| MigrationState::Applied).await?;
    let migrations = history.len();
    let last = history.last().expect("this workspace has migrations");
    let mut report = last.report.clone().against(format!("SQLite in memory after {migrations} migrations"));
    report.explain(&history);
    Ok(report)
}

fn no_cause(why: &str, error: &DbErr) -> String {
    format!("no cause is known: {why}: {error}")
}

fn state(steps: &[Step], name: &str) -> MigrationState {
    let is_applied = steps.iter().any(|step| step.name == name && step.state == State::Applied);
    if is_applied { MigrationState::Applied } else { MigrationState::Pending }
}

/// How the note of pending migrations begins.
const PENDING: &str = "pending: ";

/// Whether a migration is waiting, which the program may be able to do without.
#[cfg(feature = "server")]
pub(crate) fn is_pending(report: &Report) -> bool {
    report.notes.iter().any(|note| note.starts_with(PENDING))
}

fn notes(steps: &[Step]) -> Vec<String> {
    let named = |state| Some(history::named(steps, state).join(", ")).filter(|names| !names.is_empty());
    let pending = named(State::Pending)
        .map(|names| format!("{PENDING}{names}; apply with sea-orm-cli migrate up, or call-log migrate up"));
    let unknown = named(State::Unknown).map(|names| format!("applied by another version, unknown here: {names}"));
    pending.into_iter().chain(unknown).collect()
}

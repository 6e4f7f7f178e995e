//! Two versions at once: a release that still runs, and the program of this tree, each on the schema of the other.

use sea_orm_drift::{Difference, Entities, Record, Report, Severity};
use sea_orm_migration::{MigratorTrait, sea_orm::DbConn};

use crate::{
    project::{Project, SchemaError},
    replay::{Snapshot, replay},
};

/// A release and the program of this tree, on each schema that they meet during a rolling deploy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rolling {
    /// The schema of the release, before the migrations that it does not know; `None` if its record names none of the
    /// migrations of this tree.
    pub of_release: Option<Met>,
    /// The schema after all migrations of this tree.
    pub of_tree: Met,
    /// The database as it is, where one was compared.
    pub of_database: Option<Met>,
    /// The first migration that the release does not know and that breaks it.
    pub first_to_break: Option<String>,
}

/// What both programs find on a schema.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Met {
    /// The last migration that built it; `None` for a database as it is.
    pub after: Option<String>,
    /// The release on it.
    pub release: Report,
    /// The program of this tree on it.
    pub program: Report,
}

impl<M: MigratorTrait> Project<M> {
    /// Compares the entities of a release, and those of this project, with the schemas that they meet while both run: with
    /// what the migrations build on an empty in-memory SQLite, and with the database, if one is given.
    ///
    /// # Errors
    /// If the migrations fail, or nothing can be compared.
    pub async fn check_rolling(&self, record: &Record, db: Option<&DbConn>) -> Result<Rolling, SchemaError> {
        if self.entities().is_empty() {
            return Err(sea_orm_drift::Error::NoEntities.into());
        }
        let released = Entities::from_record(record);
        let of_release = replay::<M>(&released).await?;
        let of_program = self.replay().await?;
        let last = of_program.len().checked_sub(1).ok_or(SchemaError::NoMigrations)?;
        let met = |number: usize| Met {
            after: Some(of_release[number].migration.clone()),
            release: against(&of_release[number]),
            program: against(&of_program[number]),
        };
        let known = of_release.iter().rposition(|snapshot| record.migrations.contains(&snapshot.migration));
        let before = known.map(|known| &of_release[known].report);
        let unknown = known.map_or(0, |known| known + 1)..;
        let first_to_break = of_release[unknown].iter().find(|snapshot| adds_an_error(&snapshot.report, before));
        let of_database = match db {
            Some(db) => Some(Met { after: None, release: released.check(db).await?, program: self.check(db).await? }),
            None => None,
        };
        Ok(Rolling {
            of_release: known.map(met),
            of_tree: met(last),
            of_database,
            first_to_break: first_to_break.map(|snapshot| snapshot.migration.clone()),
        })
    }
}

/// Whether something would break the program that did not before.
fn adds_an_error(report: &Report, before: Option<&Report>) -> bool {
    let known = |found: &Difference| {
        before.is_some_and(|before| before.differences.iter().any(|known| known.fingerprint() == found.fingerprint()))
    };
    report.differences.iter().any(|found| found.severity() == Severity::Error && !known(found))
}

fn against(snapshot: &Snapshot) -> Report {
    snapshot.report.clone().against(format!("SQLite in memory after {}", snapshot.migration))
}

impl Rolling {
    /// Marks what is accepted, in each report.
    #[cfg(feature = "cli")]
    pub(crate) fn accept(&mut self, apply: impl Fn(Report) -> Report) {
        for met in self.of_release.iter_mut().chain([&mut self.of_tree]).chain(&mut self.of_database) {
            // A repair would undo the migrations of this tree.
            met.release = apply(met.release.clone()).without_repairs();
            met.program = apply(met.program.clone());
        }
    }

    /// What the release finds on the newest schema: on the database, if one was compared, and on that of this tree.
    pub fn of_running_release(&self) -> impl Iterator<Item = &Report> {
        self.of_database.iter().chain([&self.of_tree]).map(|met| &met.release)
    }
}

//! The proof on the scratch database, before anything is written.

use chrono::Utc;
use sea_orm_connect::message_of;
use sea_orm_drift::{
    Entities, Origin, Report,
    model::{Index, Schema, TableName, Uniqueness},
};
use sea_orm_migration::sea_orm::{DatabaseConnection, DbErr};

use super::{
    breaks, decisions::Decisions, error::GenerateError, extension, left, migration::NewMigration, texts::Texts,
};

/// The scratch database before anything was done.
pub(super) struct StateBefore {
    pub(super) tables: Vec<TableName>,
    pub(super) schema: Schema,
    pub(super) texts: Option<Texts>,
    /// What the releases that may still run found.
    pub(super) release_reports: Vec<Report>,
}

/// What is proven, and where.
pub(super) struct Proof<'a> {
    pub(super) db: &'a DatabaseConnection,
    pub(super) entities: &'a Entities,
    pub(super) decisions: &'a Decisions,
    /// How many operations of the first migration are done already.
    pub(super) applied_renames: usize,
    pub(super) before: &'a StateBefore,
}

impl Proof<'_> {
    /// Up gives what the entities declare and breaks no release, down gives what was there, and up again the same. The renames
    /// are done already. Returns what to know of the releases.
    pub(super) async fn check(&self, migrations: &[NewMigration]) -> Result<Vec<String>, GenerateError> {
        let before = self.before;
        let failed = |what: &str, error: &DbErr| {
            let message = message_of(error);
            let hint = extension::hint(&message).map(|hint| format!("\n  help: {hint}")).unwrap_or_default();
            GenerateError::Unproven(format!("{what}: {message}{hint}"))
        };
        for (number, migration) in migrations.iter().enumerate() {
            let done = if number == 0 { self.applied_renames } else { 0 };
            migration.prove_up(done, self.db).await.map_err(|error| failed("`up` fails", &error))?;
        }
        self.expect_in_sync("`up`").await?;
        let texts = Texts::of(self.db, &before.tables).await;
        let remarks = self.expect_no_breaks(&before.release_reports).await?;
        for migration in migrations.iter().rev() {
            migration.prove_down(self.db).await.map_err(|error| failed("`down` fails", &error))?;
        }
        if !is_the_same(before.texts.as_ref(), self.db, &before.tables).await {
            let after = Entities::live(self.db, &before.tables).await?;
            let declared = self.entities.declared(after.dialect);
            if let Some(table) = first_difference(&before.schema, &after, &declared) {
                return Err(GenerateError::Unproven(format!(
                    "`down` leaves {table} in another state than before `up`"
                )));
            }
        }
        for migration in migrations {
            migration.prove_up(0, self.db).await.map_err(|error| failed("`up` fails after `down`", &error))?;
        }
        if !is_the_same(texts.as_ref(), self.db, &before.tables).await {
            self.expect_in_sync("`up` after `down`").await?;
        }
        Ok(remarks)
    }

    /// What may break a release that may still run; an error where something does. `before` are their reports before `up`.
    async fn expect_no_breaks(&self, before: &[Report]) -> Result<Vec<String>, GenerateError> {
        let releases = &self.decisions.releases;
        let after = breaks::reports(releases, self.db).await?;
        let (mut breaks, mut remarks) = (Vec::new(), Vec::new());
        for ((release, before), after) in releases.iter().zip(before).zip(&after) {
            let (of_release, to_know) = breaks::between(release, before, after);
            breaks.extend(of_release);
            remarks.extend(to_know);
        }
        if breaks.is_empty() { Ok(remarks) } else { Err(GenerateError::Breaks(breaks)) }
    }

    /// What no entity declares was decided about.
    async fn expect_in_sync(&self, what: &str) -> Result<(), GenerateError> {
        let report = self.entities.check(self.db).await?.except(&self.decisions.exceptions, Utc::now().date_naive());
        let (mut report, _) = left::split(&report, self.decisions, &self.entities.column_types());
        report.differences.retain(|difference| difference.change.origin() == Origin::Declared);
        report.unchecked.clear();
        if report.is_in_sync() {
            return Ok(());
        }
        Err(GenerateError::Unproven(format!("{what} leaves differences\n\n{report}")))
    }
}

/// Whether the database keeps the same texts as then; not, where it keeps none.
async fn is_the_same(texts: Option<&Texts>, db: &DatabaseConnection, tables: &[TableName]) -> bool {
    texts.is_some() && Texts::of(db, tables).await.as_ref() == texts
}

/// The first table that differs in anything but the order of its columns and names that the database chose.
fn first_difference(before: &Schema, after: &Schema, declared: &Schema) -> Option<TableName> {
    let keys_of = |name: &TableName| {
        let tables = before.tables.iter().chain(&declared.tables).filter(|table| table.name == *name);
        tables.flat_map(|table| &table.foreign_keys).map(|key| key.columns.clone()).collect::<Vec<_>>()
    };
    let normalised = |schema: &Schema| {
        let tables = schema.tables.iter().cloned().map(|mut table| {
            table.columns.sort_by(|one, other| one.name.cmp(&other.name));
            for column in &mut table.columns {
                column.sequence = None;
            }
            // MySQL keeps the index that it made for a foreign key.
            let keys = keys_of(&table.name);
            let is_own = |index: &Index| index.uniqueness == Uniqueness::Unique || !keys.contains(&index.columns);
            table.indexes.retain(is_own);
            for index in &mut table.indexes {
                index.name.clear();
            }
            table.indexes.sort_by(|one, other| one.columns.cmp(&other.columns));
            for key in &mut table.foreign_keys {
                key.name.clear();
            }
            table.foreign_keys.sort_by(|one, other| one.columns.cmp(&other.columns));
            for check in &mut table.checks {
                check.name.clear();
            }
            table.checks.sort_by(|one, other| one.text.cmp(&other.text));
            // Types are equal if they are stored alike.
            let fields: Vec<_> = table.columns.iter().map(|column| column.ty.field.clone()).collect();
            (table, fields)
        });
        tables.collect::<Vec<_>>()
    };
    let (before, after) = (normalised(before), normalised(after));
    let missing =
        before.iter().find(|table| !after.contains(table)).or(after.iter().find(|table| !before.contains(table)));
    missing.map(|(table, _)| table.name.clone())
}

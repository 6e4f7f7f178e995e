//! The search for the migrations that are missing, on a scratch database.

use std::panic::AssertUnwindSafe;

use chrono::Utc;
use futures_util::FutureExt;
use sea_orm_drift::{
    Entities, Inspected, Report, Rule, Unchecked,
    model::{Dialect, Schema, TableName},
};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, Statement},
};
use sea_orm_runner::Runner;

use super::{
    breaks, by_name, comments,
    decisions::{Ask, Decisions, Question},
    drafting::{Draft, Drafting},
    enum_uses::{EnumUse, enum_uses},
    error::GenerateError,
    kept::{self, Kept},
    left,
    migration::NewMigration,
    operation::Operation,
    prove::{Before, Proof},
    scratch::{self, Scratch},
    texts::Texts,
};
use crate::project::Project;

/// The migrations that are missing.
#[derive(Debug)]
pub struct Missing {
    /// In the order in which they must be applied; none, where the entities declare what is there.
    pub migrations: Vec<NewMigration>,
    /// What to know before they are applied.
    pub remarks: Vec<String>,
    /// What stays although no entity declares it, and what was not compared.
    pub notes: Vec<String>,
}

/// The migrations that are missing in the schema of `db`, a scratch database on which all existing migrations ran and which
/// has no rows. Afterwards it has them. `ignored` are tables of the tools.
///
/// # Errors
/// If something has to be decided first, cannot be written, or fails its proof.
pub async fn missing(
    db: &DatabaseConnection,
    entities: &Entities,
    decisions: Decisions,
    ignored: &[String],
    ask: Option<&mut Ask<'_>>,
) -> Result<Missing, GenerateError> {
    if entities.is_empty() {
        return Err(sea_orm_drift::Error::NoEntities.into());
    }
    Search { db, entities, decisions, ignored, ask, renamed: Vec::new() }.run().await
}

impl<M: MigratorTrait> Project<M> {
    /// Runs all migrations on the scratch database, and finds those that are missing.
    ///
    /// # Errors
    /// If the migrations fail; see [`missing`].
    pub async fn missing_migrations(
        &self,
        scratch: &Scratch,
        decisions: Decisions,
        ask: Option<&mut Ask<'_>>,
    ) -> Result<Missing, GenerateError> {
        if self.entities().is_empty() {
            return Err(sea_orm_drift::Error::NoEntities.into());
        }
        let executor = DatabaseExecutor::Connection(scratch.db());
        let runner = Runner::new();
        let run = AssertUnwindSafe(runner.up::<M>(&executor, None)).catch_unwind();
        run.await.map_err(|_| GenerateError::Panicked)?.map_err(GenerateError::Migrations)?;
        let history = M::migration_table_name().to_string();
        missing(scratch.db(), self.entities(), decisions, &[history], ask).await
    }

    /// What SQLite cannot stand in for: a type that it stores as another one, or does not have.
    pub fn beyond_sqlite(&self) -> Option<String> {
        scratch::beyond_sqlite(&self.entities().declared(Dialect::Sqlite), &self.entities().column_types())
    }
}

pub(super) struct Search<'a, 'b> {
    pub(super) db: &'a DatabaseConnection,
    pub(super) entities: &'a Entities,
    pub(super) decisions: Decisions,
    pub(super) ignored: &'a [String],
    pub(super) ask: Option<&'a mut Ask<'b>>,
    /// Already done on the scratch database.
    pub(super) renamed: Vec<Operation>,
}

/// What the catalogue of the scratch database says.
struct Found {
    declared: Schema,
    live: Schema,
    undeclared: Schema,
    constraints: Vec<String>,
    primary_keys: Vec<(String, String)>,
    enums: Vec<String>,
    enum_uses: Vec<EnumUse>,
    kept: Vec<Kept>,
    report: Report,
    /// What no migration can change.
    fields: Vec<String>,
}

impl Found {
    /// All tables, declared or not.
    fn tables(&self) -> Schema {
        Schema {
            tables: self.live.tables.iter().chain(&self.undeclared.tables).cloned().collect(),
            ..self.live.clone()
        }
    }
}

impl Search<'_, '_> {
    async fn run(mut self) -> Result<Missing, GenerateError> {
        let mut found = self.found().await?;
        let undeclared = found.undeclared.tables.iter().map(|table| &table.name);
        let tables: Vec<TableName> = found.report.tables.iter().chain(undeclared).cloned().collect();
        let before = Before {
            schema: found.tables(),
            texts: Texts::of(self.db, &tables).await,
            released: breaks::reports(&self.decisions.releases, self.db).await?,
            tables,
        };
        let types = self.entities.column_types();
        self.refuse_unknown_names(&before.schema, &found.report)?;
        let (mut draft, notes, open) = loop {
            let done = self.renamed.len();
            for (from, to) in self.decisions.renames.clone().into_iter().skip(done) {
                self.rename(&from, &to, &before.tables).await?;
            }
            if self.renamed.len() > done {
                found = self.found().await?;
            }
            let (report, left) = left::split(&found.report, &self.decisions, &types);
            let drafting = Drafting {
                declared: &found.declared,
                types: &types,
                live: &found.live,
                undeclared: &found.undeclared,
                constraints: &found.constraints,
                primary_keys: &found.primary_keys,
                enums: &found.enums,
                enum_uses: &found.enum_uses,
                kept: &found.kept,
                decisions: &self.decisions,
                left: &left,
            };
            drafting.refuse_unknown_objects(&before.schema, &found.report)?;
            let (mut questions, mut notes) = drafting.questions(&report)?;
            notes.extend(left::notes(&left, &self.decisions));
            let mut draft = Draft::default();
            if questions.is_empty() {
                draft = drafting.draft(&report)?;
                questions.append(&mut draft.questions);
            }
            if questions.is_empty() {
                break (draft, notes, not_compared(&found.report));
            }
            self.decide(questions)?;
        };
        let mut expand: Vec<Operation> =
            self.renamed.iter().cloned().chain(std::mem::take(&mut draft.expand)).collect();
        // A new enum is nothing where statements commit on their own.
        if expand.iter().all(|operation| matches!(operation, Operation::CreateEnum(_))) {
            expand.append(&mut draft.narrow);
        }
        let migrations = [
            NewMigration::new(None, expand, false),
            NewMigration::new(Some("narrow"), draft.narrow, false),
            NewMigration::new(Some("constrain"), draft.constrain, false),
            NewMigration::new(Some("fill"), draft.fill, true),
            NewMigration::new(Some("not_null"), draft.contract, false),
            NewMigration::new(Some("index"), draft.online, true),
        ];
        let migrations: Vec<NewMigration> = migrations.into_iter().flatten().collect();
        let mut notes = notes;
        notes.extend(open);
        notes.extend(found.fields);
        if migrations.is_empty() && before.schema.dialect == Dialect::Sqlite {
            notes.push(
                "SQLite has one type for whole numbers of all sizes: `--scratch-url` names a server that compares them"
                    .to_owned(),
            );
        }
        draft.remarks.extend(by_name::remark(&migrations));
        if !migrations.is_empty() {
            let proof = Proof {
                db: self.db,
                entities: self.entities,
                decisions: &self.decisions,
                done: self.renamed.len(),
                before: &before,
            };
            draft.remarks.extend(proof.of(&migrations).await?);
        }
        notes.extend(comments::note(self.db, &types).await.map_err(GenerateError::Scratch)?);
        Ok(Missing { migrations, remarks: draft.remarks, notes })
    }

    async fn found(&self) -> Result<Found, GenerateError> {
        let tables: Vec<TableName> = self.entities.column_types().into_iter().map(|types| types.table).collect();
        let undeclared = self.undeclared(&tables).await?;
        let Inspected { mut report, declared, live, others: undeclared, .. } =
            self.entities.inspect(self.db, &undeclared).await?;
        let fields = of_fields(&report);
        report.differences.retain(|difference| !difference.change.is_about_the_field());
        let report = report.except(&self.decisions.exceptions, Utc::now().date_naive());
        let constraints = self.texts([CONSTRAINTS, "", ""]).await?;
        let (tables, keys) = (self.texts([KEYED_TABLES, "", ""]).await?, self.texts([PRIMARY_KEYS, "", ""]).await?);
        let primary_keys = tables.into_iter().zip(keys).collect();
        let enums = self.texts([ENUMS, "", ""]).await?;
        let enum_uses = enum_uses(self.db).await.map_err(GenerateError::Scratch)?;
        let kept = kept::of(self.db).await.map_err(GenerateError::Scratch)?;
        Ok(Found { declared, live, undeclared, constraints, primary_keys, enums, enum_uses, kept, report, fields })
    }

    /// Tables that no entity declares: in the default schema, and in those that entities name.
    async fn undeclared(&self, declared: &[TableName]) -> Result<Vec<TableName>, GenerateError> {
        let own = self.texts(["SELECT current_schema()::text", "SELECT DATABASE()", ""]).await?.pop();
        let mut schemas = vec![None];
        for schema in declared.iter().filter_map(|table| table.schema.clone()).map(Some) {
            if schema != own && !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        let mut undeclared = Vec::new();
        for schema in schemas {
            let literal = schema.as_ref().map(|schema| format!("'{}'", schema.replace('\'', "''")));
            let of_server = |own: &str, text: &str| {
                let schema = literal.as_deref().unwrap_or(own);
                format!(
                    "SELECT {text} FROM information_schema.tables \
                     WHERE table_schema = {schema} AND table_type = 'BASE TABLE' ORDER BY 1"
                )
            };
            let postgres = of_server("current_schema()", "table_name::text");
            let mysql = of_server("DATABASE()", "CAST(table_name AS CHAR)");
            let sqlite = if schema.is_none() { TABLES_OF_SQLITE } else { "" };
            let names = self.texts([&postgres, &mysql, sqlite]).await?;
            let names = names.into_iter().filter(|name| !self.ignored.contains(name));
            let is_declared = |name: &str| {
                let is_here = |table: &&TableName| table.schema == schema || (schema.is_none() && table.schema == own);
                declared.iter().filter(is_here).any(|table| table.name == name)
            };
            let names = names.filter(|name| !is_declared(name));
            undeclared.extend(names.map(|name| TableName { schema: schema.clone(), name }));
        }
        Ok(undeclared)
    }

    /// The first column of the rows; of the statement for PostgreSQL, MySQL or SQLite, where there is one.
    async fn texts(&self, [postgres, mysql, sqlite]: [&str; 3]) -> Result<Vec<String>, GenerateError> {
        let backend = self.db.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => postgres,
            DbBackend::MySql => mysql,
            _ => sqlite,
        };
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.db.query_all_raw(Statement::from_string(backend, sql)).await.map_err(GenerateError::Scratch)?;
        let texts: Result<_, DbErr> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
        texts.map_err(GenerateError::Scratch)
    }

    fn decide(&mut self, questions: Vec<Question>) -> Result<(), GenerateError> {
        let Some(ask) = self.ask.as_mut() else { return Err(GenerateError::Undecided(questions)) };
        // One at a time: its answer may settle the others.
        let Some(question) = questions.first() else { return Ok(()) };
        let answered = ask(question).map_err(|error| match error.kind() {
            std::io::ErrorKind::Interrupted => GenerateError::Interrupted,
            _ => GenerateError::Usage(format!("the answer cannot be read: {error}")),
        })?;
        let Some(answer) = answered else { return Err(GenerateError::Undecided(questions)) };
        self.decisions.take(answer);
        Ok(())
    }
}

const TABLES_OF_SQLITE: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
const CONSTRAINTS: &str = "SELECT conname::text FROM pg_catalog.pg_constraint WHERE contype = 'u'";
/// Fields that the driver does not read from the columns that they declare.
fn of_fields(report: &Report) -> Vec<String> {
    let of_fields = report.differences.iter().filter(|difference| difference.change.is_about_the_field());
    of_fields.map(|difference| format!("{}: {}", difference.object(), difference.impact.reason)).collect()
}

/// What the database could not say, and a migration may be missing for.
fn not_compared(report: &Report) -> Vec<String> {
    let is_declared = |unchecked: &&Unchecked| {
        matches!(unchecked.rule, Rule::CheckUnchecked | Rule::DefaultUnchecked | Rule::ExpressionUnchecked)
    };
    let note = |unchecked: &Unchecked| {
        let column = unchecked.column.as_ref().map(|column| format!(".{column}")).unwrap_or_default();
        format!("not compared: {}{column}: {}", unchecked.table, unchecked.question)
    };
    report.unchecked.iter().filter(is_declared).map(note).collect()
}

const KEYED_TABLES: &str = "SELECT relname::text FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_class ON pg_class.oid = conrelid \
     WHERE contype = 'p' ORDER BY pg_constraint.oid";
const PRIMARY_KEYS: &str = "SELECT conname::text FROM pg_catalog.pg_constraint WHERE contype = 'p' ORDER BY oid";
const ENUMS: &str = "SELECT typname::text FROM pg_catalog.pg_type WHERE typtype = 'e'";

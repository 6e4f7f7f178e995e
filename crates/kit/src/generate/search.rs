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
    prove::{Proof, StateBefore},
    scratch::{self, Scratch},
    texts::Texts,
};
use crate::project::Project;

/// The migrations that are missing.
#[derive(Debug)]
pub struct MissingMigrations {
    /// In the order in which they must be applied. Empty if the database is what the entities declare.
    pub migrations: Vec<NewMigration>,
    /// What to know before they are applied.
    pub remarks: Vec<String>,
    /// What stays although no entity declares it, and what was not compared.
    pub notes: Vec<String>,
}

/// The migrations that are missing in the schema of `db`, a scratch database on which all existing migrations ran and which
/// has no rows. They are applied to it. `ignored` are tables of tools, such as the history of migrations.
///
/// # Errors
/// If something has to be decided first, cannot be written, or fails its proof.
pub async fn find_missing_migrations(
    db: &DatabaseConnection,
    entities: &Entities,
    decisions: Decisions,
    ignored: &[String],
    ask: Option<&mut Ask<'_>>,
) -> Result<MissingMigrations, GenerateError> {
    if entities.is_empty() {
        return Err(sea_orm_drift::Error::NoEntities.into());
    }
    Search { db, entities, decisions, ignored, ask, applied_renames: Vec::new() }.run().await
}

impl<M: MigratorTrait> Project<M> {
    /// Runs all migrations on the scratch database, and finds those that are missing.
    ///
    /// # Errors
    /// If the migrations fail; see [`find_missing_migrations`].
    pub async fn missing_migrations(
        &self,
        scratch: &Scratch,
        decisions: Decisions,
        ask: Option<&mut Ask<'_>>,
    ) -> Result<MissingMigrations, GenerateError> {
        if self.entities().is_empty() {
            return Err(sea_orm_drift::Error::NoEntities.into());
        }
        if let Some(table) = scratch::table_elsewhere(scratch.db(), self.entities()) {
            return Err(GenerateError::Elsewhere(table));
        }
        let executor = DatabaseExecutor::Connection(scratch.db());
        let runner = Runner::new();
        let run = AssertUnwindSafe(runner.up::<M>(&executor, None)).catch_unwind();
        run.await.map_err(|_| GenerateError::Panicked)?.map_err(GenerateError::MigrationsFailed)?;
        let history_table = M::migration_table_name().to_string();
        find_missing_migrations(scratch.db(), self.entities(), decisions, &[history_table], ask).await
    }

    /// Why SQLite cannot be the scratch database, if it cannot: a schema, or a type that it stores as another one or does not have.
    pub fn why_not_sqlite(&self) -> Option<String> {
        scratch::why_not_sqlite(&self.entities().declared(Dialect::Sqlite), &self.entities().column_types())
    }
}

pub(super) struct Search<'a, 'b> {
    pub(super) db: &'a DatabaseConnection,
    pub(super) entities: &'a Entities,
    pub(super) decisions: Decisions,
    pub(super) ignored: &'a [String],
    pub(super) ask: Option<&'a mut Ask<'b>>,
    /// Those that are applied to the scratch database.
    pub(super) applied_renames: Vec<Operation>,
}

/// What the catalogue of the scratch database says.
struct ScratchState {
    declared: Schema,
    live: Schema,
    undeclared: Schema,
    unique_constraints: Vec<String>,
    primary_key_names: Vec<(String, String)>,
    enums: Vec<String>,
    enum_uses: Vec<EnumUse>,
    kept: Vec<Kept>,
    report: Report,
    /// What no migration can change.
    fields: Vec<String>,
}

impl ScratchState {
    /// All tables, declared or not.
    fn whole_schema(&self) -> Schema {
        Schema {
            tables: self.live.tables.iter().chain(&self.undeclared.tables).cloned().collect(),
            ..self.live.clone()
        }
    }
}

impl Search<'_, '_> {
    async fn run(mut self) -> Result<MissingMigrations, GenerateError> {
        let mut state = self.inspect_scratch().await?;
        let undeclared = state.undeclared.tables.iter().map(|table| &table.name);
        let tables: Vec<TableName> = state.report.tables.iter().chain(undeclared).cloned().collect();
        let before = StateBefore {
            schema: state.whole_schema(),
            texts: Texts::of(self.db, &tables).await,
            release_reports: breaks::reports(&self.decisions.releases, self.db).await?,
            tables,
        };
        let types = self.entities.column_types();
        self.refuse_unknown_names(&before.schema, &state.report)?;
        let (mut draft, notes, uncompared) = loop {
            let already_renamed = self.applied_renames.len();
            for (from, to) in self.decisions.renames.clone().into_iter().skip(already_renamed) {
                self.rename(&from, &to, &before.tables).await?;
            }
            if self.applied_renames.len() > already_renamed {
                state = self.inspect_scratch().await?;
            }
            let (report, left) = left::split(&state.report, &self.decisions, &types);
            let drafting = Drafting {
                declared: &state.declared,
                types: &types,
                live: &state.live,
                undeclared: &state.undeclared,
                unique_constraints: &state.unique_constraints,
                primary_key_names: &state.primary_key_names,
                enums: &state.enums,
                enum_uses: &state.enum_uses,
                kept: &state.kept,
                decisions: &self.decisions,
                left: &left,
            };
            drafting.refuse_unknown_objects(&before.schema, &state.report)?;
            let (mut questions, mut notes) = drafting.questions(&report)?;
            notes.extend(left::notes(&left, &self.decisions));
            let mut draft = Draft::default();
            if questions.is_empty() {
                draft = drafting.draft(&report)?;
                questions.append(&mut draft.questions);
            }
            if questions.is_empty() {
                break (draft, notes, not_compared(&state.report));
            }
            self.ask_first(questions)?;
        };
        let mut expand: Vec<Operation> =
            self.applied_renames.iter().cloned().chain(std::mem::take(&mut draft.expand)).collect();
        // New enums alone need no migration of their own.
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
        notes.extend(uncompared);
        notes.extend(state.fields);
        if migrations.is_empty() && before.schema.dialect == Dialect::Sqlite {
            notes.push(
                "SQLite has one type for whole numbers of all sizes: to compare their sizes, name a server with `--scratch-url`"
                    .to_owned(),
            );
        }
        draft.remarks.extend(by_name::remark(&migrations));
        if !migrations.is_empty() {
            let proof = Proof {
                db: self.db,
                entities: self.entities,
                decisions: &self.decisions,
                applied_renames: self.applied_renames.len(),
                before: &before,
            };
            draft.remarks.extend(proof.check(&migrations).await?);
        }
        notes.extend(comments::note(self.db, &types).await.map_err(GenerateError::ScratchDatabase)?);
        Ok(MissingMigrations { migrations, remarks: draft.remarks, notes })
    }

    async fn inspect_scratch(&self) -> Result<ScratchState, GenerateError> {
        let tables: Vec<TableName> = self.entities.column_types().into_iter().map(|types| types.table).collect();
        let undeclared = self.undeclared(&tables).await?;
        let Inspected { mut report, declared, live, others: undeclared, .. } =
            self.entities.inspect(self.db, &undeclared).await?;
        let fields = field_notes(&report);
        report.differences.retain(|difference| !difference.change.is_fixed_in_the_entity());
        let report = report.except(&self.decisions.exceptions, Utc::now().date_naive());
        let unique_constraints = self.first_column([UNIQUE_CONSTRAINTS, "", ""]).await?;
        let (keyed_tables, key_names) = (
            self.first_column([TABLES_WITH_PRIMARY_KEY, "", ""]).await?,
            self.first_column([PRIMARY_KEY_NAMES, "", ""]).await?,
        );
        let primary_key_names = keyed_tables.into_iter().zip(key_names).collect();
        let enums = self.first_column([ENUMS, "", ""]).await?;
        let enum_uses = enum_uses(self.db).await.map_err(GenerateError::ScratchDatabase)?;
        let kept = kept::of(self.db).await.map_err(GenerateError::ScratchDatabase)?;
        Ok(ScratchState {
            declared,
            live,
            undeclared,
            unique_constraints,
            primary_key_names,
            enums,
            enum_uses,
            kept,
            report,
            fields,
        })
    }

    /// Tables that no entity declares: in the default schema, and in those that entities name.
    async fn undeclared(&self, declared: &[TableName]) -> Result<Vec<TableName>, GenerateError> {
        let default_schema = self.first_column(["SELECT current_schema()::text", "SELECT DATABASE()", ""]).await?.pop();
        let mut schemas = vec![None];
        for schema in declared.iter().filter_map(|table| table.schema.clone()).map(Some) {
            if schema != default_schema && !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        let mut undeclared = Vec::new();
        for schema in schemas {
            let literal = schema.as_ref().map(|schema| format!("'{}'", schema.replace('\'', "''")));
            let tables_query = |own: &str, text: &str| {
                let schema = literal.as_deref().unwrap_or(own);
                format!(
                    "SELECT {text} FROM information_schema.tables \
                     WHERE table_schema = {schema} AND table_type = 'BASE TABLE' ORDER BY 1"
                )
            };
            let postgres = tables_query("current_schema()", "table_name::text");
            let mysql = tables_query("DATABASE()", "CAST(table_name AS CHAR)");
            let sqlite = if schema.is_none() { TABLES_OF_SQLITE } else { "" };
            let names = self.first_column([&postgres, &mysql, sqlite]).await?;
            let names = names.into_iter().filter(|name| !self.ignored.contains(name));
            let is_declared = |name: &str| {
                let is_in_schema =
                    |table: &&TableName| table.schema == schema || (schema.is_none() && table.schema == default_schema);
                declared.iter().filter(is_in_schema).any(|table| table.name == name)
            };
            let names = names.filter(|name| !is_declared(name));
            undeclared.extend(names.map(|name| TableName { schema: schema.clone(), name }));
        }
        Ok(undeclared)
    }

    /// The first column of the rows of the statement for this kind of database; none if it is empty.
    async fn first_column(&self, [postgres, mysql, sqlite]: [&str; 3]) -> Result<Vec<String>, GenerateError> {
        let backend = self.db.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => postgres,
            DbBackend::MySql => mysql,
            _ => sqlite,
        };
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self
            .db
            .query_all_raw(Statement::from_string(backend, sql))
            .await
            .map_err(GenerateError::ScratchDatabase)?;
        let texts: Result<_, DbErr> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
        texts.map_err(GenerateError::ScratchDatabase)
    }

    fn ask_first(&mut self, questions: Vec<Question>) -> Result<(), GenerateError> {
        let Some(ask) = self.ask.as_mut() else { return Err(GenerateError::Undecided(questions)) };
        // One at a time: its answer may settle the others.
        let Some(question) = questions.first() else { return Ok(()) };
        let answered = ask(question).map_err(|error| match error.kind() {
            std::io::ErrorKind::Interrupted => GenerateError::Interrupted,
            _ => GenerateError::Usage(format!("the answer cannot be read: {error}")),
        })?;
        let Some(answer) = answered else { return Err(GenerateError::Undecided(questions)) };
        self.decisions.record(answer);
        Ok(())
    }
}

const TABLES_OF_SQLITE: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
const UNIQUE_CONSTRAINTS: &str = "SELECT conname::text FROM pg_catalog.pg_constraint WHERE contype = 'u'";

/// Fields that the driver does not read from the columns that they declare.
fn field_notes(report: &Report) -> Vec<String> {
    let of_fields = report.differences.iter().filter(|difference| difference.change.is_fixed_in_the_entity());
    of_fields.map(|difference| format!("{}: {}", difference.object(), difference.impact.reason)).collect()
}

/// What the database cannot compare: each may hide a missing migration.
fn not_compared(report: &Report) -> Vec<String> {
    let may_hide_a_migration = |unchecked: &&Unchecked| {
        matches!(unchecked.rule, Rule::CheckUnchecked | Rule::DefaultUnchecked | Rule::ExpressionUnchecked)
    };
    let note = |unchecked: &Unchecked| {
        let column = unchecked.column.as_ref().map(|column| format!(".{column}")).unwrap_or_default();
        format!("not compared: {}{column}: {}", unchecked.table, unchecked.question)
    };
    report.unchecked.iter().filter(may_hide_a_migration).map(note).collect()
}

const TABLES_WITH_PRIMARY_KEY: &str = "SELECT relname::text FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_class ON pg_class.oid = conrelid \
     WHERE contype = 'p' ORDER BY pg_constraint.oid";
const PRIMARY_KEY_NAMES: &str = "SELECT conname::text FROM pg_catalog.pg_constraint WHERE contype = 'p' ORDER BY oid";
const ENUMS: &str = "SELECT typname::text FROM pg_catalog.pg_type WHERE typtype = 'e'";

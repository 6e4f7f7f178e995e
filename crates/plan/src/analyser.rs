//! Analyses each statement of a dry run when the migration sends it, and keeps the state of the run.

use sea_orm_migration::sea_orm::{DbBackend, DbErr};
use sea_orm_runner::planning;
use sqlparser::ast::Statement;

use crate::{
    catalog::Catalog,
    impact::Impact,
    lock_mode::LockMode,
    noop,
    plan::{Lock, PlannedStatement, Work},
    rules::{self, ForeignKeys},
    server::Server,
    shadow_schema::ShadowSchema,
    sql,
};

/// Smaller estimates are left out of the plan.
const MIN_REPORTED_ROWS: u64 = 10_000;

/// What is known about the database, and what the current migration has done so far.
#[derive(Debug)]
pub(crate) struct Analyser {
    pub(crate) catalog: Catalog,
    pub(crate) server: Server,
    pub(crate) shadow: ShadowSchema,
    pub(crate) statements: Vec<PlannedStatement>,
    /// How many queries the current migration has sent.
    pub(crate) query_count: usize,
    /// Whether a query of the current migration has failed.
    pub(crate) has_query_failed: bool,
    /// The state of foreign keys; SQLite only.
    foreign_keys: Option<ForeignKeys>,
    /// Whether the current migration has read something that earlier statements change: it got the answer of today.
    pub(crate) statements_may_differ: bool,
    /// A note on each privilege that the connected role lacks for the statements.
    pub(crate) missing_privileges: Vec<String>,
}

impl Analyser {
    pub(crate) fn new(catalog: Catalog, server: Server) -> Self {
        let shadow = ShadowSchema::new(catalog.backend());
        let statements = Vec::new();
        // If they cannot be read, the plan lacks only their warnings.
        let foreign_keys = if catalog.backend() == DbBackend::Sqlite { ForeignKeys::read(&catalog).ok() } else { None };
        Self {
            catalog,
            server,
            shadow,
            statements,
            query_count: 0,
            has_query_failed: false,
            foreign_keys,
            statements_may_differ: false,
            missing_privileges: Vec::new(),
        }
    }

    /// Analyses one SQL text, which may hold several statements, and applies it to the shadow schema.
    pub(crate) fn analyse(&mut self, text: String) -> PlannedStatement {
        let mut new_tables = Vec::new();
        let mut warnings = Vec::new();
        let attached = sql::attached_index(&text).map(|index| index.replace('"', ""));
        let impact = match sql::parse(self.catalog.backend(), &text) {
            _ if attached.is_some() => {
                Impact::on(attached.unwrap_or_default(), LockMode::AccessExclusive, Work::Metadata)
            }
            Ok(statements) => {
                let impacts = statements.iter().map(|statement| {
                    let impact = self.impact(&text, statement);
                    let locked = impact.locks.iter().flatten().filter_map(|(table, _)| table.as_deref());
                    new_tables.extend(locked.filter(|table| self.shadow.is_new(table)).map(str::to_owned));
                    // The server checks privileges also where there is nothing to do.
                    for missing in rules::missing_privileges(statement, &self.catalog, &self.shadow) {
                        if !self.missing_privileges.contains(&missing) {
                            self.missing_privileges.push(missing);
                        }
                    }
                    if let Some(foreign_keys) = &mut self.foreign_keys
                        && impact.work != Work::Nothing
                    {
                        warnings.extend(foreign_keys.warnings(statement, &self.catalog, &self.shadow));
                        foreign_keys.apply(statement, &self.shadow);
                    }
                    if impact.work != Work::Nothing {
                        self.shadow.apply(statement);
                    }
                    impact
                });
                impacts.reduce(Impact::and).unwrap_or_else(|| Impact::lock_free(Work::Nothing))
            }
            Err(error) => {
                self.shadow.mark_unknown();
                Impact::unknown(format!("the statement cannot be parsed ({error})"))
            }
        };
        let estimated_rows = self.estimated_rows(&impact, &new_tables);
        let locks = impact.locks.map(|locks| {
            let is_new_table = |table: &Option<String>| table.as_ref().is_some_and(|table| new_tables.contains(table));
            let effective = |mode| self.server.effective_lock_mode(mode);
            locks
                .into_iter()
                .map(|(table, mode)| Lock { is_new_table: is_new_table(&table), table, mode: effective(mode) })
                .collect()
        });
        PlannedStatement {
            sql: text,
            locks,
            work: impact.work,
            impact_reason: impact.reason,
            estimated_rows,
            batches: planning::current_batches(),
            warnings,
        }
    }

    fn impact(&self, text: &str, statement: &Statement) -> Impact {
        self.try_impact(text, statement)
            .unwrap_or_else(|error| Impact::unknown(format!("the catalog cannot be read ({error})")))
    }

    fn try_impact(&self, text: &str, statement: &Statement) -> Result<Impact, DbErr> {
        let impact = rules::analyse(text, statement, &self.server, &self.catalog, &self.shadow)?;
        Ok(match noop::reason(statement, &self.catalog, &self.shadow)? {
            // The server takes the table lock before it looks for the index.
            Some(reason) if matches!(statement, Statement::CreateIndex(_)) => {
                Impact { work: Work::Nothing, ..impact }.with_reason(reason)
            }
            Some(reason) => Impact::lock_free(Work::Nothing).with_reason(reason),
            None => impact,
        })
    }

    /// The rows of the first table that the statement locks, if it works through rows. `None` if the estimate cannot be read, or is small.
    fn estimated_rows(&self, impact: &Impact, new_tables: &[String]) -> Option<u64> {
        if !matches!(impact.work, Work::ReadsTable | Work::RewritesTable | Work::Unknown | Work::ChangesRows) {
            return None;
        }
        let table = impact.locks.iter().flatten().find_map(|(table, _)| table.as_ref())?;
        if new_tables.contains(table) {
            return None;
        }
        let estimate = rules::estimated_rows(&self.catalog, table);
        estimate.ok().flatten().filter(|rows| *rows >= MIN_REPORTED_ROWS)
    }
}

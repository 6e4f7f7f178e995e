//! The state of a dry run: analyses each statement as the migration sends it.

use sea_orm_migration::sea_orm::{DbBackend, DbErr};
use sea_orm_runner::planning;
use sqlparser::ast::Statement;

use crate::{
    catalog::Catalog,
    impact::Impact,
    lock_mode::LockMode,
    model::{Lock, PlannedStatement, Work},
    noop,
    rules::{self, ForeignKeys},
    server::Server,
    shadow_schema::ShadowSchema,
    sql,
};

/// Smaller tables are not worth a row count in the plan.
const MIN_REPORTED_ROWS: u64 = 10_000;

/// What is known about the database, and what the current migration has done so far.
#[derive(Debug)]
pub(crate) struct Analysis {
    pub(crate) catalog: Catalog,
    pub(crate) server: Server,
    pub(crate) shadow: ShadowSchema,
    pub(crate) statements: Vec<PlannedStatement>,
    /// The number of queries the migration has sent.
    pub(crate) queries: usize,
    /// Whether a query has failed.
    pub(crate) has_query_failed: bool,
    /// The state of foreign keys, on SQLite.
    foreign_keys: Option<ForeignKeys>,
    /// Whether a query was about something that earlier statements change, and the database gave its current answer.
    pub(crate) may_differ: bool,
    /// What the server would refuse the connected role.
    pub(crate) refusals: Vec<String>,
}

impl Analysis {
    pub(crate) fn new(catalog: Catalog, server: Server) -> Self {
        let shadow = ShadowSchema::new(catalog.backend());
        let statements = Vec::new();
        // Without them the plan only lacks a warning.
        let foreign_keys = if catalog.backend() == DbBackend::Sqlite { ForeignKeys::read(&catalog).ok() } else { None };
        Self {
            catalog,
            server,
            shadow,
            statements,
            queries: 0,
            has_query_failed: false,
            foreign_keys,
            may_differ: false,
            refusals: Vec::new(),
        }
    }

    /// Analyses one text, which may hold several statements, and applies it to the shadow schema.
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
                    // The server looks at privileges before it looks whether there is anything to do.
                    for refusal in rules::refusals(statement, &self.catalog, &self.shadow) {
                        if !self.refusals.contains(&refusal) {
                            self.refusals.push(refusal);
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
        let rows = self.estimated_rows(&impact, &new_tables);
        let locks = impact.locks.map(|locks| {
            let is_new = |table: &Option<String>| table.as_ref().is_some_and(|table| new_tables.contains(table));
            let mode_here = |mode| self.server.mode_here(mode);
            locks
                .into_iter()
                .map(|(table, mode)| Lock { is_new: is_new(&table), table, mode: mode_here(mode) })
                .collect()
        });
        PlannedStatement {
            sql: text,
            locks,
            work: impact.work,
            reason: impact.reason,
            rows,
            batches: planning::current(),
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

    /// The rows of the first table that the statement reads or rewrites. An estimate that cannot be read is left out.
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

//! Where a migration is rehearsed: each statement is judged as it comes.

use sea_orm_migration::sea_orm::{DbBackend, DbErr};
use sqlparser::ast::Statement;

use super::{
    effect::Effect,
    foreseen::Foreseen,
    idle,
    live::Live,
    model::{Lock, PlannedStatement, Work},
    mysql, postgres,
    server::Server,
    sql, sqlite,
};
use sea_orm_runner::planning;

/// From so many rows on it is worth saying how many there are.
const MANY_ROWS: u64 = 10_000;

/// What is known, and what the migration that is rehearsed has done so far.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) live: Live,
    pub(crate) server: Server,
    pub(crate) foreseen: Foreseen,
    pub(crate) statements: Vec<PlannedStatement>,
    pub(crate) notes: Vec<String>,
    pub(crate) questions: usize,
    /// Whether a question was not answered.
    pub(crate) has_stumbled: bool,
    /// On SQLite, where they can be read.
    references: Option<sqlite::References>,
}

impl Stage {
    pub(crate) fn new(live: Live, server: Server) -> Self {
        let foreseen = Foreseen::new(live.backend());
        let (statements, notes) = (Vec::new(), Vec::new());
        let references = if live.backend() == DbBackend::Sqlite { sqlite::References::ask(&live).ok() } else { None };
        Self { live, server, foreseen, statements, notes, questions: 0, has_stumbled: false, references }
    }

    /// What one text would do, which may be several statements.
    pub(crate) fn judge(&mut self, text: String) -> PlannedStatement {
        let mut new = Vec::new();
        let mut warnings = Vec::new();
        let effect = match sql::parse(self.live.backend(), &text) {
            Ok(statements) => {
                let effects = statements.iter().map(|statement| {
                    let effect = self.effect(&text, statement);
                    let locked = effect.locks.iter().flatten().filter_map(|(table, _)| table.as_deref());
                    new.extend(locked.filter(|table| self.foreseen.is_new(table)).map(str::to_owned));
                    if let Some(references) = &mut self.references
                        && effect.work != Work::Nothing
                    {
                        warnings.extend(references.warnings(statement, &self.live, &self.foreseen));
                        references.take(statement, &self.foreseen);
                    }
                    if effect.work != Work::Nothing {
                        self.foreseen.take(statement);
                    }
                    effect
                });
                effects.reduce(Effect::and).unwrap_or_else(|| Effect::elsewhere(Work::Nothing))
            }
            Err(error) => {
                self.foreseen.go_blind();
                Effect::unknown(format!("it cannot be read ({error})"))
            }
        };
        let rows = self.rows(&effect, &new);
        let locks = effect.locks.map(|locks| {
            let is_new = |table: &Option<String>| table.as_ref().is_some_and(|table| new.contains(table));
            locks.into_iter().map(|(table, mode)| Lock { is_new: is_new(&table), table, mode }).collect()
        });
        PlannedStatement {
            sql: text,
            locks,
            work: effect.work,
            because: effect.because,
            rows,
            batches: planning::current(),
            warnings,
        }
    }

    fn effect(&self, text: &str, statement: &Statement) -> Effect {
        let judged = self.judge_statement(text, statement);
        let idle = judged.and_then(|effect| {
            Ok(match idle::reason(statement, &self.live, &self.foreseen)? {
                // It asks for the lock before it looks.
                Some(reason) if matches!(statement, Statement::CreateIndex(_)) => {
                    Effect { work: Work::Nothing, ..effect }.because(reason)
                }
                Some(reason) => Effect::elsewhere(Work::Nothing).because(reason),
                None => effect,
            })
        });
        idle.unwrap_or_else(|error| Effect::unknown(format!("the catalogue cannot be read ({error})")))
    }

    fn judge_statement(&self, text: &str, statement: &Statement) -> Result<Effect, DbErr> {
        Ok(match self.live.backend() {
            DbBackend::Postgres => {
                let facts = postgres::Facts::gather(statement, &self.live, &self.foreseen)?;
                postgres::judge(text, statement, self.server.version, &facts)
            }
            DbBackend::MySql => {
                let facts = mysql::Facts::gather(statement, &self.live, &self.foreseen)?;
                mysql::judge(statement, &self.server, &facts)
            }
            _ => sqlite::judge(statement),
        })
    }

    /// Of the first table that is gone through.
    fn rows(&self, effect: &Effect, new: &[String]) -> Option<u64> {
        if !matches!(effect.work, Work::ReadsTable | Work::RewritesTable | Work::Unknown | Work::ChangesRows) {
            return None;
        }
        let table = effect.locks.iter().flatten().find_map(|(table, _)| table.as_ref())?;
        if new.contains(table) {
            return None;
        }
        let counted = match self.live.backend() {
            DbBackend::Postgres => postgres::rows(&self.live, table),
            DbBackend::MySql => mysql::rows(&self.live, table),
            _ => Ok(None),
        };
        // Only told: where it is not known it is not said.
        counted.ok().flatten().filter(|rows| *rows >= MANY_ROWS)
    }
}

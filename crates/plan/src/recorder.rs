//! A database that migrations take for the real one: it answers what the real one answers, and keeps what would change
//! it.
//!
//! SeaORM has two ways to stand in for a database, and `mock` is the one whose rows may be those of a real one, so that
//! a migration reads them as it always does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DbBackend, DbErr, ExecResult, MockDatabase, MockDatabaseConnection,
    MockDatabaseTrait, MockExecResult, QueryResult, Statement, Transaction, Value,
};

use super::{
    foreseen::Sight,
    judgement::Stage,
    question::{Presence, Reading, is_harmless},
    sql,
};

/// More statements than a migration has. One that has more may be waiting for what it has changed to be changed.
const MANY_STATEMENTS: usize = 1_000;

/// The same of questions.
const MANY_QUESTIONS: usize = 10_000;

/// The stand-in.
#[derive(Debug)]
pub(crate) struct Recorder(Arc<Mutex<Stage>>);

impl Recorder {
    pub(crate) fn connect(stage: &Arc<Mutex<Stage>>) -> DatabaseConnection {
        let recorder = Self(Arc::clone(stage));
        DatabaseConnectionType::MockDatabaseConnection(Arc::new(MockDatabaseConnection::new(recorder))).into()
    }
}

impl MockDatabaseTrait for Recorder {
    fn execute(&mut self, _counter: usize, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let backend = stage.live.backend();
        stage.record(&statement)?;
        // As if no row had been there: who goes on until none is left ends.
        MockDatabase::new(backend).append_exec_results([MockExecResult::default()]).execute(0, statement)
    }

    fn query(&mut self, _counter: usize, question: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = stage.answer(question);
        stage.has_stumbled |= answer.is_err();
        answer
    }

    fn begin(&mut self) {}

    fn commit(&mut self) {}

    fn rollback(&mut self) {}

    fn drain_transaction_log(&mut self) -> Vec<Transaction> {
        Vec::new()
    }

    fn get_database_backend(&self) -> DbBackend {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).live.backend()
    }

    fn ping(&self) -> Result<(), DbErr> {
        Ok(())
    }
}

impl Stage {
    fn record(&mut self, statement: &Statement) -> Result<(), DbErr> {
        if self.statements.len() >= MANY_STATEMENTS {
            return Err(DbErr::Custom(format!(
                "it has more than {MANY_STATEMENTS} statements, or goes on until one has run"
            )));
        }
        let planned = self.judge(statement.to_string());
        self.statements.push(planned);
        Ok(())
    }

    fn answer(&mut self, question: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.questions += 1;
        if self.questions > MANY_QUESTIONS {
            return Err(DbErr::Custom(format!(
                "it asks more than {MANY_QUESTIONS} times, or goes on until something has changed"
            )));
        }
        if let Some(presence) = Presence::of(&question) {
            return self.is_there(&presence, question);
        }
        let reading = Reading::of(self.live.backend(), &question.to_string());
        match reading {
            Some(reading) => self.read(&reading, question),
            None if is_harmless(&question.sql) => {
                if !self.foreseen.is_pristine() {
                    self.note_that_it_may_differ();
                }
                self.live.ask(question)
            }
            // An `INSERT ... RETURNING`, a lock: whoever waits for the rows of that gets none.
            None => self.record(&question).map(|()| Vec::new()),
        }
    }

    fn is_there(&mut self, presence: &Presence, question: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let folded = |name: &str| sql::folded(self.live.backend(), name);
        let sight = match presence {
            Presence::Table(table) => self.foreseen.table(&folded(table)),
            Presence::Column(table, column) => self.foreseen.column(&folded(table), &folded(column)),
            Presence::Index(table, index) => self.foreseen.index(&folded(table), &folded(index)),
        };
        match sight {
            Sight::There => self.say(presence.name(), true, question),
            Sight::Gone => self.say(presence.name(), false, question),
            Sight::Untouched => self.live.ask(question),
            Sight::Unclear => {
                self.note_that_it_may_differ();
                self.live.ask(question)
            }
        }
    }

    fn say(&self, name: &str, is_it: bool, question: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let row = BTreeMap::from([(name.to_owned(), Value::from(is_it))]);
        MockDatabase::new(self.live.backend()).append_query_results([[row]]).query(0, question)
    }

    fn read(&mut self, reading: &Reading, question: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = reading.rows_of();
        if rows.is_some_and(|(table, condition)| self.foreseen.has_none(table, condition)) {
            return Ok(Vec::new());
        }
        let is_as_it_will_be = if reading.is_about_the_catalogue() {
            self.foreseen.is_pristine()
        } else {
            self.foreseen.leaves_alone(&reading.tables)
        };
        if !is_as_it_will_be {
            self.note_that_it_may_differ();
        }
        self.live.ask(question)
    }

    fn note_that_it_may_differ(&mut self) {
        let note = "it asks the database about what statements before have not done yet: its own may differ";
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }
}

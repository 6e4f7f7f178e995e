//! A connection that passes queries on to the database and records changes instead of making them.
//!
//! Of SeaORM's two substitutes for a database, `mock` is the one that can return the rows of a real one, so that a
//! migration decodes them as usual.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DbBackend, DbErr, ExecResult, MockDatabase, MockDatabaseConnection,
    MockDatabaseTrait, MockExecResult, QueryResult, Statement, Transaction, Value,
};

use crate::{
    analyser::Analyser,
    introspection::{ExistenceCheck, ReadQuery, is_read_only_command},
    shadow_schema::Presence,
    sql,
};

/// A migration with more statements probably loops until one of them takes effect.
const MAX_STATEMENTS: usize = 1_000;

/// A migration with more queries probably loops until the answer changes.
const MAX_QUERIES: usize = 10_000;

/// The connection.
#[derive(Debug)]
pub(crate) struct Recorder(Arc<Mutex<Analyser>>);

impl Recorder {
    pub(crate) fn connect(analyser: &Arc<Mutex<Analyser>>) -> DatabaseConnection {
        let recorder = Self(Arc::clone(analyser));
        DatabaseConnectionType::MockDatabaseConnection(Arc::new(MockDatabaseConnection::new(recorder))).into()
    }
}

impl MockDatabaseTrait for Recorder {
    fn execute(&mut self, _counter: usize, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut analyser = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let backend = analyser.catalog.backend();
        analyser.record(&statement)?;
        // Reports 0 affected rows, so that a loop over the remaining rows ends.
        MockDatabase::new(backend).append_exec_results([MockExecResult::default()]).execute(0, statement)
    }

    fn query(&mut self, _counter: usize, query: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut analyser = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = analyser.answer(query);
        analyser.has_query_failed |= answer.is_err();
        answer
    }

    fn begin(&mut self) {}

    fn commit(&mut self) {}

    fn rollback(&mut self) {}

    fn drain_transaction_log(&mut self) -> Vec<Transaction> {
        Vec::new()
    }

    fn get_database_backend(&self) -> DbBackend {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).catalog.backend()
    }

    fn ping(&self) -> Result<(), DbErr> {
        Ok(())
    }
}

impl Analyser {
    fn record(&mut self, statement: &Statement) -> Result<(), DbErr> {
        if self.statements.len() >= MAX_STATEMENTS {
            return Err(DbErr::Custom(format!(
                "it sends more than {MAX_STATEMENTS} statements, or loops until one of them takes effect"
            )));
        }
        let planned = self.analyse(statement.to_string());
        self.statements.push(planned);
        Ok(())
    }

    fn answer(&mut self, query: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.query_count += 1;
        if self.query_count > MAX_QUERIES {
            return Err(DbErr::Custom(format!(
                "it sends more than {MAX_QUERIES} queries, or loops until the answer changes"
            )));
        }
        if let Some(check) = ExistenceCheck::of(&query) {
            return self.answer_existence(&check, query);
        }
        match ReadQuery::of(self.catalog.backend(), &query.to_string()) {
            Some(read) => self.answer_read(&read, query),
            None if is_read_only_command(&query.sql) => {
                self.statements_may_differ |= !self.shadow.is_untouched();
                self.catalog.query(query)
            }
            // An `INSERT ... RETURNING` or a lock: recorded, and answered without rows.
            None => self.record(&query).map(|()| Vec::new()),
        }
    }

    fn answer_existence(&mut self, check: &ExistenceCheck, query: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let folded = |name: &str| sql::folded(self.catalog.backend(), name);
        let presence = match check {
            ExistenceCheck::Table(table) => self.shadow.table(&folded(table)),
            ExistenceCheck::Column(table, column) => self.shadow.column(&folded(table), &folded(column)),
            ExistenceCheck::Index(table, index) => self.shadow.index(&folded(table), &folded(index)),
            ExistenceCheck::Partitioned(table) => self.shadow.partitioning(&folded(table)),
        };
        match presence {
            Presence::Exists => self.boolean(check.name(), true, query),
            Presence::Missing => self.boolean(check.name(), false, query),
            Presence::AsInCatalog => self.catalog.query(query),
            Presence::Unknown => {
                self.statements_may_differ = true;
                self.catalog.query(query)
            }
        }
    }

    fn boolean(&self, name: &str, value: bool, query: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let row = BTreeMap::from([(name.to_owned(), Value::from(value))]);
        MockDatabase::new(self.catalog.backend()).append_query_results([[row]]).query(0, query)
    }

    fn answer_read(&mut self, read: &ReadQuery, query: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if read.rows_of().is_some_and(|(table, condition)| self.shadow.has_no_rows(table, condition)) {
            return Ok(Vec::new());
        }
        let is_current = if read.is_about_the_catalog() {
            self.shadow.is_untouched()
        } else {
            self.shadow.leaves_untouched(&read.tables)
        };
        self.statements_may_differ |= !is_current;
        self.catalog.query(query)
    }
}

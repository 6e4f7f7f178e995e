//! Read-only access to the database itself.
//!
//! Migrations run on a thread of their own, which sends queries; the caller of `plan` answers them on its connection.

use std::sync::mpsc::{Sender, channel};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use sea_orm_connect::ErrorKind;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, QueryResult, Statement,
};
use sea_orm_runner::{Settings, planning};

type Answer = Result<Vec<QueryResult>, DbErr>;

enum Message {
    Query(Statement, Sender<Answer>),
    /// Releases the locks of what has been read.
    EndTransaction,
}

/// Sends queries.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    backend: DbBackend,
    messages: UnboundedSender<Message>,
}

/// Answers queries.
pub(crate) struct CatalogResponder<'d> {
    db: &'d DatabaseConnection,
    /// A connection of its own, whose session settings must not get into the pool (MySQL, MariaDB).
    own: Option<DatabaseConnection>,
    transaction: Option<DatabaseTransaction>,
    settings: Settings,
    messages: UnboundedReceiver<Message>,
}

/// Opens both ends.
pub(crate) async fn open<'d>(
    db: &'d DatabaseConnection,
    settings: &Settings,
) -> Result<(Catalog, CatalogResponder<'d>), DbErr> {
    let backend = db.get_database_backend();
    let own = if backend == DbBackend::MySql { Some(planning::read_only_session(db, settings).await?) } else { None };
    let (sender, messages) = unbounded();
    let responder = CatalogResponder { db, own, transaction: None, settings: settings.clone(), messages };
    Ok((Catalog { backend, messages: sender }, responder))
}

impl Catalog {
    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    pub(crate) fn query(&self, statement: Statement) -> Answer {
        let closed = || DbErr::Custom("planning has ended".to_owned());
        let (sender, answer) = channel();
        self.messages.unbounded_send(Message::Query(statement, sender)).map_err(|_| closed())?;
        answer.recv().map_err(|_| closed())?
    }

    /// The first column of the first row.
    pub(crate) fn query_text(&self, statement: Statement) -> Result<String, DbErr> {
        let rows = self.query(statement)?;
        rows.first().ok_or_else(|| DbErr::RecordNotFound("no row".to_owned()))?.try_get_by_index(0)
    }

    pub(crate) fn query_rows<R: FromQueryResult>(&self, sql: &str, values: &[&str]) -> Result<Vec<R>, DbErr> {
        let values = values.iter().map(|value| (*value).into());
        let rows = self.query(Statement::from_sql_and_values(self.backend, sql, values))?;
        rows.iter().map(|row| R::from_query_result(row, "")).collect()
    }

    /// Releases the locks of what has been read.
    pub(crate) fn end_transaction(&self) {
        // A responder that has stopped has ended its transaction.
        let _ = self.messages.unbounded_send(Message::EndTransaction);
    }
}

impl CatalogResponder<'_> {
    /// Answers until all senders are gone, or the connection is lost.
    pub(crate) async fn serve(mut self) -> Result<(), DbErr> {
        let mut outcome = Ok(());
        while let Ok(message) = self.messages.recv().await {
            match message {
                Message::EndTransaction => self.rollback().await,
                Message::Query(statement, sender) => {
                    let answer = self.answer(statement).await;
                    let lost = answer.as_ref().err().filter(|error| ErrorKind::of(error) == ErrorKind::Connection);
                    outcome = lost.cloned().map_or(Ok(()), Err);
                    // The sender may have stopped waiting.
                    let _ = sender.send(answer);
                }
            }
            if outcome.is_err() {
                break;
            }
        }
        self.rollback().await;
        if let Some(own) = self.own {
            // The plan is complete, whether or not closing succeeds.
            let _ = own.close().await;
        }
        outcome
    }

    async fn answer(&mut self, statement: Statement) -> Answer {
        if self.db.get_database_backend() != DbBackend::Postgres {
            return self.own.as_ref().unwrap_or(self.db).query_all_raw(statement).await;
        }
        if self.transaction.is_none() {
            self.transaction = Some(planning::read_only_transaction(self.db, &self.settings).await?);
        }
        let transaction = self.transaction.as_ref().expect("it was begun above");
        let answer = transaction.query_all_raw(statement).await;
        if answer.is_err() {
            // A failed transaction rejects all further queries.
            self.rollback().await;
        }
        answer
    }

    async fn rollback(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            // Where that fails the connection is gone, and the transaction with it.
            let _ = transaction.rollback().await;
        }
    }
}

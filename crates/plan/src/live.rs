//! The database itself, asked and never changed.
//!
//! Migrations are run on a thread of their own, which asks; whoever wants the plan answers, on the connection it has.

use std::sync::mpsc::{Sender, channel};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use sea_orm_connect::ErrorKind;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, QueryResult, Statement,
};
use sea_orm_runner::{Settings, planning};

type Answer = Result<Vec<QueryResult>, DbErr>;

enum Message {
    Question(Statement, Sender<Answer>),
    /// Nothing that has been read is needed any more.
    Pause,
}

/// Where questions are asked.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    backend: DbBackend,
    messages: UnboundedSender<Message>,
}

/// Where questions are answered.
pub(crate) struct Answers<'d> {
    db: &'d DatabaseConnection,
    /// Whose settings must not be left behind in the pool.
    own: Option<DatabaseConnection>,
    transaction: Option<DatabaseTransaction>,
    settings: Settings,
    messages: UnboundedReceiver<Message>,
}

/// Both ends.
pub(crate) async fn open<'d>(db: &'d DatabaseConnection, settings: &Settings) -> Result<(Live, Answers<'d>), DbErr> {
    let backend = db.get_database_backend();
    let own = if backend == DbBackend::MySql { Some(planning::read_only_session(db, settings).await?) } else { None };
    let (sender, messages) = unbounded();
    let answers = Answers { db, own, transaction: None, settings: settings.clone(), messages };
    Ok((Live { backend, messages: sender }, answers))
}

impl Live {
    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    pub(crate) fn ask(&self, statement: Statement) -> Answer {
        let gone = || DbErr::Custom("nobody answers any more".to_owned());
        let (sender, answer) = channel();
        self.messages.unbounded_send(Message::Question(statement, sender)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }

    /// The one text of the one row.
    pub(crate) fn ask_text(&self, statement: Statement) -> Result<String, DbErr> {
        let rows = self.ask(statement)?;
        rows.first().ok_or_else(|| DbErr::RecordNotFound("no answer".to_owned()))?.try_get_by_index(0)
    }

    pub(crate) fn ask_rows<R: FromQueryResult>(&self, sql: &str, values: &[&str]) -> Result<Vec<R>, DbErr> {
        let values = values.iter().map(|value| (*value).into());
        let rows = self.ask(Statement::from_sql_and_values(self.backend, sql, values))?;
        rows.iter().map(|row| R::from_query_result(row, "")).collect()
    }

    /// Lets go of what has been read.
    pub(crate) fn pause(&self) {
        // Who answers no more has let go already.
        let _ = self.messages.unbounded_send(Message::Pause);
    }
}

impl Answers<'_> {
    /// Answers until nobody asks any more, or the connection is lost.
    pub(crate) async fn serve(mut self) -> Result<(), DbErr> {
        let mut outcome = Ok(());
        while let Ok(message) = self.messages.recv().await {
            match message {
                Message::Pause => self.let_go().await,
                Message::Question(statement, sender) => {
                    let answer = self.answer(statement).await;
                    let lost = answer.as_ref().err().filter(|error| ErrorKind::of(error) == ErrorKind::Connection);
                    outcome = lost.cloned().map_or(Ok(()), Err);
                    // Whoever asked may have ended meanwhile.
                    let _ = sender.send(answer);
                }
            }
            if outcome.is_err() {
                break;
            }
        }
        self.let_go().await;
        if let Some(own) = self.own {
            // What its end says changes nothing.
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
        let transaction = self.transaction.as_ref().expect("it has begun");
        let answer = transaction.query_all_raw(statement).await;
        if answer.is_err() {
            // It answers no more.
            self.let_go().await;
        }
        answer
    }

    async fn let_go(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            // Where that fails the connection is gone, and with it the transaction.
            let _ = transaction.rollback().await;
        }
    }
}

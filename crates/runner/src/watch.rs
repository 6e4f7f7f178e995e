//! Follows a migration statement by statement: what has run, which one failed, and where it may be stopped.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI32, AtomicU64, Ordering},
    },
    task::Poll,
};

use sea_orm_migration::sea_orm::{DatabaseConnection, DbErr, metric};

use crate::{
    error::Error,
    event::{Event, Listener},
    terms::Terms,
};

/// Counts the statements of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    ended: Arc<AtomicU64>,
    failed: Arc<Mutex<Option<String>>>,
}

impl Meter {
    /// The same connection, whose statements are counted and told from now on.
    pub(crate) fn attach(&self, db: &DatabaseConnection, listener: Listener) -> DatabaseConnection {
        let (mut db, meter) = (db.clone(), self.clone());
        db.set_metric_callback(move |info| meter.note(info, &listener));
        db
    }

    fn note(&self, info: &metric::Info<'_>, listener: &Listener) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        if info.failed {
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.statement.sql.clone());
        }
        // What the runner itself asks is nobody's business.
        if RUN.with_borrow(Option::is_some) {
            listener.tell(&Event::Statement { sql: info.statement.sql.clone(), took: info.elapsed });
        }
    }

    /// Before another attempt.
    pub(crate) fn forget(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn ended(&self) -> u64 {
        self.ended.load(Ordering::SeqCst)
    }

    /// The statement that failed last.
    pub(crate) fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The run that a migration is part of.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) terms: Terms,
    pub(crate) migration: String,
    pub(crate) undoing: bool,
    /// The table of the history.
    pub(crate) history: String,
    /// Other connections than the one that the migration runs in, where they are of use.
    pub(crate) beside: Option<DatabaseConnection>,
    backfills: Arc<AtomicI32>,
    reason: Arc<Mutex<Option<Error>>>,
}

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

impl Run {
    pub(crate) fn new(terms: Terms, migration: String, undoing: bool, history: String) -> Self {
        Self { terms, migration, undoing, history, beside: None, backfills: Arc::default(), reason: Arc::default() }
    }

    pub(crate) fn with(self, beside: Option<DatabaseConnection>) -> Self {
        Self { beside, ..self }
    }

    /// The one that the code calling this is part of, unless something else runs the migration.
    pub(crate) fn current() -> Option<Self> {
        RUN.with_borrow(Clone::clone)
    }

    /// Which back-fill of the migration this is, from 0.
    pub(crate) fn number_of_backfill(&self) -> i32 {
        self.backfills.fetch_add(1, Ordering::SeqCst)
    }

    /// Whether nobody wants to stop.
    pub(crate) fn go_on(&self) -> Result<(), DbErr> {
        match self.terms.stop.signal() {
            Some(_) => Err(self.give_up(self.terms.stopped(Some(&self.migration)))),
            None => Ok(()),
        }
    }

    /// Keeps why the migration ends itself, because what it returns can only be what SeaORM knows.
    pub(crate) fn give_up(&self, error: Error) -> DbErr {
        let told = DbErr::Migration(error.to_string());
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        told
    }

    pub(crate) fn reason(&self) -> Option<Error> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Does the work, or as much of it as has been done when somebody wants to stop and a statement has ended: `None`.
    pub(crate) async fn follow<T>(&self, work: impl Future<Output = T>, meter: &Meter) -> Option<T> {
        let mut work = pin!(work);
        let wants_to_stop = || self.terms.stop.signal().is_some();
        if wants_to_stop() {
            return None;
        }
        poll_fn(|context| {
            let before = meter.ended();
            // A migration has no argument for it, and its future may move from thread to thread.
            let outer = RUN.replace(Some(self.clone()));
            let polled = work.as_mut().poll(context);
            RUN.set(outer);
            match polled {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if wants_to_stop() && meter.ended() > before => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

//! Monitors a migration statement by statement: which have run, which failed, and where the run may stop.

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

use crate::{context::Context, error::Error, event::Event, listener::Listener};

/// Counts the statements of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Monitor {
    ended: Arc<AtomicU64>,
    failed: Arc<Mutex<Option<String>>>,
    /// The migration that began last.
    begun: Arc<Mutex<Option<String>>>,
}

impl Monitor {
    /// The same connection, with its statements counted and reported.
    pub(crate) fn attach(&self, db: &DatabaseConnection, listener: Listener) -> DatabaseConnection {
        let (mut db, monitor) = (db.clone(), self.clone());
        db.set_metric_callback(move |info| monitor.record(info, &listener));
        db
    }

    fn record(&self, info: &metric::Info<'_>, listener: &Listener) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        if info.failed {
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.statement.sql.clone());
        }
        // The runner's own statements are not reported.
        if RUN.with_borrow(Option::is_some) {
            listener.notify(&Event::Statement { sql: info.statement.sql.clone(), took: info.elapsed });
        }
    }

    /// Resets it before an attempt.
    pub(crate) fn reset(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether the migration begins for the first time in this run, and not once more.
    pub(crate) fn begins(&self, migration: &str) -> bool {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = begun.as_deref() != Some(migration);
        *begun = Some(migration.to_owned());
        is_first
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
    pub(crate) context: Context,
    pub(crate) migration: String,
    pub(crate) undoing: bool,
    /// The history table.
    pub(crate) history: String,
    /// Another connection to watch the migration's session, where the server supports that.
    pub(crate) monitor_connection: Option<DatabaseConnection>,
    backfills: Arc<AtomicI32>,
    reason: Arc<Mutex<Option<Error>>>,
}

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

impl Run {
    pub(crate) fn new(context: Context, migration: String, undoing: bool, history: String) -> Self {
        Self {
            context,
            migration,
            undoing,
            history,
            monitor_connection: None,
            backfills: Arc::default(),
            reason: Arc::default(),
        }
    }

    pub(crate) fn with(self, monitor_connection: Option<DatabaseConnection>) -> Self {
        Self { monitor_connection, ..self }
    }

    /// The run that the calling code is part of; `None` if something else runs the migration.
    pub(crate) fn current() -> Option<Self> {
        RUN.with_borrow(Clone::clone)
    }

    /// Which back-fill of the migration this is, from 0.
    pub(crate) fn number_of_backfill(&self) -> i32 {
        self.backfills.fetch_add(1, Ordering::SeqCst)
    }

    /// An error if the run was asked to stop.
    pub(crate) fn check_stop(&self) -> Result<(), DbErr> {
        match self.context.stop.signal() {
            Some(_) => Err(self.fail(self.context.stopped(Some(&self.migration)))),
            None => Ok(()),
        }
    }

    /// Keeps the error, because a migration can only return one of SeaORM's.
    pub(crate) fn fail(&self, error: Error) -> DbErr {
        let returned = DbErr::Migration(error.to_string());
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        returned
    }

    pub(crate) fn reason(&self) -> Option<Error> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs `work`. Returns `None` if the run was asked to stop, once the current statement has ended.
    pub(crate) async fn follow<T>(&self, work: impl Future<Output = T>, monitor: &Monitor) -> Option<T> {
        let mut work = pin!(work);
        let is_stopped = || self.context.stop.signal().is_some();
        if is_stopped() {
            return None;
        }
        poll_fn(|cx| {
            let before = monitor.ended();
            // A migration has no parameter for it, and its future may move between threads.
            let outer = RUN.replace(Some(self.clone()));
            let polled = work.as_mut().poll(cx);
            RUN.set(outer);
            match polled {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if is_stopped() && monitor.ended() > before => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

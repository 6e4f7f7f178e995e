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
    ended_count: Arc<AtomicU64>,
    failed_statement: Arc<Mutex<Option<String>>>,
    /// The migration that began last.
    last_begun: Arc<Mutex<Option<String>>>,
}

impl Monitor {
    /// The same connection, with its statements counted and reported.
    pub(crate) fn attach(&self, db: &DatabaseConnection, listener: Listener) -> DatabaseConnection {
        let (mut db, monitor) = (db.clone(), self.clone());
        db.set_metric_callback(move |info| monitor.record(info, &listener));
        db
    }

    fn record(&self, info: &metric::Info<'_>, listener: &Listener) {
        self.ended_count.fetch_add(1, Ordering::SeqCst);
        if info.failed {
            *self.failed_statement.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.statement.sql.clone());
        }
        // The runner's own statements are not reported.
        if RUN.with_borrow(Option::is_some) {
            listener.notify(&Event::Statement { sql: info.statement.sql.clone(), took: info.elapsed });
        }
    }

    /// Forgets the failed statement, before an attempt.
    pub(crate) fn reset(&self) {
        *self.failed_statement.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Records that the migration begins. Returns whether for the first time in this run: false for another attempt.
    pub(crate) fn record_begin(&self, migration: &str) -> bool {
        let mut begun = self.last_begun.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = begun.as_deref() != Some(migration);
        *begun = Some(migration.to_owned());
        is_first
    }

    fn ended_count(&self) -> u64 {
        self.ended_count.load(Ordering::SeqCst)
    }

    /// The statement that failed last.
    pub(crate) fn failed_statement(&self) -> Option<String> {
        self.failed_statement.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
    backfill_count: Arc<AtomicI32>,
    kept_error: Arc<Mutex<Option<Error>>>,
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
            backfill_count: Arc::default(),
            kept_error: Arc::default(),
        }
    }

    pub(crate) fn with_monitor_connection(self, monitor_connection: Option<DatabaseConnection>) -> Self {
        Self { monitor_connection, ..self }
    }

    /// The run that the calling code is part of; `None` if something else runs the migration.
    pub(crate) fn current() -> Option<Self> {
        RUN.with_borrow(Clone::clone)
    }

    /// Counts the back-fills of the migration: the number of the next one, from 0.
    pub(crate) fn next_backfill_number(&self) -> i32 {
        self.backfill_count.fetch_add(1, Ordering::SeqCst)
    }

    /// An error if the run was asked to stop.
    pub(crate) fn check_stop(&self) -> Result<(), DbErr> {
        match self.context.stop.signal() {
            Some(_) => Err(self.keep_error(self.context.stopped(Some(&self.migration)))),
            None => Ok(()),
        }
    }

    /// Keeps the error, because a migration can only return one of SeaORM's.
    pub(crate) fn keep_error(&self, error: Error) -> DbErr {
        let returned = DbErr::Migration(error.to_string());
        *self.kept_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        returned
    }

    /// The error that was kept; `None` the next time.
    pub(crate) fn take_error(&self) -> Option<Error> {
        self.kept_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs `work`. Returns `None` if the run was asked to stop, once the current statement has ended.
    pub(crate) async fn follow<T>(&self, work: impl Future<Output = T>, monitor: &Monitor) -> Option<T> {
        let mut work = pin!(work);
        let is_stopped = || self.context.stop.signal().is_some();
        if is_stopped() {
            return None;
        }
        poll_fn(|cx| {
            let before = monitor.ended_count();
            // A migration has no parameter for it, and its future may move between threads.
            let outer = RUN.replace(Some(self.clone()));
            let polled = work.as_mut().poll(cx);
            RUN.set(outer);
            match polled {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if is_stopped() && monitor.ended_count() > before => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

//! Writes events to the database, and returns when they are committed.
//!
//! SQLite has one writer at a time, and each commit waits for the disk. So the event that finds nobody writing takes all that
//! wait into its transaction: however many arrive at once, they share a commit.
//!
//! It remembers that the database has no room, which no check of the schema notices: the service is not ready then.

use std::{
    mem::take,
    sync::{Arc, Mutex as Lock, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_connect::{ErrorKind, PoolerSafe};
use tokio::sync::{Mutex, oneshot};

use crate::mutations::Event;

/// How long a failed write counts if no other follows: without webhooks, nothing else would tell that there is room again.
const FAILURE_COUNTS_FOR: Duration = Duration::from_secs(10);

/// Writes events; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    db: PoolerSafe,
    /// Set on SQLite.
    queue: Option<Arc<Queue>>,
    /// When the last write found no room; `None` once one succeeds.
    no_room: Arc<Lock<Option<Instant>>>,
}

/// The events that wait for the writer.
#[derive(Debug, Default)]
struct Queue {
    waiting: Lock<Vec<Waiting>>,
    /// Held by whoever writes.
    writer: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct Waiting {
    event: Event,
    written: oneshot::Sender<Result<(), DbErr>>,
}

impl Recorder {
    pub(super) fn new(db: PoolerSafe) -> Self {
        let queue = (db.get_database_backend() == DbBackend::Sqlite).then(Arc::default);
        Self { db, queue, no_room: Arc::default() }
    }

    /// The pool that it writes to.
    pub(super) fn db(&self) -> &PoolerSafe {
        &self.db
    }

    /// Whether the last event found no room in the database.
    pub(super) fn has_no_room(&self) -> bool {
        locked(&self.no_room).is_some_and(|at| at.elapsed() < FAILURE_COUNTS_FOR)
    }

    /// Records the event.
    pub(super) async fn record(&self, event: &Event) -> Result<(), DbErr> {
        let result = self.write(event).await;
        match &result {
            Ok(()) => *locked(&self.no_room) = None,
            Err(error) if ErrorKind::is_out_of_room(error) => *locked(&self.no_room) = Some(Instant::now()),
            Err(_) => {}
        }
        result
    }

    async fn write(&self, event: &Event) -> Result<(), DbErr> {
        let Some(queue) = &self.queue else { return event.record(&self.db).await };
        let (sender, mut written) = oneshot::channel();
        locked(&queue.waiting).push(Waiting { event: event.clone(), written: sender });
        tokio::select! {
            biased;
            result = &mut written => return result.unwrap_or_else(|_| Err(not_written())),
            writer = Arc::clone(&queue.writer).lock_owned() => {
                let (db, queue) = (self.db.clone(), Arc::clone(queue));
                // On its own, so that a client that goes away does not take the others' events with it.
                tokio::spawn(async move {
                    let waiting = take(&mut *locked(&queue.waiting));
                    write(&db, waiting).await;
                    drop(writer);
                });
            }
        }
        written.await.unwrap_or_else(|_| Err(not_written()))
    }
}

fn locked<T>(lock: &Lock<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes all in one transaction, or if that fails, one after the other, so that one that fails is the only one.
async fn write(db: &PoolerSafe, waiting: Vec<Waiting>) {
    let is_written = waiting.len() > 1 && write_together(db, &waiting).await.is_ok();
    for Waiting { event, written } in waiting {
        let result = if is_written { Ok(()) } else { event.record(db).await };
        let _ = written.send(result); // the client may be gone
    }
}

async fn write_together(db: &PoolerSafe, waiting: &[Waiting]) -> Result<(), DbErr> {
    // A transaction that starts as a reader fails if another one writes first.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    for Waiting { event, written: _ } in waiting {
        event.record(&transaction).await?;
    }
    transaction.commit().await
}

/// The writer is gone; the event may be written again, because its row remembers what it has counted.
fn not_written() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use entity::call_log;
    use futures_util::future::join_all;
    use migration::{Migrator, MigratorTrait};
    use sea_orm::{DbConn, EntityTrait};

    use super::*;
    use crate::mutations::{CallFields, CallStatusEvent};

    fn event(call_sid: &str, status: &str) -> Event {
        let at = NaiveDate::from_ymd_opt(2026, 1, 15).and_then(|day| day.and_hms_opt(10, 0, 0)).unwrap();
        let call = CallFields {
            call_sid: call_sid.to_owned(),
            business_id: 7,
            parent_call_sid: None,
            from_number: None,
            to_number: None,
            direction: None,
            at,
        };
        Event::Status(CallStatusEvent { call, status: status.to_owned(), duration: None })
    }

    async fn recorder() -> (DbConn, Recorder) {
        let db = sea_orm_connect::in_memory().await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let recorder = Recorder::new(PoolerSafe::from(&db));
        (db, recorder)
    }

    #[tokio::test]
    async fn events_that_wait_are_written_together_and_each_has_its_own_result() {
        let (db, recorder) = recorder().await;
        let events: Vec<Event> = (0..50).map(|number| event(&format!("CA{}", number % 7), "ringing")).collect();
        let wrong = event("", "ringing");
        // Whoever writes holds this, so all of them wait.
        let busy = Arc::clone(&recorder.queue.as_ref().unwrap().writer).lock_owned().await;
        let all = events.iter().chain([&wrong]).map(|event| recorder.record(event));
        let (results, ()) = tokio::join!(join_all(all), async { drop(busy) });
        let failed: Vec<usize> = (0..results.len()).filter(|number| results[*number].is_err()).collect();
        assert_eq!(failed, [50], "{results:?}");
        let rows = call_log::Entity::find().all(&db).await.unwrap();
        assert_eq!(rows.len(), 7);
        assert_eq!(rows.iter().filter_map(|row| row.webhook_retry_count).sum::<i32>(), 43);
    }

    #[tokio::test]
    async fn a_client_that_goes_away_takes_nobody_else_along() {
        let (db, recorder) = recorder().await;
        let (first, second) = (event("CA1", "ringing"), event("CA2", "ringing"));
        let busy = Arc::clone(&recorder.queue.as_ref().unwrap().writer).lock_owned().await;
        let gone = tokio::time::timeout(std::time::Duration::from_millis(20), recorder.record(&first)).await;
        assert!(gone.is_err(), "it waits");
        let (result, ()) = tokio::join!(recorder.record(&second), async { drop(busy) });
        result.unwrap();
        assert!(call_log::Entity::find_by_call_sid("CA2".to_owned()).one(&db).await.unwrap().is_some());
    }
}

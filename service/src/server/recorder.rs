//! Writes webhook events to the database, and returns when they are committed.
//!
//! SQLite has one writer at a time, and each commit waits for the disk. So events queue while another one is written, and all that
//! are queued share the next transaction and its commit.
//!
//! The recorder remembers that the database is out of space, which no check of the schema notices: the service is not ready then.

use std::{
    mem::take,
    sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_connect::{ErrorKind, PoolerSafe};
use tokio::sync::{Mutex, oneshot};

use crate::mutations::Event;

/// How long the service is not ready after a write that ran out of space. Without a limit it would stay so: no webhook arrives that could
/// show that there is space again.
const OUT_OF_SPACE_TTL: Duration = Duration::from_secs(10);

/// Writes events; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    db: PoolerSafe,
    /// SQLite only.
    queue: Option<Arc<Queue>>,
    /// When the last write ran out of space; `None` once a write succeeds.
    out_of_space_at: Arc<StdMutex<Option<Instant>>>,
}

/// The events that wait until the current batch is written.
#[derive(Debug, Default)]
struct Queue {
    events: StdMutex<Vec<QueuedEvent>>,
    /// Held while a batch is written.
    writing: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct QueuedEvent {
    event: Event,
    /// Receives the result of the write.
    sender: oneshot::Sender<Result<(), DbErr>>,
}

impl Recorder {
    pub(super) fn new(db: PoolerSafe) -> Self {
        let queue = (db.get_database_backend() == DbBackend::Sqlite).then(Arc::default);
        Self { db, queue, out_of_space_at: Arc::default() }
    }

    /// The pool for writes.
    pub(super) fn db(&self) -> &PoolerSafe {
        &self.db
    }

    /// Whether the last write ran out of space, not longer than [`OUT_OF_SPACE_TTL`] ago.
    pub(super) fn is_out_of_space(&self) -> bool {
        lock(&self.out_of_space_at).is_some_and(|at| at.elapsed() < OUT_OF_SPACE_TTL)
    }

    /// Records the event, and returns when it is committed.
    pub(super) async fn record(&self, event: &Event) -> Result<(), DbErr> {
        let result = match &self.queue {
            Some(queue) => self.write_queued(queue, event).await,
            None => event.record(&self.db).await,
        };
        match &result {
            Ok(()) => *lock(&self.out_of_space_at) = None,
            Err(error) if ErrorKind::is_out_of_space(error) => *lock(&self.out_of_space_at) = Some(Instant::now()),
            Err(_) => {}
        }
        result
    }

    /// Queues the event. Then another caller writes it with its batch, or this one writes all that are queued when its turn comes.
    async fn write_queued(&self, queue: &Arc<Queue>, event: &Event) -> Result<(), DbErr> {
        let (sender, mut result) = oneshot::channel();
        lock(&queue.events).push(QueuedEvent { event: event.clone(), sender });
        tokio::select! {
            biased;
            result = &mut result => return result.unwrap_or_else(|_| Err(not_written())),
            guard = Arc::clone(&queue.writing).lock_owned() => {
                let (db, queue) = (self.db.clone(), Arc::clone(queue));
                // In a task of its own: if this client disconnects, the events of others are still written.
                tokio::spawn(async move {
                    let batch = take(&mut *lock(&queue.events));
                    write_batch(&db, batch).await;
                    drop(guard);
                });
            }
        }
        result.await.unwrap_or_else(|_| Err(not_written()))
    }
}

fn lock<T>(mutex: &StdMutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the events in one transaction. If that fails, writes each alone, so that only those fail that cannot be written.
async fn write_batch(db: &PoolerSafe, batch: Vec<QueuedEvent>) {
    let is_written = batch.len() > 1 && write_in_one_transaction(db, &batch).await.is_ok();
    for QueuedEvent { event, sender } in batch {
        let result = if is_written { Ok(()) } else { event.record(db).await };
        let _ = sender.send(result); // the client may have disconnected
    }
}

async fn write_in_one_transaction(db: &PoolerSafe, batch: &[QueuedEvent]) -> Result<(), DbErr> {
    // A transaction that begins with a read fails if another connection writes before it does.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    for QueuedEvent { event, sender: _ } in batch {
        event.record(&transaction).await?;
    }
    transaction.commit().await
}

/// The error if the writing task ended early. Twilio may send the event again: its row remembers what it has counted.
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
    async fn queued_events_share_a_transaction_and_each_gets_its_own_result() {
        let (db, recorder) = recorder().await;
        let events: Vec<Event> = (0..50).map(|number| event(&format!("CA{}", number % 7), "ringing")).collect();
        let wrong = event("", "ringing");
        // As if a batch were being written, so that all events queue.
        let busy = Arc::clone(&recorder.queue.as_ref().unwrap().writing).lock_owned().await;
        let all = events.iter().chain([&wrong]).map(|event| recorder.record(event));
        let (results, ()) = tokio::join!(join_all(all), async { drop(busy) });
        let failed: Vec<usize> = (0..results.len()).filter(|number| results[*number].is_err()).collect();
        assert_eq!(failed, [50], "{results:?}");
        let rows = call_log::Entity::find().all(&db).await.unwrap();
        assert_eq!(rows.len(), 7);
        assert_eq!(rows.iter().filter_map(|row| row.webhook_retry_count).sum::<i32>(), 43);
    }

    #[tokio::test]
    async fn a_client_that_disconnects_loses_no_event_of_others() {
        let (db, recorder) = recorder().await;
        let (first, second) = (event("CA1", "ringing"), event("CA2", "ringing"));
        let busy = Arc::clone(&recorder.queue.as_ref().unwrap().writing).lock_owned().await;
        let disconnected = tokio::time::timeout(std::time::Duration::from_millis(20), recorder.record(&first)).await;
        assert!(disconnected.is_err(), "it waits");
        let (result, ()) = tokio::join!(recorder.record(&second), async { drop(busy) });
        result.unwrap();
        assert!(call_log::Entity::find_by_call_sid("CA2".to_owned()).one(&db).await.unwrap().is_some());
    }
}

//! Rows read through their entity, in a thread of its own: SeaORM takes longer to make a model of a row than the server to send it.

use std::{
    fmt, panic,
    sync::mpsc::{SyncSender, sync_channel},
    thread::{Builder, JoinHandle},
};

use sea_orm::{DbErr, QueryResult};

/// The name of the thread.
pub(super) const THREAD: &str = "sea-orm-drift rows";

/// The rows that are handed over at a time. While so many are read, as many arrive: a reader that is slower holds the server up, for
/// less than a millisecond, and memory stays the same however many rows there are.
const CHUNK: usize = 250;

/// A thread that reads rows, and the rows on their way to it.
pub(super) struct Reader<S> {
    chunk: Vec<QueryResult>,
    rows: SyncSender<Vec<QueryResult>>,
    thread: JoinHandle<S>,
}

impl<S> fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("chunk", &self.chunk.len()).finish_non_exhaustive()
    }
}

impl<S: Default + Send + 'static> Reader<S> {
    /// `read` notes in `S` what it finds out about a row.
    pub(super) fn new(read: impl Fn(&mut S, &QueryResult) + Send + 'static) -> Result<Self, DbErr> {
        let (rows, arriving) = sync_channel::<Vec<QueryResult>>(0);
        let read = move || {
            let mut found = S::default();
            for chunk in arriving {
                for row in &chunk {
                    read(&mut found, row);
                }
            }
            found
        };
        let thread = Builder::new().name(THREAD.to_owned()).spawn(read);
        let thread = thread.map_err(|error| DbErr::Custom(format!("no thread to read rows in: {error}")))?;
        Ok(Self { chunk: Vec::with_capacity(CHUNK), rows, thread })
    }

    /// Hands a row over. The last one stays at hand, whose key is asked for.
    pub(super) fn push(&mut self, row: QueryResult) {
        if self.chunk.len() == CHUNK {
            self.flush();
        }
        self.chunk.push(row);
    }

    /// The row that was handed over last.
    pub(super) fn last(&self) -> Option<&QueryResult> {
        self.chunk.last()
    }

    fn flush(&mut self) {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        // It ends before its sender only in a panic, which `finish` goes on with.
        let _ = self.rows.send(chunk);
    }

    /// What was noted of all rows.
    pub(super) fn finish(mut self) -> S {
        self.flush();
        drop(self.rows);
        self.thread.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))
    }
}

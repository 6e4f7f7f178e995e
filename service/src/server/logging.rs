//! Sets up the log. Writing never blocks: a thread of its own writes to stderr, and lines are dropped and counted while stderr
//! cannot keep up.

use std::{io, sync::OnceLock};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use super::config::{Config, LogFormat};

/// How many lines wait for stderr before further ones are dropped.
const MAX_BUFFERED_LINES: usize = 4096;

static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// Writes the remaining lines when dropped, for about a second at most.
#[derive(Debug)]
#[must_use = "without it no line is written"]
pub struct LogGuard(#[expect(dead_code, reason = "held for its `Drop`")] WorkerGuard);

/// Writes logs to stderr from now on; keeps a subscriber that is already set.
pub fn init(config: &Config) -> LogGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(MAX_BUFFERED_LINES)
        .thread_name("log")
        .finish(io::stderr());
    let dropped = writer.error_counter();
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_target(true);
    let lines = match config.log_format {
        LogFormat::Human => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let filter = config.log_filter.clone();
    if tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().is_ok() {
        let _ = DROPPED.set(dropped);
    }
    LogGuard(guard)
}

/// How many lines were dropped so far.
pub(super) fn dropped_lines() -> u64 {
    DROPPED.get().map_or(0, |counter| u64::try_from(counter.dropped_lines()).unwrap_or(u64::MAX))
}

//! Sets up the log.

use std::io;

use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use super::config::{Config, LogFormat};

/// Writes logs to stderr from now on; keeps a subscriber that is already set.
pub fn init(config: &Config) {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(true);
    let lines = match config.log_format {
        LogFormat::Human => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let filter = config.log_filter.clone();
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
}

//! How progress and errors are written.

use sea_orm_kit::cli::Format;
use service::server::config::{Config, ConfigArgs, LogFormat};

/// As logs are.
pub(super) fn format_of(config: &Config) -> Format {
    match config.log_format {
        LogFormat::Human => Format::Text,
        LogFormat::Json => Format::Json,
    }
}

/// The same, where the configuration can be read: what is wrong with it is told to people.
pub(super) fn configured_format(config: &ConfigArgs) -> Format {
    config.read().map_or(Format::Text, |config| format_of(&config))
}

//! Every error at the start of the service; see `docs/messages.md`.

use sea_orm_connect::UrlError;
use test_messages::{assert_section, samples};

use super::{
    StartError,
    config::{ConfigError, ConfigErrorDiscriminants},
    schema_watch::StartErrorDiscriminants,
};
use crate::schema::SchemaError;

#[test]
fn the_errors_are_documented() {
    let location = || "`listen` in `call-log.toml`".to_owned();
    let settings = [
        ConfigError::Unreadable { file: "call-log.toml".into(), source: std::io::ErrorKind::NotFound.into() },
        ConfigError::Malformed { file: "call-log.toml".into(), line: 3, message: "invalid string".to_owned() },
        ConfigError::UnknownKey { location: location() },
        ConfigError::BadValue { location: location(), reason: "it must be an address and a port".to_owned() },
    ];
    let start = [
        StartError::Connect(UrlError::NotNamed.into()),
        StartError::Migrate(sea_orm_runner::Error::Stopped { signal: 15, migration: None }),
        StartError::Schema(SchemaError::NoMigrations),
        StartError::ReadOnly,
        StartError::TooSlow,
    ];
    let text = samples::<_, ConfigErrorDiscriminants>(&settings, ToString::to_string)
        + &samples::<_, StartErrorDiscriminants>(&start, ToString::to_string);
    assert_section("service: errors at start", "Why the service does not start.", &text);
}

//! Every error at the start of the service; see `docs/messages.md`.

use sea_orm_connect::UrlError;
use test_messages::{assert_section, samples};

use super::{
    CheckError,
    config::{ConfigError, ConfigErrorDiscriminants},
    schema_watch::CheckErrorDiscriminants,
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
        CheckError::Connect(UrlError::NotNamed.into()),
        CheckError::Migrate(sea_orm_runner::Error::Stopped { signal: 15, migration: None }),
        CheckError::Schema(SchemaError::NoMigrations),
        CheckError::ReadOnly,
        CheckError::TooSlow,
    ];
    let text = samples::<_, ConfigErrorDiscriminants>(&settings, ToString::to_string)
        + &samples::<_, CheckErrorDiscriminants>(&start, ToString::to_string);
    assert_section("service: errors at start", "Why the service does not start.", &text);
}

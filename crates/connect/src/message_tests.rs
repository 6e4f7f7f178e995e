//! Every message of this crate; see `docs/messages.md`.

use test_messages::{assert_section, samples};

use crate::{
    DatabaseUrl,
    error::{ConnectError, ConnectErrorDiscriminants},
    url_error::{UrlError, UrlErrorDiscriminants},
};

#[test]
fn the_messages_are_documented() {
    let url = || "postgres://app:secret@db/calls".parse::<DatabaseUrl>().unwrap();
    let sqlite = |text: &str| text.parse::<DatabaseUrl>().unwrap();
    let file = |text: &str| ConnectError::NoSuchDatabase {
        url: sqlite(text),
        reason: "unable to open database file".to_owned(),
    };
    let urls = [
        UrlError::NotNamed,
        UrlError::Malformed("invalid port number".to_owned()),
        UrlError::UnknownParameter { name: "sslmod".to_owned(), nearest: Some("sslmode".to_owned()) },
        UrlError::UnknownParameter { name: "colour".to_owned(), nearest: None },
        UrlError::SeveralHosts,
        UrlError::NoDatabaseNamed,
        UrlError::UnknownScheme("oracle".to_owned()),
        UrlError::NotCompiled { kind: "PostgreSQL", feature: "postgres" },
    ];
    let errors = [
        ConnectError::Url(UrlError::NotNamed),
        ConnectError::TwoDatabases { url: url(), to_migrate: "postgres://app:secret@db/other".parse().unwrap() },
        ConnectError::EnvFile,
        ConnectError::Unreachable { url: url(), reason: "connection refused".to_owned() },
        ConnectError::NotNow { url: url(), reason: "too many connections for role \"app\"".to_owned() },
        ConnectError::LoginRefused { url: url(), reason: "password authentication failed for user \"app\"".to_owned() },
        ConnectError::Refused { url: url(), reason: "server does not support TLS".to_owned() },
        ConnectError::TableInOtherSchema {
            url: url(),
            table: "call_log".to_owned(),
            found: "tenant".to_owned(),
            current: "public".to_owned(),
        },
        ConnectError::UnsupportedEngine { url: url(), name: "CockroachDB", reason: "its advisory locks lock nothing" },
        ConnectError::StoredElsewhere {
            url: url(),
            table: "call_log".to_owned(),
            by: "the foreign table shard_0".to_owned(),
        },
        ConnectError::SchemaIgnored { url: url() },
        ConnectError::NoSuchSchema { url: url(), schema: "tenant".to_owned() },
        ConnectError::NoSuchDatabase { url: url(), reason: "database \"calls\" does not exist".to_owned() },
        file("sqlite:///no/such/folder/calls.db"),
        file("sqlite:///?mode=rwc"),
        file("sqlite:///calls.db?mode=rwc"),
        file("sqlite:///no/such/folder/calls.db?mode=rwc"),
    ];
    let text = samples::<_, UrlErrorDiscriminants>(&urls, ToString::to_string)
        + &samples::<_, ConnectErrorDiscriminants>(&errors, ToString::to_string);
    assert_section("connecting", "Why there is no connection.", &text);
}

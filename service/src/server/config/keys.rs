//! All keys of the configuration, and what each sets.

use std::time::Duration;

use sea_orm_connect::DatabaseUrl;
use secrecy::SecretString;

use super::{
    settings::{ClientAddress, Config, LogFormat},
    values::{boolean, connections, duration, http_url, log_filter, number, secrets, sid, signed_url},
};
use crate::worker::InvalidRecordingHost;

/// Message for an empty value.
pub(super) const EMPTY: &str = "it is empty: set a value, or remove the key";

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Name in the file; a dot separates a table from its key.
    pub name: &'static str,
    /// Value if it is not set.
    pub default: Option<&'static str>,
    /// Description in one line.
    pub about: &'static str,
    set: fn(&mut Config, &str) -> Result<(), String>,
}

impl Key {
    const fn new(
        name: &'static str,
        default: Option<&'static str>,
        about: &'static str,
        set: fn(&mut Config, &str) -> Result<(), String>,
    ) -> Self {
        Self { name, default, about, set }
    }

    /// Whether its value may be several, separated by commas, or a list in the file.
    pub(super) fn is_list(&self) -> bool {
        ["tokens", "log_filter", "twilio.auth_token", "twilio.shared_key"].contains(&self.name)
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("CALL_LOG_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The flag that sets it, without leading dashes.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    /// Sets the value, or returns what is wrong with it, without quoting it.
    pub(super) fn set(&self, config: &mut Config, value: &str) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() {
            return Err(EMPTY.to_owned());
        }
        (self.set)(config, value)
    }
}

/// All keys, as `docs/service.md` lists them.
pub const KEYS: &[Key] = &[
    Key::new("listen", Some("127.0.0.1:8080"), "address and port to listen on", |config, value| {
        config.listen = value.parse().map_err(|_| "it must be an address and a port, such as 0.0.0.0:8080")?;
        Ok(())
    }),
    Key::new(
        "admin_listen",
        None,
        "address and port for probes and metrics without a token; keep it private",
        |config, value| {
            let address = value.parse().map_err(|_| "it must be an address and a port, such as 127.0.0.1:9090")?;
            config.admin_listen = Some(address);
            Ok(())
        },
    ),
    Key::new("public_url", None, "URL that Twilio calls, byte for byte; part of the signature", |config, value| {
        config.public_url = Some(signed_url(value)?);
        Ok(())
    }),
    Key::new("log_format", Some("human"), "`human` or `json`", |config, value| {
        config.log_format = match value {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            _ => return Err("it must be human or json".to_owned()),
        };
        Ok(())
    }),
    Key::new(
        "log_filter",
        Some("info,sea_orm_runner=warn"),
        "minimum level, also per target: `info,service=debug`",
        |config, value| {
            config.log_filter = log_filter(value)
                .ok_or("it must be a level, such as info, or levels per target, such as warn,service=debug")?;
            Ok(())
        },
    ),
    Key::new("tokens", None, "who may read: SHA-256 of a token, `=`, business id or `*` for all", |config, value| {
        config.tokens = value.parse()?;
        Ok(())
    }),
    Key::new("session_key", None, "key that signs session cookies; random per process if unset", |config, value| {
        if value.len() < 32 {
            return Err("it must have at least 32 characters".to_owned());
        }
        config.session_key = Some(SecretString::from(value));
        Ok(())
    }),
    Key::new("metrics_open", Some("false"), "serve `/metrics` without a token", |config, value| {
        config.metrics_open = boolean(value)?;
        Ok(())
    }),
    Key::new(
        "client_address",
        Some("connection"),
        "`connection`, or the header in which a proxy puts the client's address, such as `x-forwarded-for`",
        |config, value| {
            config.client_address = match value {
                "connection" => ClientAddress::Connection,
                header => {
                    let header = header.parse().map_err(|_| "it must be connection, or the name of a header")?;
                    ClientAddress::Header(header)
                }
            };
            Ok(())
        },
    ),
    Key::new("logins_per_minute", Some("30"), "how often one address may try to log in", |config, value| {
        config.logins_per_minute = value.parse().map_err(|_| "it must be a number of at least 1")?;
        Ok(())
    }),
    Key::new(
        "connections_per_address",
        Some("0"),
        "most connections of one address to `listen`; 0 for no limit, as behind a proxy",
        |config, value| {
            config.connections_per_address = number(value)?;
            Ok(())
        },
    ),
    Key::new(
        "database.webhook_connections",
        Some("10"),
        "most connections that write webhooks; on SQLite there is one",
        |config, value| {
            config.database.webhook_connections = connections(value)?;
            Ok(())
        },
    ),
    Key::new(
        "database.read_connections",
        Some("5"),
        "most connections that read for the API and the pages",
        |config, value| {
            config.database.read_connections = connections(value)?;
            Ok(())
        },
    ),
    Key::new(
        "database.job_connections",
        Some("5"),
        "most connections of the schema watch and the finaliser",
        |config, value| {
            config.database.job_connections = connections(value)?;
            Ok(())
        },
    ),
    Key::new(
        "database.read_timeout",
        Some("5s"),
        "how long a statement of the API or a page may take, 100ms to 8s",
        |config, value| {
            let is_valid = |timeout: &Duration| (Duration::from_millis(100)..=Duration::from_secs(8)).contains(timeout);
            let timeout = Some(duration(value)?).filter(is_valid);
            config.database.read_timeout = timeout.ok_or("it must be between 100ms and 8s")?;
            Ok(())
        },
    ),
    Key::new(
        "read_database_url",
        None,
        "a replica of the database, from which lists, calls and costs are read while it is fresh",
        |config, value| {
            let url: Option<DatabaseUrl> = value.parse().ok();
            let url = url.filter(|url| !url.is_sqlite());
            config.database.read_url = Some(url.ok_or("it must be a URL such as `postgres://` or `mysql://`")?);
            Ok(())
        },
    ),
    Key::new(
        "database.read_max_staleness",
        Some("10s"),
        "how stale the replica may be; otherwise the primary is read, 3s to 1h",
        |config, value| {
            let is_valid = |bound: &Duration| (Duration::from_secs(3)..=Duration::from_hours(1)).contains(bound);
            let bound = Some(duration(value)?).filter(is_valid);
            config.database.read_max_staleness = bound.ok_or("it must be between 3s and 1h")?;
            Ok(())
        },
    ),
    Key::new(
        "twilio.auth_token",
        None,
        "token with which Twilio signs webhooks, or a list, the current one first; required to accept them",
        |config, value| {
            let mut tokens = secrets(value)?.into_iter();
            config.twilio.auth_token = tokens.next();
            config.twilio.other_auth_tokens = tokens.collect();
            Ok(())
        },
    ),
    Key::new(
        "twilio.shared_key",
        None,
        "secret of the shared key with which Twilio signs webhooks that match a webhook rule, or a list",
        |config, value| {
            config.twilio.shared_keys = secrets(value)?;
            Ok(())
        },
    ),
    Key::new("twilio.business_id", None, "business of webhooks without `business_id`", |config, value| {
        let business_id = value.parse().ok().filter(|id| *id > 0);
        config.twilio.business_id = Some(business_id.ok_or("it must be a positive number")?);
        Ok(())
    }),
    Key::new("twilio.account_sid", None, "account whose recordings are fetched", |config, value| {
        config.twilio.account_sid = Some(sid("AC", value)?);
        Ok(())
    }),
    Key::new("twilio.api_key", None, "REST API key, used instead of the account's token", |config, value| {
        config.twilio.api_key = Some(sid("SK", value)?);
        Ok(())
    }),
    Key::new("twilio.api_key_secret", None, "secret of the REST API key", |config, value| {
        config.twilio.api_key_secret = Some(SecretString::from(value));
        Ok(())
    }),
    Key::new(
        "twilio.recording_host",
        Some("https://api.twilio.com"),
        "only host from which recordings are fetched",
        |config, value| {
            config.twilio.recording_host = value.parse().map_err(|error: InvalidRecordingHost| error.to_string())?;
            Ok(())
        },
    ),
    Key::new(
        "twilio.recording_max_bytes",
        Some("67108864"),
        "largest recording to fetch, in bytes",
        |config, value| {
            config.twilio.recording_max_bytes = number(value)?;
            Ok(())
        },
    ),
    Key::new("twilio.recording_timeout", Some("60s"), "time limit for fetching a recording", |config, value| {
        config.twilio.recording_timeout = duration(value)?;
        Ok(())
    }),
    Key::new(
        "transcription.url",
        None,
        "endpoint compatible with OpenAI's `/v1/audio/transcriptions`",
        |config, value| {
            config.transcription.url = Some(http_url(value)?);
            Ok(())
        },
    ),
    Key::new("transcription.api_key", None, "API key of the endpoint", |config, value| {
        config.transcription.api_key = Some(SecretString::from(value));
        Ok(())
    }),
    Key::new("transcription.model", Some("whisper-1"), "model to request", |config, value| {
        value.clone_into(&mut config.transcription.model);
        Ok(())
    }),
    Key::new(
        "transcription.language",
        None,
        "language of the calls, such as `he`; detected if unset",
        |config, value| {
            config.transcription.language = Some(value.to_owned());
            Ok(())
        },
    ),
    Key::new("transcription.timeout", Some("180s"), "time limit for a transcription", |config, value| {
        config.transcription.timeout = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.enabled", Some("true"), "finalise calls in `serve`", |config, value| {
        config.finaliser.enabled = boolean(value)?;
        Ok(())
    }),
    Key::new("finaliser.horizon", Some("7days"), "ignore calls older than this", |config, value| {
        config.finaliser.settings.horizon = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.lease", Some("5min"), "how long a process may work on a call", |config, value| {
        config.finaliser.settings.lease = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.batch", Some("4"), "calls to process at once, 1 to 100", |config, value| {
        config.finaliser.settings.batch = number(value)?;
        Ok(())
    }),
    Key::new("finaliser.settle", Some("2min"), "how long to wait for a recording after the call", |config, value| {
        config.finaliser.settings.settle = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.attempts", Some("8"), "attempts per call", |config, value| {
        config.finaliser.settings.attempts = number(value)?;
        Ok(())
    }),
    Key::new(
        "finaliser.pause",
        Some("30s"),
        "pause after the first attempt; doubles each time, up to 1 h",
        |config, value| {
            config.finaliser.settings.backoff.first = duration(value)?;
            Ok(())
        },
    ),
    Key::new("finaliser.poll", Some("15s"), "how often to look for ended calls", |config, value| {
        config.finaliser.settings.poll = duration(value)?;
        Ok(())
    }),
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let mut config = Config::default();
        for key in KEYS {
            if let Some(default) = key.default {
                key.set(&mut config, default).unwrap();
            }
        }
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()), "no default is a secret");
    }

    /// A row is `| name | variable | default | meaning |`.
    #[test]
    fn the_documentation_lists_all_keys() {
        let document = include_str!("../../../../docs/service.md");
        let (_, table) = document.split_once("| key | variable | default | meaning |\n").unwrap();
        let rows: Vec<&str> = table.lines().skip(1).take_while(|line| line.starts_with('|')).collect();
        let expected: Vec<String> = KEYS
            .iter()
            .map(|key| {
                let default = key.default.map(|default| format!("`{default}`")).unwrap_or_default();
                format!("| `{}` | `{}` | {default} | {} |", key.name, key.variable(), key.about)
            })
            .collect();
        assert_eq!(rows, expected);
    }

    #[rstest]
    #[case::a_port_alone("listen", "8080")]
    #[case::nothing("twilio.auth_token", " ")]
    #[case::no_second_token("twilio.auth_token", "s3cret,")]
    #[case::a_url_of_another_kind("public_url", "ftp://example.org")]
    #[case::a_url_with_a_password("public_url", "https://me:s3cret@example.org")]
    #[case::a_host_in_capitals("public_url", "https://Calls.example.org")]
    #[case::the_usual_port_written_out("public_url", "https://calls.example.org:443/")]
    #[case::a_path_that_goes_back("public_url", "https://calls.example.org/a/../b")]
    #[case::a_short_hash("tokens", "abcd=7")]
    #[case::a_token_in_place_of_its_hash("tokens", "s3cret-s3cret-s3cret")]
    #[case::a_business_below_one("twilio.business_id", "0")]
    #[case::a_malformed_account("twilio.account_sid", "AC12")]
    #[case::a_recording_host_without_tls("twilio.recording_host", "http://api.twilio.com")]
    #[case::a_recording_host_with_a_path("twilio.recording_host", "https://api.twilio.com/s3cret")]
    #[case::a_guessable_session_key("session_key", "s3cret")]
    #[case::yes("finaliser.enabled", "yes")]
    #[case::xml("log_format", "xml")]
    #[case::a_misspelled_level("log_filter", "inf")]
    #[case::a_level_for_one_target_only("log_filter", "service=debug")]
    #[case::the_hash_of_nothing("tokens", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855=7")]
    fn an_invalid_value_is_refused_and_not_quoted(#[case] name: &str, #[case] value: &str) {
        let key = KEYS.iter().find(|key| key.name == name).unwrap();
        let reason = key.set(&mut Config::default(), value).unwrap_err();
        assert!(!reason.contains("s3cret"), "{reason}");
    }
}

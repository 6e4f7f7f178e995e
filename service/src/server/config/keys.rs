//! Every key there is, and what its value may be.

use std::{str::FromStr, time::Duration};

use tracing_subscriber::filter::Targets;
use url::Url;

use super::{Config, LogFormat, Secret};
use crate::finaliser::NoRecordingHost;

/// What is wrong with a value that is there and says nothing.
pub(super) const EMPTY: &str = "it is empty: give a value, or leave the key out";

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the file; a dot is a table.
    pub name: &'static str,
    /// What counts where it is not set.
    pub default: Option<&'static str>,
    /// What it means, in one line.
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
        ["tokens", "log_filter", "twilio.auth_token"].contains(&self.name)
    }

    /// The variable of the environment that sets it.
    pub fn variable(&self) -> String {
        format!("CALL_LOG_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The flag that sets it, without the dashes before it.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    /// Sets it, or says what is wrong with the value without repeating it.
    pub(super) fn set(&self, config: &mut Config, value: &str) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() {
            return Err(EMPTY.to_owned());
        }
        (self.set)(config, value)
    }
}

/// Every key there is, as `docs/service.md` lists them.
pub const KEYS: &[Key] = &[
    Key::new("listen", Some("127.0.0.1:8080"), "address and port to listen on", |config, value| {
        config.listen = value.parse().map_err(|_| "it should be an address and a port, such as 0.0.0.0:8080")?;
        Ok(())
    }),
    Key::new(
        "public_url",
        None,
        "address by which Twilio calls, byte for byte; part of what it signs",
        |config, value| {
            config.public_url = Some(as_called(value)?);
            Ok(())
        },
    ),
    Key::new("log_format", Some("human"), "`human` or `json`", |config, value| {
        config.log_format = match value {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            _ => return Err("it should be human or json".to_owned()),
        };
        Ok(())
    }),
    Key::new(
        "log_filter",
        Some("info,sea_orm_runner=warn"),
        "least severity, also by target: `info,service=debug`",
        |config, value| {
            config.log_filter = log_filter(value).ok_or("it should be such as info, or warn,service=debug")?;
            Ok(())
        },
    ),
    Key::new("tokens", None, "who may read: SHA-256 of a token `=` business id, or `*` for all", |config, value| {
        config.tokens = value.parse()?;
        Ok(())
    }),
    Key::new(
        "session_key",
        None,
        "signs the cookies of the page; random for each process if unset",
        |config, value| {
            if value.len() < 32 {
                return Err("it should have 32 characters or more".to_owned());
            }
            config.session_key = Some(Secret::new(value));
            Ok(())
        },
    ),
    Key::new("metrics_open", Some("false"), "`/metrics` without a token", |config, value| {
        config.metrics_open = truth(value)?;
        Ok(())
    }),
    Key::new(
        "twilio.auth_token",
        None,
        "what Twilio signs webhooks with, or a list, today's first; none are accepted without it",
        |config, value| {
            let mut tokens = value.split(',').map(str::trim);
            if tokens.clone().any(str::is_empty) {
                return Err("a token in it is empty".to_owned());
            }
            config.twilio.auth_token = tokens.next().map(Secret::new);
            config.twilio.other_auth_tokens = tokens.map(Secret::new).collect();
            Ok(())
        },
    ),
    Key::new(
        "twilio.business_id",
        None,
        "whose calls those are whose webhook has no `business_id`",
        |config, value| {
            let business_id = value.parse().ok().filter(|id| *id > 0);
            config.twilio.business_id = Some(business_id.ok_or("it should be a positive number")?);
            Ok(())
        },
    ),
    Key::new("twilio.account_sid", None, "account whose recordings are fetched", |config, value| {
        config.twilio.account_sid = Some(sid("AC", value)?);
        Ok(())
    }),
    Key::new("twilio.api_key", None, "key of the REST API, in place of the account's own token", |config, value| {
        config.twilio.api_key = Some(sid("SK", value)?);
        Ok(())
    }),
    Key::new("twilio.api_key_secret", None, "secret of that key", |config, value| {
        config.twilio.api_key_secret = Some(Secret::new(value));
        Ok(())
    }),
    Key::new(
        "twilio.recording_host",
        Some("https://api.twilio.com"),
        "the only host from which recordings are fetched",
        |config, value| {
            config.twilio.recording_host = value.parse().map_err(|error: NoRecordingHost| error.to_string())?;
            Ok(())
        },
    ),
    Key::new(
        "twilio.recording_max_bytes",
        Some("67108864"),
        "largest recording that is fetched, in bytes",
        |config, value| {
            config.twilio.recording_max_bytes = number(value)?;
            Ok(())
        },
    ),
    Key::new("twilio.recording_timeout", Some("60s"), "how long fetching a recording may take", |config, value| {
        config.twilio.recording_timeout = duration(value)?;
        Ok(())
    }),
    Key::new("transcription.url", None, "endpoint like OpenAI's `/v1/audio/transcriptions`", |config, value| {
        config.transcription.url = Some(web(value)?);
        Ok(())
    }),
    Key::new("transcription.api_key", None, "key of that endpoint", |config, value| {
        config.transcription.api_key = Some(Secret::new(value));
        Ok(())
    }),
    Key::new("transcription.model", Some("whisper-1"), "model that it is asked for", |config, value| {
        value.clone_into(&mut config.transcription.model);
        Ok(())
    }),
    Key::new("transcription.language", None, "language that is spoken, such as `he`", |config, value| {
        config.transcription.language = Some(value.to_owned());
        Ok(())
    }),
    Key::new("transcription.timeout", Some("180s"), "how long a transcription may take", |config, value| {
        config.transcription.timeout = duration(value)?;
        Ok(())
    }),
    Key::new(
        "finaliser.enabled",
        Some("true"),
        "whether a process that serves finalises calls, too",
        |config, value| {
            config.finaliser.enabled = truth(value)?;
            Ok(())
        },
    ),
    Key::new("finaliser.horizon", Some("7days"), "calls made longer ago are left alone", |config, value| {
        config.finaliser.settings.horizon = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.lease", Some("5min"), "for how long a call is one process's alone", |config, value| {
        config.finaliser.settings.lease = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.batch", Some("4"), "how many calls are worked on at once, 1 to 100", |config, value| {
        config.finaliser.settings.batch = number(value)?;
        Ok(())
    }),
    Key::new("finaliser.settle", Some("2min"), "how long to wait for a recording after the call", |config, value| {
        config.finaliser.settings.settle = duration(value)?;
        Ok(())
    }),
    Key::new("finaliser.attempts", Some("8"), "how often a call is tried", |config, value| {
        config.finaliser.settings.attempts = number(value)?;
        Ok(())
    }),
    Key::new(
        "finaliser.pause",
        Some("30s"),
        "after the first attempt; doubles each time, up to 1 h",
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

/// With a level for all, or a level that is misspelled would be a target, and hide the rest.
fn log_filter(value: &str) -> Option<Targets> {
    value.parse().ok().filter(|filter: &Targets| filter.default_level().is_some())
}

fn truth(value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| "it should be true or false".to_owned())
}

fn web(value: &str) -> Result<Url, String> {
    let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or("it should begin with https:// or http://, and name a host")?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("it should have no user, no password, no `?` and no `#`".to_owned());
    }
    Ok(url)
}

/// An address that is signed as it is written, which a parsed one must not change.
fn as_called(value: &str) -> Result<Url, String> {
    let url = web(value)?;
    let written = url.as_str().trim_end_matches('/');
    if value.trim_end_matches('/') == written {
        Ok(url)
    } else {
        Err(format!("it should be written as `{written}`, here and at Twilio, because it is signed byte for byte"))
    }
}

fn sid(prefix: &str, value: &str) -> Result<String, String> {
    let is_sid = |digits: &str| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let sid = value.strip_prefix(prefix).filter(|digits| is_sid(digits)).map(|_| value.to_owned());
    sid.ok_or_else(|| format!("it should be {prefix} and 32 hexadecimal digits"))
}

fn number<N: FromStr>(value: &str) -> Result<N, String> {
    value.parse().map_err(|_| "it should be a whole number".to_owned())
}

fn duration(value: &str) -> Result<Duration, String> {
    humantime::parse_duration(value).map_err(|_| "it should be a time, such as 30s or 5min".to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_defaults_that_are_told_are_those_that_count() {
        let mut config = Config::default();
        for key in KEYS {
            if let Some(default) = key.default {
                key.set(&mut config, default).unwrap();
            }
        }
        assert_eq!(config, Config::default());
    }

    /// A row is `| name | variable | default | meaning |`.
    #[test]
    fn the_documentation_lists_the_keys_that_there_are() {
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
    #[case::an_account_that_is_none("twilio.account_sid", "AC12")]
    #[case::recordings_in_the_clear("twilio.recording_host", "http://api.twilio.com")]
    #[case::recordings_below_a_path("twilio.recording_host", "https://api.twilio.com/s3cret")]
    #[case::a_guessable_session_key("session_key", "s3cret")]
    #[case::yes("finaliser.enabled", "yes")]
    #[case::xml("log_format", "xml")]
    #[case::a_misspelled_level("log_filter", "inf")]
    #[case::a_level_for_one_target_only("log_filter", "service=debug")]
    #[case::the_hash_of_nothing("tokens", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855=7")]
    fn a_bad_value_is_refused_and_not_repeated(#[case] name: &str, #[case] value: &str) {
        let key = KEYS.iter().find(|key| key.name == name).unwrap();
        let reason = key.set(&mut Config::default(), value).unwrap_err();
        assert!(!reason.contains("s3cret"), "{reason}");
    }

    #[rstest]
    #[case::a_host("https://calls.example.org")]
    #[case::a_slash_at_the_end("https://calls.example.org/")]
    #[case::a_port_and_a_path("https://calls.example.org:8443/twilio/")]
    fn an_address_that_is_written_as_it_is_signed_is_taken(#[case] value: &str) {
        let url = as_called(value).unwrap();
        assert_eq!(url.as_str().trim_end_matches('/'), value.trim_end_matches('/'));
        let error =
            as_called(&value.to_uppercase().replace("HTTPS", "https").replace("/TWILIO", "/twilio")).unwrap_err();
        assert!(error.contains(&format!("`{}`", value.trim_end_matches('/'))), "{error}");
    }
}

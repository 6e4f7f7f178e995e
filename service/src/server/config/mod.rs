//! What an operator may choose: a TOML file, the environment, the command line; the later wins. Never prints a secret.

mod keys;
mod secret;
mod source;

use std::net::{Ipv4Addr, SocketAddr};

use tracing_subscriber::filter::Targets;
use url::Url;

pub use keys::{KEYS, Key};
pub use secret::Secret;
pub use source::{ConfigArgs, ConfigError};

use super::tokens::Tokens;

/// The configuration of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address by which others call it, without a slash at the end. Twilio signs it.
    pub public_url: Option<Url>,
    /// How logs are written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log_filter: Targets,
    /// Who may read.
    pub tokens: Tokens,
    /// What signs the cookies of the page; a random one for each process where it is not set.
    pub session_key: Option<Secret>,
    /// Whether `/metrics` is for anybody.
    pub metrics_open: bool,
    /// The account at Twilio.
    pub twilio: Twilio,
    /// The endpoint that transcribes recordings.
    pub transcription: Transcription,
    /// The work after a call.
    pub finaliser: Finaliser,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For programs: an object in each line.
    Json,
}

/// The account at Twilio.
#[derive(Clone, Debug, PartialEq)]
pub struct Twilio {
    /// What Twilio signs webhooks with; without it no webhook is accepted.
    pub auth_token: Option<Secret>,
    /// Whose calls those are whose webhook names no business.
    pub business_id: Option<i32>,
    /// The account whose recordings are fetched.
    pub account_sid: Option<String>,
    /// A key of the REST API, in place of the account and its token.
    pub api_key: Option<String>,
    /// The secret of that key.
    pub api_key_secret: Option<Secret>,
    /// The only origin from which recordings are fetched.
    pub recording_host: Url,
}

/// An endpoint that transcribes as `OpenAI`'s `audio/transcriptions` does.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcription {
    /// Its address; without it nothing is transcribed.
    pub url: Option<Url>,
    /// The key it wants.
    pub api_key: Option<Secret>,
    /// The model it is asked for.
    pub model: String,
}

/// The work after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finaliser {
    /// Whether this process does it.
    pub enabled: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            log_format: LogFormat::Human,
            log_filter: "info,sea_orm_runner=warn".parse().expect("a filter that was tried"),
            tokens: Tokens::default(),
            session_key: None,
            metrics_open: false,
            twilio: Twilio {
                auth_token: None,
                business_id: None,
                account_sid: None,
                api_key: None,
                api_key_secret: None,
                recording_host: Url::parse("https://api.twilio.com").expect("a URL that was tried"),
            },
            transcription: Transcription { url: None, api_key: None, model: "whisper-1".to_owned() },
            finaliser: Finaliser { enabled: true },
        }
    }
}

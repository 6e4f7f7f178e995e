//! What an operator may choose: a TOML file, the environment, the command line; the later wins. Never prints a secret.

mod finaliser;
mod keys;
mod source;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tracing_subscriber::filter::Targets;
use url::Url;

pub use keys::{KEYS, Key};
pub use source::{ConfigArgs, ConfigError};

pub use crate::secret::Secret;

use super::tokens::Tokens;
use crate::finaliser::{RecordingHost, Settings};

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
    /// Further tokens that webhooks may be signed with: the last one while it is replaced, those of subaccounts.
    pub other_auth_tokens: Vec<Secret>,
    /// Whose calls those are whose webhook names no business.
    pub business_id: Option<i32>,
    /// The account whose recordings are fetched.
    pub account_sid: Option<String>,
    /// A key of the REST API, in place of the account and its token.
    pub api_key: Option<String>,
    /// The secret of that key.
    pub api_key_secret: Option<Secret>,
    /// The only origin from which recordings are fetched.
    pub recording_host: RecordingHost,
    /// A larger recording is not read to its end.
    pub recording_max_bytes: u64,
    /// For a whole recording.
    pub recording_timeout: Duration,
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
    /// The language that is spoken; without it the endpoint finds out.
    pub language: Option<String>,
    /// For a whole transcription.
    pub timeout: Duration,
}

/// The work after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finaliser {
    /// Whether a process that serves does it, too.
    pub enabled: bool,
    /// When, how often and for how long; [`Config::finaliser_settings`] adds whom it talks to.
    pub settings: Settings,
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
                other_auth_tokens: Vec::new(),
                business_id: None,
                account_sid: None,
                api_key: None,
                api_key_secret: None,
                recording_host: "https://api.twilio.com".parse().expect("a host that was tried"),
                recording_max_bytes: 64 * 1024 * 1024,
                recording_timeout: Duration::from_mins(1),
            },
            transcription: Transcription {
                url: None,
                api_key: None,
                model: "whisper-1".to_owned(),
                language: None,
                timeout: Duration::from_mins(3),
            },
            finaliser: Finaliser { enabled: true, settings: Settings::default() },
        }
    }
}

//! All settings, and their defaults.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use axum::http::HeaderName;
use sea_orm_connect::DatabaseUrl;
use secrecy::SecretString;
use tracing_subscriber::filter::Targets;
use url::Url;

use super::super::tokens::Tokens;
use crate::worker::{RecordingHost, Settings};

/// The configuration of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Address and port for probes and metrics; `None` serves them on `listen` only.
    pub admin_listen: Option<SocketAddr>,
    /// URL that Twilio calls and signs, without a trailing slash.
    pub public_url: Option<Url>,
    /// Format of log lines.
    pub log_format: LogFormat,
    /// Which log lines to write.
    pub log_filter: Targets,
    /// Who may read.
    pub tokens: Tokens,
    /// Key that signs session cookies; random per process if unset.
    pub session_key: Option<SecretString>,
    /// Serve `/metrics` without a token.
    pub metrics_open: bool,
    /// Where a client's address comes from.
    pub client_address: ClientAddress,
    /// How often one address may try to log in.
    pub logins_per_minute: NonZeroU32,
    /// Most connections of one address; 0 for no limit.
    pub connections_per_address: usize,
    /// The connections to the database.
    pub database: DatabasePools,
    /// The Twilio account.
    pub twilio: Twilio,
    /// The endpoint that transcribes recordings.
    pub transcription: Transcription,
    /// The finaliser.
    pub finaliser: Finaliser,
}

/// Where a client's address comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAddress {
    /// The connection.
    Connection,
    /// A header that a proxy sets; its last address counts.
    Header(HeaderName),
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For programs: one JSON object per line.
    Json,
}

/// The connections to the database: those of a role are not available to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabasePools {
    /// Most connections that write webhooks; SQLite has one.
    pub webhook_connections: u32,
    /// Most connections that read for the API and the pages.
    pub read_connections: u32,
    /// Most connections of the schema watch and the finaliser.
    pub job_connections: u32,
    /// How long a statement of the API or a page may take.
    pub read_timeout: Duration,
    /// A replica to read from.
    pub read_url: Option<DatabaseUrl>,
    /// How stale the replica may be.
    pub read_max_staleness: Duration,
}

impl Default for DatabasePools {
    fn default() -> Self {
        Self {
            webhook_connections: 10,
            read_connections: 5,
            job_connections: 5,
            read_timeout: Duration::from_secs(5),
            read_url: None,
            read_max_staleness: Duration::from_secs(10),
        }
    }
}

/// The Twilio account.
#[derive(Clone, Debug)]
pub struct Twilio {
    /// Token with which Twilio signs webhooks; required to accept them.
    pub auth_token: Option<SecretString>,
    /// Further tokens with which webhooks may be signed: the previous one during a rotation, those of subaccounts.
    pub other_auth_tokens: Vec<SecretString>,
    /// Secrets of the shared keys with which Twilio signs the webhooks of a webhook rule.
    pub shared_keys: Vec<SecretString>,
    /// Business of webhooks that name none.
    pub business_id: Option<i32>,
    /// The account whose recordings are fetched.
    pub account_sid: Option<String>,
    /// REST API key, used instead of the account's token.
    pub api_key: Option<String>,
    /// Secret of the REST API key.
    pub api_key_secret: Option<SecretString>,
    /// The only origin from which recordings are fetched.
    pub recording_host: RecordingHost,
    /// Largest recording to fetch.
    pub recording_max_bytes: u64,
    /// Time limit for fetching a recording.
    pub recording_timeout: Duration,
}

/// An endpoint compatible with `OpenAI`'s `audio/transcriptions`.
#[derive(Clone, Debug)]
pub struct Transcription {
    /// URL; without it nothing is transcribed.
    pub url: Option<Url>,
    /// API key.
    pub api_key: Option<SecretString>,
    /// Model to request.
    pub model: String,
    /// Language of the calls; detected if unset.
    pub language: Option<String>,
    /// Time limit for a transcription.
    pub timeout: Duration,
}

/// The finaliser.
#[derive(Clone, Debug)]
pub struct Finaliser {
    /// Finalise calls in `serve`.
    pub enabled: bool,
    /// Times and limits; [`Config::finaliser_settings`] adds the servers.
    pub settings: Settings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin_listen: None,
            public_url: None,
            log_format: LogFormat::Human,
            log_filter: "info,sea_orm_runner=warn".parse().expect("the default filter is valid"),
            tokens: Tokens::default(),
            session_key: None,
            metrics_open: false,
            client_address: ClientAddress::Connection,
            logins_per_minute: NonZeroU32::new(30).expect("30 is not 0"),
            connections_per_address: 0,
            database: DatabasePools::default(),
            twilio: Twilio {
                auth_token: None,
                other_auth_tokens: Vec::new(),
                shared_keys: Vec::new(),
                business_id: None,
                account_sid: None,
                api_key: None,
                api_key_secret: None,
                recording_host: "https://api.twilio.com".parse().expect("the default host is valid"),
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

//! The finaliser's settings.

use std::time::Duration;

use url::Url;

use super::{backoff::Backoff, recording_url::RecordingHost};
use secrecy::SecretString;

/// A lease must exceed the work's time limits by this much: MySQL and MariaDB cut times to whole seconds.
const LEASE_MARGIN: Duration = Duration::from_secs(1);

/// A longer duration is probably a wrong unit.
const MAX_DURATION: Duration = Duration::from_hours(7 * 24);

/// The finaliser's settings. By default it fetches nothing and uses what is in the database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to fetch recordings; `None` fetches none.
    pub recordings: Option<Recordings>,
    /// The transcription server; without it, that of the live stream becomes final.
    pub transcription: Option<Transcription>,
    /// Older calls are ignored.
    pub horizon: Duration,
    /// How long a lease lasts: at least a second longer than both timeouts together.
    pub lease: Duration,
    /// Calls to process at once: 1 to 100.
    pub batch: u64,
    /// How long to wait for a recording, which may be reported after the end of the call.
    pub settle: Duration,
    /// Attempts before a call is finalised with what is known.
    pub attempts: u32,
    /// Pauses between attempts.
    pub backoff: Backoff,
    /// How often [`Finaliser::run`](super::Finaliser::run) polls for calls.
    pub poll: Duration,
}

/// The server that stores the recordings.
#[derive(Clone, Debug)]
pub struct Recordings {
    /// The only host to fetch from.
    pub host: RecordingHost,
    /// Account whose recordings may be fetched; `None` allows any account that the credentials can read.
    pub account_sid: Option<String>,
    /// User for basic authentication: the account, or an API key.
    pub username: String,
    /// Password: the account's token, or the key's secret.
    pub password: SecretString,
    /// Largest recording.
    pub max_bytes: u64,
    /// Time limit for fetching a recording.
    pub timeout: Duration,
}

/// A transcription server compatible with `OpenAI`'s API.
#[derive(Clone, Debug)]
pub struct Transcription {
    /// URL of its `/v1/audio/transcriptions`.
    pub url: Url,
    /// API key, sent as a bearer token.
    pub key: Option<SecretString>,
    /// Model, such as `whisper-1`.
    pub model: String,
    /// Language in ISO 639-1, such as `he`; detected if `None`.
    pub language: Option<String>,
    /// Largest response.
    pub max_bytes: u64,
    /// Time limit for a transcription.
    pub timeout: Duration,
}

/// Invalid settings. Names the key of the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum SettingsError {
    #[error("`transcription.url` must be an http or https URL without a user")]
    TranscriptionUrl,
    #[error("`twilio.account_sid` or `twilio.api_key` is empty or contains a colon")]
    Username,
    #[error(
        "`finaliser.lease` is {lease:?}; it must exceed the time limits for fetching and transcribing ({time_limits:?}) by {LEASE_MARGIN:?}"
    )]
    Lease { lease: Duration, time_limits: Duration },
    #[error("`{0}` must be greater than zero")]
    Zero(&'static str),
    #[error("`{0}` must not be longer than 7 days")]
    TooLong(&'static str),
    #[error("`finaliser.batch` must be between 1 and 100, not {0}")]
    Batch(u64),
    #[error("cannot set up TLS on this machine")]
    Tls(#[source] rustls::Error),
    #[error("cannot create the HTTP client")]
    Client(#[source] reqwest::Error),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            recordings: None,
            transcription: None,
            horizon: Duration::from_hours(7 * 24),
            lease: Duration::from_mins(5),
            batch: 4,
            settle: Duration::from_mins(2),
            attempts: 8,
            backoff: Backoff::default(),
            poll: Duration::from_secs(15),
        }
    }
}

impl Recordings {
    /// With the default limits: 64 MiB (more than an hour at 8 kHz) in one minute.
    pub fn new(host: RecordingHost, account_sid: impl Into<String>, auth_token: impl Into<String>) -> Self {
        let account_sid = account_sid.into();
        Self {
            host,
            account_sid: Some(account_sid.clone()),
            username: account_sid,
            password: SecretString::from(auth_token.into()),
            max_bytes: 64 * 1024 * 1024,
            timeout: Duration::from_mins(1),
        }
    }
}

impl Transcription {
    /// With the default limits: a response of 1 MiB in three minutes.
    pub fn new(url: Url, model: impl Into<String>) -> Self {
        Self {
            url,
            key: None,
            model: model.into(),
            language: None,
            max_bytes: 1024 * 1024,
            timeout: Duration::from_mins(3),
        }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let is_username = |name: &str| !name.is_empty() && !name.contains(':');
        let is_server = |url: &Url| matches!(url.scheme(), "http" | "https") && url.username().is_empty();
        if let Some(key) = self.first_zero_key() {
            return Err(SettingsError::Zero(key));
        }
        if let Some(key) = self.first_too_long_key() {
            return Err(SettingsError::TooLong(key));
        }
        let (lease, time_limits) = (self.lease, self.total_time_limit());
        if lease < time_limits.saturating_add(LEASE_MARGIN) {
            return Err(SettingsError::Lease { lease, time_limits });
        }
        if !(1..=100).contains(&self.batch) {
            return Err(SettingsError::Batch(self.batch));
        }
        if self.recordings.as_ref().is_some_and(|recordings| !is_username(&recordings.username)) {
            return Err(SettingsError::Username);
        }
        if self.transcription.as_ref().is_some_and(|transcription| !is_server(&transcription.url)) {
            return Err(SettingsError::TranscriptionUrl);
        }
        Ok(())
    }

    /// The time limits for fetching and transcribing together.
    fn total_time_limit(&self) -> Duration {
        let fetching = self.recordings.as_ref().map_or(Duration::ZERO, |recordings| recordings.timeout);
        let transcribing = self.transcription.as_ref().map_or(Duration::ZERO, |transcription| transcription.timeout);
        fetching.saturating_add(transcribing)
    }

    /// The first setting that is zero and must not be.
    fn first_zero_key(&self) -> Option<&'static str> {
        let recordings = self.recordings.as_ref();
        let transcription = self.transcription.as_ref();
        let found = [
            ("finaliser.attempts", self.attempts == 0),
            ("finaliser.poll", self.poll.is_zero()),
            ("twilio.recording_timeout", recordings.is_some_and(|recordings| recordings.timeout.is_zero())),
            ("twilio.recording_max_bytes", recordings.is_some_and(|recordings| recordings.max_bytes == 0)),
            ("transcription.timeout", transcription.is_some_and(|transcription| transcription.timeout.is_zero())),
            ("transcription.max_bytes", transcription.is_some_and(|transcription| transcription.max_bytes == 0)),
        ];
        found.into_iter().find_map(|(key, is_zero)| is_zero.then_some(key))
    }

    fn first_too_long_key(&self) -> Option<&'static str> {
        let times = [
            ("finaliser.lease", self.lease),
            ("finaliser.settle", self.settle),
            ("finaliser.pause", self.backoff.first),
            ("finaliser.poll", self.poll),
        ];
        times.into_iter().find_map(|(key, time)| (time > MAX_DURATION).then_some(key))
    }
}

//! What a finaliser is told: where recordings are kept, who transcribes them, and how often it tries.

use std::time::Duration;

use url::Url;

use super::{address::RecordingHost, backoff::Backoff};
use crate::secret::Secret;

/// What a finaliser is told. The defaults fetch nothing: they finalise from what is in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where recordings are kept; without it none is fetched.
    pub recordings: Option<Recordings>,
    /// Who transcribes them; without it the text of the live stream counts.
    pub transcription: Option<Transcription>,
    /// Calls made longer ago are left alone.
    pub horizon: Duration,
    /// For how long a call is this finaliser's alone; then another one may take it. Longer than both timeouts together.
    pub lease: Duration,
    /// How many calls are worked on at once: 1 to 100.
    pub batch: u64,
    /// How long a call without a recording is left alone, because the recording may be reported after the end of the call.
    pub settle: Duration,
    /// How often a call is tried before it is finalised with what is known.
    pub attempts: u32,
    /// The pauses in between.
    pub backoff: Backoff,
    /// How often [`Finaliser::run`](super::Finaliser::run) looks for calls.
    pub poll: Duration,
}

/// Where recordings are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recordings {
    /// No other host is ever asked.
    pub host: RecordingHost,
    /// The user of its basic authentication.
    pub account_sid: String,
    /// The password.
    pub auth_token: Secret,
    /// A larger recording is not read to its end.
    pub max_bytes: u64,
    /// For a whole recording.
    pub timeout: Duration,
}

/// Who transcribes recordings: any server with the interface of `OpenAI`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcription {
    /// The address of its `/v1/audio/transcriptions`.
    pub url: Url,
    /// Sent as a bearer token.
    pub key: Option<Secret>,
    /// Such as `whisper-1`.
    pub model: String,
    /// ISO 639-1, such as `he`; without it the server finds out.
    pub language: Option<String>,
    /// A longer answer is not read to its end.
    pub max_bytes: u64,
    /// For a whole transcription.
    pub timeout: Duration,
}

/// Why there is no finaliser.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    #[error("the transcription server is named by an http or https URL, without a user")]
    TranscriptionUrl,
    #[error("the account SID of the recording host is empty, or has a colon in it")]
    AccountSid,
    #[error("the lease of {lease:?} must be longer than fetching and transcribing may take: {work:?}")]
    Lease { lease: Duration, work: Duration },
    #[error("from 1 to 100 calls are worked on at once, not {0}")]
    Batch(u64),
    #[error("a call is tried at least once")]
    Attempts,
    #[error("connections cannot be encrypted on this machine")]
    Encryption(#[source] rustls::Error),
    #[error("no HTTP client can be made")]
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
    /// The usual bounds: 64 MiB, more than an hour of 8 kHz, in one minute.
    pub fn new(host: RecordingHost, account_sid: impl Into<String>, auth_token: impl Into<String>) -> Self {
        Self {
            host,
            account_sid: account_sid.into(),
            auth_token: Secret::new(auth_token),
            max_bytes: 64 * 1024 * 1024,
            timeout: Duration::from_mins(1),
        }
    }
}

impl Transcription {
    /// The usual bounds: 1 MiB of answer in three minutes.
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
        let fetching = self.recordings.as_ref().map_or(Duration::ZERO, |recordings| recordings.timeout);
        let transcribing = self.transcription.as_ref().map_or(Duration::ZERO, |transcription| transcription.timeout);
        let work = fetching + transcribing;
        let is_account = |sid: &str| !sid.is_empty() && !sid.contains(':');
        let is_server = |url: &Url| matches!(url.scheme(), "http" | "https") && url.username().is_empty();
        if self.lease <= work {
            return Err(SettingsError::Lease { lease: self.lease, work });
        }
        if !(1..=100).contains(&self.batch) {
            return Err(SettingsError::Batch(self.batch));
        }
        if self.attempts == 0 {
            return Err(SettingsError::Attempts);
        }
        if self.recordings.as_ref().is_some_and(|recordings| !is_account(&recordings.account_sid)) {
            return Err(SettingsError::AccountSid);
        }
        if self.transcription.as_ref().is_some_and(|transcription| !is_server(&transcription.url)) {
            return Err(SettingsError::TranscriptionUrl);
        }
        Ok(())
    }
}

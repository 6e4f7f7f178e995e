//! What a finaliser is told: where recordings are kept, who transcribes them, and how often it tries.

use std::time::Duration;

use url::Url;

use super::{address::RecordingHost, backoff::Backoff};
use crate::secret::Secret;

/// A lease covers at least that much more than the work: MySQL and MariaDB cut it to whole seconds.
const MARGIN: Duration = Duration::from_secs(1);

/// Whoever means more has mistaken the unit.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// What a finaliser is told. The defaults fetch nothing: they finalise from what is in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where recordings are kept; without it none is fetched.
    pub recordings: Option<Recordings>,
    /// Who transcribes them; without it the text of the live stream counts.
    pub transcription: Option<Transcription>,
    /// Calls made longer ago are left alone.
    pub horizon: Duration,
    /// For how long a call is this finaliser's alone; then another one may take it. A second more than both timeouts together,
    /// at least.
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

/// Why there is no finaliser. Names the key of the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    #[error("`transcription.url` should be an http or https URL, without a user")]
    TranscriptionUrl,
    #[error("`twilio.account_sid` or `twilio.api_key` is empty, or has a colon in it")]
    AccountSid,
    #[error("`finaliser.lease` is {lease:?} and must be longer by {MARGIN:?} than fetching and transcribing: {work:?}")]
    Lease { lease: Duration, work: Duration },
    #[error("`{0}` must be more than nothing")]
    Nothing(&'static str),
    #[error("`{0}` must not be longer than 7 days")]
    TooLong(&'static str),
    #[error("`finaliser.batch` should be from 1 to 100, not {0}")]
    Batch(u64),
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
        let is_account = |sid: &str| !sid.is_empty() && !sid.contains(':');
        let is_server = |url: &Url| matches!(url.scheme(), "http" | "https") && url.username().is_empty();
        if let Some(key) = self.nothing() {
            return Err(SettingsError::Nothing(key));
        }
        if let Some(key) = self.too_long() {
            return Err(SettingsError::TooLong(key));
        }
        let (lease, work) = (self.lease, self.work());
        if lease < work.saturating_add(MARGIN) {
            return Err(SettingsError::Lease { lease, work });
        }
        if !(1..=100).contains(&self.batch) {
            return Err(SettingsError::Batch(self.batch));
        }
        if self.recordings.as_ref().is_some_and(|recordings| !is_account(&recordings.account_sid)) {
            return Err(SettingsError::AccountSid);
        }
        if self.transcription.as_ref().is_some_and(|transcription| !is_server(&transcription.url)) {
            return Err(SettingsError::TranscriptionUrl);
        }
        Ok(())
    }

    /// How long fetching and transcribing may take together.
    fn work(&self) -> Duration {
        let fetching = self.recordings.as_ref().map_or(Duration::ZERO, |recordings| recordings.timeout);
        let transcribing = self.transcription.as_ref().map_or(Duration::ZERO, |transcription| transcription.timeout);
        fetching.saturating_add(transcribing)
    }

    /// What is nothing and must not be.
    fn nothing(&self) -> Option<&'static str> {
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
        found.into_iter().find_map(|(key, is_nothing)| is_nothing.then_some(key))
    }

    fn too_long(&self) -> Option<&'static str> {
        let times = [
            ("finaliser.lease", self.lease),
            ("finaliser.settle", self.settle),
            ("finaliser.pause", self.backoff.first),
            ("finaliser.poll", self.poll),
        ];
        times.into_iter().find_map(|(key, time)| (time > LONGEST).then_some(key))
    }
}

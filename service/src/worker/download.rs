//! Fetches a recording from the configured host, with the account's credentials. Never follows a redirect.

use reqwest::{Client, StatusCode};
use secrecy::ExposeSecret;

use super::{
    audio::{Container, Recording},
    body::{self, BodyError},
    recording_url::UrlRejected,
    settings::Recordings,
};

/// Why a recording could not be fetched. Shows neither its URL nor credentials.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub(super) enum DownloadError {
    #[error(transparent)]
    Url(#[from] UrlRejected),
    #[error("the recording host redirects ({0}); redirects are not followed")]
    Redirect(u16),
    #[error("the recording host answered {0}")]
    Status(u16),
    #[error("the recording is empty")]
    Empty,
    #[error("the recording host sent something other than WAV or MP3")]
    NotAudio,
    #[error("cannot read the recording")]
    Body(#[source] BodyError),
    #[error("the recording host is unreachable")]
    Transfer(#[source] reqwest::Error),
}

impl DownloadError {
    /// Whether a retry may succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Url(_) | Self::Redirect(_) | Self::Body(BodyError::TooLarge(_)) => false,
            // The recording may not be ready yet, or the credentials may be corrected.
            Self::Status(status) => *status != StatusCode::GONE.as_u16(),
            // Something else than audio may be a maintenance page.
            Self::Empty | Self::NotAudio | Self::Body(BodyError::Transfer(_)) | Self::Transfer(_) => true,
        }
    }
}

/// Fetches a recording. The client must not follow redirects.
pub(super) async fn fetch(client: &Client, from: &Recordings, url: &str) -> Result<Recording, DownloadError> {
    let url = from.host.allows(url, from.account_sid.as_deref())?;
    let request = client.get(url).basic_auth(&from.username, Some(from.password.expose_secret())).timeout(from.timeout);
    let answer = request.send().await.map_err(|error| DownloadError::Transfer(error.without_url()))?;
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_redirection() => return Err(DownloadError::Redirect(status.as_u16())),
        status => return Err(DownloadError::Status(status.as_u16())),
    }
    let recording = body::read(answer, from.max_bytes).await.map_err(DownloadError::Body)?;
    if recording.is_empty() {
        return Err(DownloadError::Empty);
    }
    let container = Container::of(&recording).ok_or(DownloadError::NotAudio)?;
    Ok(Recording { container, bytes: recording })
}

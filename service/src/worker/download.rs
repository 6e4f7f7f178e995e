//! Fetches a recording from the configured host, with the account's credentials. Never follows a redirect.

use reqwest::{Client, StatusCode};

use super::{
    body::{self, BodyError},
    recording_url::UrlRejected,
    settings::Recordings,
};

/// Why a recording could not be fetched. Shows neither its URL nor credentials.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    #[error(transparent)]
    Url(#[from] UrlRejected),
    #[error("the recording host redirects ({0}); redirects are not followed")]
    Redirect(u16),
    #[error("the recording host answered {0}")]
    Status(u16),
    #[error("the recording is empty")]
    Empty,
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
            Self::Empty | Self::Body(BodyError::Transfer(_)) | Self::Transfer(_) => true,
        }
    }
}

/// Fetches a recording. The client must not follow redirects.
pub(super) async fn fetch(client: &Client, from: &Recordings, url: &str) -> Result<Vec<u8>, DownloadError> {
    let url = from.host.allows(url)?;
    let request = client.get(url).basic_auth(&from.account_sid, Some(from.auth_token.reveal())).timeout(from.timeout);
    let answer = request.send().await.map_err(|error| DownloadError::Transfer(error.without_url()))?;
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_redirection() => return Err(DownloadError::Redirect(status.as_u16())),
        status => return Err(DownloadError::Status(status.as_u16())),
    }
    let recording = body::read(answer, from.max_bytes).await.map_err(DownloadError::Body)?;
    if recording.is_empty() { Err(DownloadError::Empty) } else { Ok(recording) }
}

//! Fetches a recording from the one host that is asked, with the account's credentials, and follows nobody elsewhere.

use reqwest::{Client, StatusCode};

use super::{
    address::Refused,
    body::{self, BodyError},
    settings::Recordings,
};

/// Why there is no recording. Neither address nor credentials are shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the recording host sends elsewhere ({0}), and is not followed")]
    Elsewhere(u16),
    #[error("the recording host answers {0}")]
    Status(u16),
    #[error("the recording is empty")]
    Empty,
    #[error("the recording cannot be read")]
    Body(#[source] BodyError),
    #[error("the recording host cannot be asked")]
    Transfer(#[source] reqwest::Error),
}

impl DownloadError {
    /// Whether asking again may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Elsewhere(_) | Self::Body(BodyError::TooLarge(_)) => false,
            // A recording that is not there yet, a token that somebody corrects.
            Self::Status(status) => *status != StatusCode::GONE.as_u16(),
            Self::Empty | Self::Body(BodyError::Transfer(_)) | Self::Transfer(_) => true,
        }
    }
}

/// The recording. The client must not follow redirects.
pub(super) async fn fetch(client: &Client, from: &Recordings, address: &str) -> Result<Vec<u8>, DownloadError> {
    let url = from.host.allows(address)?;
    let request = client.get(url).basic_auth(&from.account_sid, Some(from.auth_token.reveal())).timeout(from.timeout);
    let answer = request.send().await.map_err(|error| DownloadError::Transfer(error.without_url()))?;
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_redirection() => return Err(DownloadError::Elsewhere(status.as_u16())),
        status => return Err(DownloadError::Status(status.as_u16())),
    }
    let recording = body::read(answer, from.max_bytes).await.map_err(DownloadError::Body)?;
    if recording.is_empty() { Err(DownloadError::Empty) } else { Ok(recording) }
}

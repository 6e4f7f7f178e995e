//! Sends a recording to the transcription server.

use reqwest::{
    Client, StatusCode,
    multipart::{Form, Part},
};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{
    audio::Recording,
    body::{self, BodyError},
    settings::Transcription,
};

/// Why a recording could not be transcribed. Does not show the server's message, which may quote the recording.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub(super) enum TranscriptionError {
    #[error("the transcription server answered {0}")]
    Status(u16),
    #[error("the transcription server's response is not a transcript")]
    NotATranscript,
    #[error("cannot read the transcript")]
    Body(#[source] BodyError),
    #[error("the transcription server is unreachable")]
    Transfer(#[source] reqwest::Error),
}

impl TranscriptionError {
    /// Whether a retry may succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            // The server rejects the recording itself.
            Self::Status(status) => ![400, 413, 415, 422].contains(status),
            Self::Body(BodyError::TooLarge(_)) => false,
            Self::NotATranscript | Self::Body(BodyError::Transfer(_)) | Self::Transfer(_) => true,
        }
    }
}

/// Transcribes a recording. The client must not follow redirects.
pub(super) async fn transcribe(
    client: &Client,
    to: &Transcription,
    recording: Recording,
) -> Result<String, TranscriptionError> {
    let Recording { container, bytes } = recording;
    let file = Part::bytes(bytes).file_name(container.file_name());
    let file = file.mime_str(container.media_type()).map_err(TranscriptionError::Transfer)?;
    let mut form = Form::new().part("file", file).text("model", to.model.clone()).text("response_format", "json");
    if let Some(language) = &to.language {
        form = form.text("language", language.clone());
    }
    let mut request = client.post(to.url.clone()).multipart(form).timeout(to.timeout);
    if let Some(key) = &to.key {
        request = request.bearer_auth(key.expose_secret());
    }
    let answer = request.send().await.map_err(|error| TranscriptionError::Transfer(error.without_url()))?;
    if answer.status() != StatusCode::OK {
        return Err(TranscriptionError::Status(answer.status().as_u16()));
    }
    let body = body::read(answer, to.max_bytes).await.map_err(TranscriptionError::Body)?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_| TranscriptionError::NotATranscript)?;
    let text = answer.get("text").and_then(Value::as_str).ok_or(TranscriptionError::NotATranscript)?;
    Ok(text.trim().to_owned())
}

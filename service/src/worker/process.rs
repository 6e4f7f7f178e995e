//! Processes one call: fetches, measures and transcribes its recording. Writes nothing.

use std::time::Duration;

use entity::enums::{RecordingMode, TranscriptSource};
use reqwest::Client;
use sea_orm::ActiveEnum;

use super::{
    download::{self, DownloadError},
    measure_error::MeasureError,
    settings::{Recordings, Settings},
    transcription::{self, TranscriptionError},
};
use crate::mutations::{Finalised, Lease};

/// The outcome of processing a call.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Everything succeeded.
    Complete(Finalised),
    /// Something failed.
    Partial { known: Finalised, error: FinaliseError },
}

/// Why a call could not be processed completely.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub(super) enum FinaliseError {
    #[error("a recording may still be reported")]
    NotSettled,
    #[error("no recording was reported")]
    NotReported,
    #[error("too many attempts ended without a result")]
    Abandoned,
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error(transparent)]
    Transcription(#[from] TranscriptionError),
}

impl FinaliseError {
    /// Whether a retry may succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::NotSettled | Self::NotReported => true,
            Self::Abandoned => false,
            Self::Download(error) => error.is_transient(),
            Self::Transcription(error) => error.is_transient(),
        }
    }
}

/// Processes a call.
pub(super) async fn process(client: &Client, settings: &Settings, lease: &Lease) -> Outcome {
    let attempts = u32::try_from(lease.attempts).unwrap_or_default();
    let mut known = Finalised::default();
    // Stops retrying calls that crash the worker each time.
    if attempts > settings.attempts {
        return Outcome::Partial { known, error: FinaliseError::Abandoned };
    }
    let is_off = lease.recording_mode == Some(RecordingMode::Off);
    let url = lease.recording_url.as_deref().filter(|url| !url.trim().is_empty() && !is_off);
    let processed = match (url, &settings.recordings) {
        (None, _) if is_off || lease.recording_unavailable => Ok(()),
        (None, _) if lease.deferred_until.is_none() && settings.settle > Duration::ZERO => {
            Err(FinaliseError::NotSettled)
        }
        (None, _) if lease.recording_mode.is_some() => Err(FinaliseError::NotReported),
        (None, _) | (Some(_), None) => Ok(()),
        (Some(url), Some(recordings)) => process_recording(client, settings, recordings, lease, url, &mut known).await,
    };
    match processed {
        Ok(()) if url.is_none() && !has_text(lease) => Outcome::Complete(known), // there was nothing to transcribe
        Ok(()) => Outcome::Complete(with_transcript(lease, known)),
        Err(error) => Outcome::Partial { known, error },
    }
}

async fn process_recording(
    client: &Client,
    settings: &Settings,
    recordings: &Recordings,
    lease: &Lease,
    url: &str,
    known: &mut Finalised,
) -> Result<(), FinaliseError> {
    let recording = download::fetch(client, recordings, url).await?;
    known.audio_bytes_len = i32::try_from(recording.bytes.len()).ok();
    let measured = tokio::task::spawn_blocking(move || {
        // If the parser panics, the rest of the call is still finalised.
        let seconds = std::panic::catch_unwind(|| recording.seconds()).unwrap_or(Err(MeasureError::Panicked));
        (recording, seconds)
    });
    let Ok((recording, seconds)) = measured.await else { return Ok(()) };
    match seconds {
        Ok(seconds) => known.audio_duration_sec = Some(seconds),
        Err(reason) => tracing::warn!(call = %lease.id, %reason, "cannot measure the recording"),
    }
    if let Some(transcription) = settings.transcription.as_ref().filter(|_| !has_transcript(lease)) {
        known.final_transcript = Some(transcription::transcribe(client, transcription, recording).await?);
        known.transcript_source = Some(TranscriptSource::Recording);
    }
    Ok(())
}

/// Whether the call has a final transcript. That of the live stream counts only until there is a recording.
fn has_transcript(lease: &Lease) -> bool {
    let text = trimmed(lease.final_transcript.as_deref());
    let source = trimmed(lease.transcript_source.as_deref());
    match TranscriptSource::try_from_value(&source.to_owned()) {
        Ok(TranscriptSource::Realtime) => !text.is_empty() && text != trimmed(lease.transcription.as_deref()),
        Ok(TranscriptSource::Recording | TranscriptSource::Failed) => !text.is_empty(),
        // The host application's own source: its transcript stays.
        Err(_) => !text.is_empty() || !source.is_empty(),
    }
}

fn has_text(lease: &Lease) -> bool {
    !trimmed(lease.transcription.as_deref()).is_empty()
}

fn trimmed(text: Option<&str>) -> &str {
    text.unwrap_or_default().trim()
}

/// Uses the live stream's transcript if there is no other; an existing transcript stays.
pub(super) fn with_transcript(lease: &Lease, known: Finalised) -> Finalised {
    if has_transcript(lease) || known.transcript_source.is_some() {
        known
    } else if has_text(lease) {
        let text = lease.transcription.clone();
        Finalised { final_transcript: text, transcript_source: Some(TranscriptSource::Realtime), ..known }
    } else {
        Finalised { transcript_source: Some(TranscriptSource::Failed), ..known }
    }
}

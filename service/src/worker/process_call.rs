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
use crate::mutations::{Finalised, LeasedCall};

/// The outcome of processing a call.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Everything succeeded.
    Complete(Finalised),
    /// Something failed.
    Partial { known: Finalised, error: ProcessError },
}

/// Why a call could not be processed completely.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub(super) enum ProcessError {
    #[error("a recording may still be reported")]
    AwaitingRecording,
    #[error("no recording was reported")]
    NoRecording,
    #[error("too many attempts ended without a result")]
    TooManyAttempts,
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error(transparent)]
    Transcription(#[from] TranscriptionError),
}

impl ProcessError {
    /// Whether a retry may succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::AwaitingRecording | Self::NoRecording => true,
            Self::TooManyAttempts => false,
            Self::Download(error) => error.is_transient(),
            Self::Transcription(error) => error.is_transient(),
        }
    }
}

/// Processes a call.
pub(super) async fn process(client: &Client, settings: &Settings, call: &LeasedCall) -> Outcome {
    let attempts = u32::try_from(call.attempts).unwrap_or_default();
    let mut known = Finalised::default();
    // Stops retrying calls that crash the worker each time.
    if attempts > settings.attempts {
        return Outcome::Partial { known, error: ProcessError::TooManyAttempts };
    }
    let is_off = call.recording_mode == Some(RecordingMode::Off);
    let url = call.recording_url.as_deref().filter(|url| !url.trim().is_empty() && !is_off);
    let processed = match (url, &settings.recordings) {
        (None, _) if is_off || call.recording_unavailable => Ok(()),
        (None, _) if call.deferred_until.is_none() && settings.settle > Duration::ZERO => {
            Err(ProcessError::AwaitingRecording)
        }
        (None, _) if call.recording_mode.is_some() => Err(ProcessError::NoRecording),
        (None, _) | (Some(_), None) => Ok(()),
        (Some(url), Some(recordings)) => process_recording(client, settings, recordings, call, url, &mut known).await,
    };
    match processed {
        Ok(()) if url.is_none() && !has_live_transcript(call) => Outcome::Complete(known), // there was nothing to transcribe
        Ok(()) => Outcome::Complete(with_transcript(call, known)),
        Err(error) => Outcome::Partial { known, error },
    }
}

async fn process_recording(
    client: &Client,
    settings: &Settings,
    recordings: &Recordings,
    call: &LeasedCall,
    url: &str,
    known: &mut Finalised,
) -> Result<(), ProcessError> {
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
        Err(reason) => tracing::warn!(call = %call.id, %reason, "cannot measure the recording"),
    }
    if let Some(transcription) = settings.transcription.as_ref().filter(|_| !has_final_transcript(call)) {
        known.final_transcript = Some(transcription::transcribe(client, transcription, recording).await?);
        known.transcript_source = Some(TranscriptSource::Recording);
    }
    Ok(())
}

/// Whether the call has a final transcript. An unedited one of the live stream does not count: that of a recording replaces it.
fn has_final_transcript(call: &LeasedCall) -> bool {
    let text = trimmed(call.final_transcript.as_deref());
    let source = trimmed(call.transcript_source.as_deref());
    match TranscriptSource::try_from_value(&source.to_owned()) {
        Ok(TranscriptSource::Realtime) => !text.is_empty() && text != trimmed(call.transcription.as_deref()),
        Ok(TranscriptSource::Recording | TranscriptSource::Failed) => !text.is_empty(),
        // A source that the host application set itself: its transcript is kept.
        Err(_) => !text.is_empty() || !source.is_empty(),
    }
}

fn has_live_transcript(call: &LeasedCall) -> bool {
    !trimmed(call.transcription.as_deref()).is_empty()
}

fn trimmed(text: Option<&str>) -> &str {
    text.unwrap_or_default().trim()
}

/// Uses the live stream's transcript if there is no other; an existing transcript is kept.
pub(super) fn with_transcript(call: &LeasedCall, known: Finalised) -> Finalised {
    if has_final_transcript(call) || known.transcript_source.is_some() {
        known
    } else if has_live_transcript(call) {
        let text = call.transcription.clone();
        Finalised { final_transcript: text, transcript_source: Some(TranscriptSource::Realtime), ..known }
    } else {
        Finalised { transcript_source: Some(TranscriptSource::Failed), ..known }
    }
}

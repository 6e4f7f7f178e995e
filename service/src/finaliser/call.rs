//! One call: what can be found out of it, and whether to try again.

use std::time::Duration;

use entity::enums::{RecordingMode, TranscriptSource};
use reqwest::Client;
use sea_orm::ActiveEnum;

use super::{
    audio,
    download::{self, DownloadError},
    settings::{Recordings, Settings},
    transcription::{self, TranscriptionError},
};
use crate::mutations::{Claim, Finalised};

/// What was found out of a call.
#[derive(Debug)]
pub(super) enum Found {
    /// All there is.
    All(Finalised),
    /// Not all, and why.
    Part { known: Finalised, why: Lack },
}

/// Why not all was found out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lack {
    #[error("a recording may still be reported")]
    NotSettled,
    #[error("the recording was not reported")]
    NotReported,
    #[error("the call was begun too often and never ended")]
    Abandoned,
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error(transparent)]
    Transcription(#[from] TranscriptionError),
}

impl Lack {
    /// Whether trying again may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::NotSettled | Self::NotReported => true,
            Self::Abandoned => false,
            Self::Download(error) => error.is_passing(),
            Self::Transcription(error) => error.is_passing(),
        }
    }
}

/// Finds out what it can, and writes nothing.
pub(super) async fn find_out(client: &Client, settings: &Settings, claim: &Claim) -> Found {
    let attempts = u32::try_from(claim.attempts).unwrap_or_default();
    let mut known = Finalised::default();
    // Whoever was killed each time would be killed again.
    if attempts > settings.attempts {
        return Found::Part { known, why: Lack::Abandoned };
    }
    let is_off = claim.recording_mode == Some(RecordingMode::Off);
    let address = claim.recording_url.as_deref().filter(|address| !address.trim().is_empty() && !is_off);
    let found = match (address, &settings.recordings) {
        (None, _) if is_off || claim.recording_came_to_nothing => Ok(()),
        (None, _) if claim.left_until.is_none() && settings.settle > Duration::ZERO => Err(Lack::NotSettled),
        (None, _) if claim.recording_mode.is_some() => Err(Lack::NotReported),
        (None, _) | (Some(_), None) => Ok(()),
        (Some(address), Some(recordings)) => listen(client, settings, recordings, claim, address, &mut known).await,
    };
    match found {
        Ok(()) if address.is_none() && !has_text(claim) => Found::All(known), // nothing was there to transcribe
        Ok(()) => Found::All(with_transcript(claim, known)),
        Err(why) => Found::Part { known, why },
    }
}

async fn listen(
    client: &Client,
    settings: &Settings,
    recordings: &Recordings,
    claim: &Claim,
    address: &str,
    known: &mut Finalised,
) -> Result<(), Lack> {
    let recording = download::fetch(client, recordings, address).await?;
    known.audio_bytes_len = i32::try_from(recording.len()).ok();
    let measured = tokio::task::spawn_blocking(move || {
        // A recording that the parser cannot bear is none; the rest of the call is finalised all the same.
        let seconds = std::panic::catch_unwind(|| audio::seconds(&recording)).ok().flatten();
        (recording, seconds)
    });
    let Ok((recording, seconds)) = measured.await else { return Ok(()) };
    known.audio_duration_sec = seconds;
    if let Some(transcription) = settings.transcription.as_ref().filter(|_| !has_transcript(claim)) {
        known.final_transcript = Some(transcription::transcribe(client, transcription, recording).await?);
        known.transcript_source = Some(TranscriptSource::Recording);
    }
    Ok(())
}

/// A transcript that somebody made already. The text of the live stream is one only until there is a recording.
fn has_transcript(claim: &Claim) -> bool {
    let text = trimmed(claim.final_transcript.as_deref());
    let source = trimmed(claim.transcript_source.as_deref());
    match TranscriptSource::try_from_value(&source.to_owned()) {
        Ok(TranscriptSource::Realtime) => !text.is_empty() && text != trimmed(claim.transcription.as_deref()),
        Ok(TranscriptSource::Recording | TranscriptSource::Failed) => !text.is_empty(),
        // A word of the host application's own, which knows what it did.
        Err(_) => !text.is_empty() || !source.is_empty(),
    }
}

fn has_text(claim: &Claim) -> bool {
    !trimmed(claim.transcription.as_deref()).is_empty()
}

fn trimmed(text: Option<&str>) -> &str {
    text.unwrap_or_default().trim()
}

/// Falls back to the text of the live stream where the recording gave none; a transcript that is there stays.
pub(super) fn with_transcript(claim: &Claim, known: Finalised) -> Finalised {
    if has_transcript(claim) || known.transcript_source.is_some() {
        known
    } else if has_text(claim) {
        let text = claim.transcription.clone();
        Finalised { final_transcript: text, transcript_source: Some(TranscriptSource::Realtime), ..known }
    } else {
        Finalised { transcript_source: Some(TranscriptSource::Failed), ..known }
    }
}

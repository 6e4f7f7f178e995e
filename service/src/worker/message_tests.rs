//! Every error of the finaliser; see `docs/messages.md`.

use std::time::Duration;

use test_messages::{assert_section, samples};

use super::{
    body::{BodyError, BodyErrorDiscriminants},
    download::{DownloadError, DownloadErrorDiscriminants},
    measure_error::{MeasureError, MeasureErrorDiscriminants},
    process_call::{ProcessError, ProcessErrorDiscriminants},
    recording_url::UrlRejected,
    settings::{SettingsError, SettingsErrorDiscriminants},
    transcription::{TranscriptionError, TranscriptionErrorDiscriminants},
};

#[test]
fn the_errors_are_documented() {
    let http = || reqwest::Proxy::all("http://").unwrap_err();
    let body = [BodyError::TooLarge(1_000_000), BodyError::Transfer(http())];
    let download = [
        DownloadError::Url(UrlRejected),
        DownloadError::Redirect(302),
        DownloadError::Status(404),
        DownloadError::Empty,
        DownloadError::NotAudio,
        DownloadError::Body(BodyError::TooLarge(1_000_000)),
        DownloadError::Transfer(http()),
    ];
    let transcription = [
        TranscriptionError::Status(500),
        TranscriptionError::NotATranscript,
        TranscriptionError::Body(BodyError::TooLarge(1_000_000)),
        TranscriptionError::Transfer(http()),
    ];
    let measure = [MeasureError::WavHeader, MeasureError::NoData, MeasureError::UnknownFormat, MeasureError::Panicked];
    let finalise = [
        ProcessError::AwaitingRecording,
        ProcessError::NoRecording,
        ProcessError::TooManyAttempts,
        ProcessError::Download(DownloadError::Empty),
        ProcessError::Transcription(TranscriptionError::Status(500)),
    ];
    let settings = [
        SettingsError::TranscriptionUrl,
        SettingsError::Username,
        SettingsError::Lease { lease: Duration::from_mins(1), time_limits: Duration::from_secs(90) },
        SettingsError::Zero("finaliser.poll"),
        SettingsError::TooLong("finaliser.horizon"),
        SettingsError::Batch(0),
        SettingsError::Tls(rustls::Error::General("no random numbers".to_owned())),
        SettingsError::Client(http()),
    ];
    let text = [
        samples::<_, BodyErrorDiscriminants>(&body, ToString::to_string),
        samples::<_, DownloadErrorDiscriminants>(&download, ToString::to_string),
        samples::<_, TranscriptionErrorDiscriminants>(&transcription, ToString::to_string),
        samples::<_, MeasureErrorDiscriminants>(&measure, ToString::to_string),
        samples::<_, ProcessErrorDiscriminants>(&finalise, ToString::to_string),
        samples::<_, SettingsErrorDiscriminants>(&settings, ToString::to_string),
    ];
    assert_section(
        "service: errors of the finaliser",
        "Why a call or its recording could not be processed.",
        &text.concat(),
    );
}

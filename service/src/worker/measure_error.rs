//! Why a recording could not be measured.

/// Why a recording could not be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub(super) enum MeasureError {
    #[error("the WAV header is incomplete or invalid")]
    WavHeader,
    #[error("the recording contains no audio data")]
    NoData,
    #[error("the audio format is unknown")]
    UnknownFormat,
    #[error("the parser of the audio crashed")]
    Panicked,
}

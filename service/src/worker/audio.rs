//! Measures the length of a recording.

use std::io::Cursor;

use symphonia::core::{
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
    units::Duration,
};

/// A recording's file format, recognised by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Wav,
    Mp3,
}

impl Container {
    pub(super) fn of(recording: &[u8]) -> Self {
        if recording.starts_with(b"RIFF") { Self::Wav } else { Self::Mp3 }
    }

    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::Wav => "recording.wav",
            Self::Mp3 => "recording.mp3",
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
        }
    }
}

/// Length in seconds of the data present, which may be less than the header says; `None` if it is not a recording.
pub(super) fn seconds(recording: &[u8]) -> Option<f64> {
    let mut hint = Hint::new();
    hint.with_extension(match Container::of(recording) {
        Container::Wav => "wav",
        Container::Mp3 => "mp3",
    });
    let source = MediaSourceStream::new(Box::new(Cursor::new(recording)), MediaSourceStreamOptions::default());
    let options = (FormatOptions::default(), MetadataOptions::default());
    let mut reader = symphonia::default::get_probe().probe(&hint, source, options.0, options.1).ok()?;
    let track = reader.default_track(TrackType::Audio)?;
    let (id, tick) = (track.id, track.time_base?);
    let length = length(reader.as_mut(), id);
    tick.calc_duration(length).filter(|_| length.get() > 0).map(|time| time.as_secs_f64())
}

/// Reads packet headers without decoding; an error counts as the end.
fn length(reader: &mut dyn FormatReader, track: u32) -> Duration {
    let mut length = Duration::ZERO;
    while let Ok(Some(packet)) = reader.next_packet() {
        if packet.track_id == track {
            length = length.checked_add(packet.dur).unwrap_or(length);
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// `bytes` bytes of silence after a header that declares `declared`.
    fn wav(format: u16, rate: u32, channels: u16, bits: u16, bytes: u32, declared: u32) -> Vec<u8> {
        let frame = channels * bits / 8;
        // Formats other than PCM have an extension, here of 0 bytes.
        let (length, addition): (u32, &[u8]) = if format == 1 { (16, b"") } else { (18, b"\0\0") };
        let mut wav = Vec::from(*b"RIFF");
        wav.extend(declared.saturating_add(20 + length).to_le_bytes());
        wav.extend(b"WAVEfmt ");
        wav.extend(length.to_le_bytes());
        wav.extend(format.to_le_bytes());
        wav.extend(channels.to_le_bytes());
        wav.extend(rate.to_le_bytes());
        wav.extend((rate * u32::from(frame)).to_le_bytes());
        wav.extend(frame.to_le_bytes());
        wav.extend(bits.to_le_bytes());
        wav.extend(addition);
        wav.extend(b"data");
        wav.extend(declared.to_le_bytes());
        wav.resize(wav.len() + bytes as usize, 0);
        wav
    }

    /// Frames of MPEG-1 layer III: 128 kbit/s at 44.1 kHz, 417 bytes each.
    fn mp3(frames: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x64];
        frame.resize(417, 0);
        frame.repeat(frames)
    }

    #[rstest]
    #[case::pcm(&wav(1, 8_000, 1, 16, 40_000, 40_000), 2.5)]
    #[case::stereo(&wav(1, 8_000, 2, 16, 64_000, 64_000), 2.0)]
    #[case::mu_law(&wav(7, 8_000, 1, 8, 12_000, 12_000), 1.5)]
    #[case::truncated(&wav(1, 8_000, 1, 16, 16_000, 160_000), 1.0)]
    #[case::with_an_open_size(&wav(1, 8_000, 1, 16, 16_000, u32::MAX), 1.0)]
    #[case::mp3(&mp3(100), 100.0 * 1152.0 / 44_100.0)]
    fn a_recording_has_a_length(#[case] recording: &[u8], #[case] expected: f64) {
        let seconds = seconds(recording).unwrap();
        assert!((seconds - expected).abs() < 0.08, "{seconds}");
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::an_html_page(b"<!doctype html><title>Sign in</title>")]
    #[case::a_header_alone(&wav(1, 8_000, 1, 16, 0, 0))]
    #[case::half_a_header(&wav(1, 8_000, 1, 16, 0, 0)[..20])]
    #[case::no_channels(&wav(1, 8_000, 0, 16, 400, 400))]
    #[case::no_rate(&wav(1, 0, 1, 16, 400, 400))]
    #[case::zeros(&[0; 4096])]
    fn other_data_has_no_length(#[case] recording: &[u8]) {
        assert_eq!(seconds(recording), None);
    }
}

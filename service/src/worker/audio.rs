//! Measures the length of a recording.

use std::io::Cursor;

use symphonia::core::{
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
    units::Duration,
};

use super::{measure_error::MeasureError, wav};

/// A recording's file format, recognised by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Wav,
    Mp3,
}

/// A fetched recording.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) container: Container,
    pub(super) bytes: Vec<u8>,
}

impl Container {
    /// `None` if the bytes are neither WAV nor MP3.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Self::Wav),
            [b'I', b'D', b'3', ..] => Some(Self::Mp3),
            // A frame header of layer III: 11 bits set, a version that is not reserved, the layer.
            [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x18 != 0x08 && second & 0x06 == 0x02 => {
                Some(Self::Mp3)
            }
            _ => None,
        }
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

impl Recording {
    /// Length in seconds of the data present, whatever the header says.
    pub(super) fn seconds(&self) -> Result<f64, MeasureError> {
        match self.container {
            Container::Wav => match wav::seconds(&self.bytes)? {
                Some(seconds) => Ok(seconds),
                None => packets(&self.bytes, "wav"),
            },
            Container::Mp3 => packets(&self.bytes, "mp3"),
        }
    }
}

/// Length in seconds by the headers of packets, for compressed formats. Decodes nothing.
fn packets(bytes: &[u8], extension: &str) -> Result<f64, MeasureError> {
    let mut hint = Hint::new();
    hint.with_extension(extension);
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes.to_vec())), MediaSourceStreamOptions::default());
    let options = (FormatOptions::default(), MetadataOptions::default());
    let reader = symphonia::default::get_probe().probe(&hint, source, options.0, options.1);
    let mut reader = reader.map_err(|_| MeasureError::UnknownFormat)?;
    let track = reader.default_track(TrackType::Audio).ok_or(MeasureError::UnknownFormat)?;
    let (id, tick) = (track.id, track.time_base.ok_or(MeasureError::UnknownFormat)?);
    let length = length(reader.as_mut(), id);
    let time = tick.calc_duration(length).filter(|_| length.get() > 0);
    time.map(|time| time.as_secs_f64()).ok_or(MeasureError::NoData)
}

/// Reads packet headers; an error counts as the end.
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

    fn measure(bytes: &[u8]) -> Result<f64, MeasureError> {
        Recording { container: Container::of(bytes).unwrap(), bytes: bytes.to_vec() }.seconds()
    }

    /// Many writers leave out the extension that formats other than PCM should have.
    fn short_mu_law(bytes: u32) -> Vec<u8> {
        let mut wav = wav(1, 8_000, 1, 8, bytes, bytes);
        wav[20] = 7;
        wav
    }

    /// A chunk of odd size before the data, and one after it.
    fn with_chunks(wav: &[u8]) -> Vec<u8> {
        let data = wav.len() - 16_000 - 8;
        [&wav[..data], b"LIST\x03\0\0\0abc\0", &wav[data..], b"LIST\x02\0\0\0ab"].concat()
    }

    #[rstest]
    #[case::pcm(&wav(1, 8_000, 1, 16, 40_000, 40_000), 2.5)]
    #[case::stereo(&wav(1, 8_000, 2, 16, 64_000, 64_000), 2.0)]
    #[case::mu_law(&wav(7, 8_000, 1, 8, 12_000, 12_000), 1.5)]
    #[case::truncated(&wav(1, 8_000, 1, 16, 16_000, 160_000), 1.0)]
    #[case::with_an_open_size(&wav(1, 8_000, 1, 16, 16_000, u32::MAX), 1.0)]
    #[case::of_a_pipe_that_never_knew_its_size(&wav(1, 8_000, 1, 16, 16_002, 0), 8_001.0 / 8_000.0)]
    #[case::cut_in_a_frame(&wav(1, 8_000, 2, 16, 16_003, 160_000), 4_000.0 / 8_000.0)]
    #[case::mu_law_with_the_short_header_of_pcm(&short_mu_law(12_000), 1.5)]
    #[case::with_other_chunks_around_the_data(&with_chunks(&wav(1, 8_000, 1, 16, 16_000, 16_000)), 1.0)]
    #[case::mp3(&mp3(100), 100.0 * 1152.0 / 44_100.0)]
    fn a_recording_has_a_length(#[case] recording: &[u8], #[case] expected: f64) {
        let seconds = measure(recording).unwrap();
        assert!((seconds - expected).abs() < 1e-9, "{seconds}");
    }

    #[rstest]
    #[case::a_header_alone(&wav(1, 8_000, 1, 16, 0, 0), MeasureError::NoData)]
    #[case::half_a_header(&wav(1, 8_000, 1, 16, 0, 0)[..20], MeasureError::WavHeader)]
    #[case::no_channels(&wav(1, 8_000, 0, 16, 400, 400), MeasureError::WavHeader)]
    #[case::no_rate(&wav(1, 0, 1, 16, 400, 400), MeasureError::WavHeader)]
    #[case::an_unknown_codec(&wav(0x1234, 8_000, 1, 16, 400, 400), MeasureError::UnknownFormat)]
    fn an_unmeasurable_recording_says_why(#[case] recording: &[u8], #[case] expected: MeasureError) {
        assert_eq!(measure(recording), Err(expected));
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::an_html_page(b"<!doctype html><title>Sign in</title>")]
    #[case::json(b"{\"code\": 20404}")]
    #[case::another_riff(b"RIFF\x10\0\0\0AVI LIST")]
    #[case::zeros(&[0; 4096])]
    #[case::utf_16(b"\xff\xfe<\0h\0")]
    fn other_data_is_not_audio(#[case] bytes: &[u8]) {
        assert_eq!(Container::of(bytes), None);
    }
}

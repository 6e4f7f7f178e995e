//! Measures uncompressed WAV files by the bytes present. Sizes in headers are often wrong: pipes do not know them in advance,
//! and files get cut.
//!
//! The format: <https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html>.

use super::measure_error::MeasureError;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;

/// The actual format is in the header's extension.
const EXTENSIBLE: u16 = 0xfffe;

/// `RIFF`, its size, `WAVE`.
const RIFF_HEADER: usize = 12;

/// The part of the chunk `fmt ` that is needed.
struct Format {
    tag: u16,
    channels: u16,
    frames_per_second: u32,
    bits: u16,
}

/// Length in seconds; `None` for compressed formats.
pub(super) fn seconds(wav: &[u8]) -> Result<Option<f64>, MeasureError> {
    let mut format = None;
    let mut position = RIFF_HEADER;
    loop {
        let chunk = wav.get(position..).unwrap_or_default();
        let (Some(id), Some(declared)) = (chunk.get(..4), read_u32(chunk, 4)) else { break };
        let declared = usize::try_from(declared).unwrap_or(usize::MAX);
        let rest = chunk.get(8..).unwrap_or_default();
        let content = rest.get(..declared).unwrap_or(rest);
        match id {
            b"fmt " => format = Some(Format::read(content).ok_or(MeasureError::WavHeader)?),
            b"data" => {
                let has_size = declared > 0 || !is_open(wav, position + 8);
                let data = if has_size { content } else { rest };
                return format.ok_or(MeasureError::WavHeader)?.seconds(data.len());
            }
            _ => {}
        }
        // Chunks start at even positions.
        position = position.saturating_add(8).saturating_add(declared).saturating_add(declared % 2);
    }
    Err(MeasureError::WavHeader)
}

/// Whether the size of the whole file was unknown, too, when the header was written.
fn is_open(wav: &[u8], data: usize) -> bool {
    let size = read_u32(wav, 4).and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
    size.saturating_add(8) <= data || size >= wav.len()
}

impl Format {
    fn read(chunk: &[u8]) -> Option<Self> {
        let tag = read_u16(chunk, 0)?;
        let tag = if tag == EXTENSIBLE { read_u16(chunk, 24)? } else { tag };
        let format = Self {
            tag,
            channels: read_u16(chunk, 2)?,
            frames_per_second: read_u32(chunk, 4)?,
            bits: read_u16(chunk, 14)?,
        };
        (format.channels > 0 && format.frames_per_second > 0).then_some(format)
    }

    fn seconds(&self, bytes: usize) -> Result<Option<f64>, MeasureError> {
        let sample = match self.tag {
            PCM | FLOAT => usize::from(self.bits.div_ceil(8)),
            A_LAW | MU_LAW => 1,
            _ => return Ok(None),
        };
        let frames = bytes.checked_div(sample * usize::from(self.channels)).ok_or(MeasureError::WavHeader)?;
        let frames = u32::try_from(frames).map_err(|_| MeasureError::WavHeader)?;
        if frames == 0 {
            return Err(MeasureError::NoData);
        }
        Ok(Some(f64::from(frames) / f64::from(self.frames_per_second)))
    }
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

//! The position in a list where a page ended, as text for a URL.

use std::{fmt, str::FromStr};

use chrono::DateTime as ZonedDateTime;
use entity::CallId;
use sea_orm::prelude::DateTime;

/// The last call of a page. Its text is opaque and needs no escaping in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the call was made, UTC.
    pub created_at: DateTime,
    /// Distinguishes calls made at the same time.
    pub id: CallId,
}

/// A text that is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid cursor: use `next` of a previous page")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.created_at.and_utc();
        write!(f, "{:x}-{:x}-{:x}", time.timestamp(), time.timestamp_subsec_nanos(), self.id.0)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let read = || {
            let mut parts = text.split('-');
            let seconds = u64::from_str_radix(parts.next()?, 16).ok()?.cast_signed();
            let nanoseconds = u32::from_str_radix(parts.next()?, 16).ok()?;
            let id = CallId(u64::from_str_radix(parts.next()?, 16).ok()?.cast_signed());
            let created_at = ZonedDateTime::from_timestamp(seconds, nanoseconds)?.naive_utc();
            parts.next().is_none().then_some(Self { created_at, id })
        };
        read().filter(|cursor| cursor.to_string() == text).ok_or(InvalidCursor)
    }
}

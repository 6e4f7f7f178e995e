//! A time as pages show it: in the reader's time zone, with UTC beside it.

use std::fmt;

use askama::filters::HtmlSafe;
use chrono_tz::Tz;
use sea_orm::prelude::DateTime;

/// `2026-01-15 11:00:00 CET (10:00:00 UTC)`, as an element that programs can read.
#[derive(Debug)]
pub(super) struct Time {
    time: DateTime,
    zone: Tz,
}

impl Time {
    /// `time` is in UTC, as in the table.
    pub(super) const fn new(time: DateTime, zone: Tz) -> Self {
        Self { time, zone }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.time.and_utc();
        let local = utc.with_timezone(&self.zone);
        write!(f, "<time datetime=\"{}\">{}", utc.format("%Y-%m-%dT%H:%M:%SZ"), local.format("%Y-%m-%d %H:%M:%S %Z"))?;
        if self.zone != Tz::UTC {
            let is_same_day = utc.date_naive() == local.date_naive();
            let beside = if is_same_day { "%H:%M:%S UTC" } else { "%Y-%m-%d %H:%M:%S UTC" };
            write!(f, " ({})", utc.format(beside))?;
        }
        f.write_str("</time>")
    }
}

/// It has digits and the names of zones only.
impl HtmlSafe for Time {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::utc(Tz::UTC, "2026-01-15T10:00:07.123", "2026-01-15 10:00:07 UTC")]
    #[case::winter(Tz::Europe__Berlin, "2026-01-15T10:00:07", "2026-01-15 11:00:07 CET (10:00:07 UTC)")]
    #[case::summer(Tz::Europe__Berlin, "2026-07-15T10:00:07", "2026-07-15 12:00:07 CEST (10:00:07 UTC)")]
    #[case::another_day(
        Tz::Asia__Jerusalem,
        "2026-01-15T23:00:00",
        "2026-01-16 01:00:00 IST (2026-01-15 23:00:00 UTC)"
    )]
    fn a_time_says_its_zone(#[case] zone: Tz, #[case] time: DateTime, #[case] shown: &str) {
        let utc = time.format("%Y-%m-%dT%H:%M:%SZ");
        let expected = format!("<time datetime=\"{utc}\">{shown}</time>");
        assert_eq!(Time::new(time, zone).to_string(), expected);
    }
}

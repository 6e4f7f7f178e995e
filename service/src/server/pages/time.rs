//! A time as pages show it: in UTC, and saying so. Pages have no scripts, so nobody knows the zone of the reader.

use std::fmt;

use askama::filters::HtmlSafe;
use sea_orm::prelude::DateTime;

/// `2026-01-15 10:00:00 UTC`, as an element that programs can read.
#[derive(Debug)]
pub(super) struct Time(pub(super) DateTime);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(time) = self;
        write!(
            f,
            "<time datetime=\"{}\">{}</time>",
            time.format("%Y-%m-%dT%H:%M:%SZ"),
            time.format("%Y-%m-%d %H:%M:%S UTC")
        )
    }
}

/// It has digits only.
impl HtmlSafe for Time {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_says_its_zone() {
        let time = "2026-01-15T10:00:07.123".parse().unwrap();
        let shown = "<time datetime=\"2026-01-15T10:00:07Z\">2026-01-15 10:00:07 UTC</time>";
        assert_eq!(Time(time).to_string(), shown);
    }
}

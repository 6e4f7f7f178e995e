//! Times of one thing, done again and again.

use std::{fmt, time::Duration};

/// At least one.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    /// In rising order.
    sorted: Vec<Duration>,
}

impl Samples {
    /// Panics without any.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        assert!(!times.is_empty(), "each thing is done at least once");
        times.sort();
        Self { sorted: times }
    }

    pub(crate) fn median(&self) -> Duration {
        self.sorted[self.sorted.len() / 2]
    }

    /// How many times longer this takes than `other`.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        self.median().as_secs_f64() / other.median().as_secs_f64()
    }
}

/// `41 ms (39..48)`: the median, the shortest and the longest.
impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, per_second) = if self.median() < Duration::from_secs(1) { ("ms", 1_000.0) } else { ("s", 1.0) };
        let digits = |time: &Duration| {
            let number = time.as_secs_f64() * per_second;
            let decimals = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
            format!("{number:.decimals$}")
        };
        write!(f, "{} {unit}", digits(&self.median()))?;
        match self.sorted.as_slice() {
            [_] => Ok(()),
            [shortest, .., longest] => write!(f, " ({}..{})", digits(shortest), digits(longest)),
            [] => unreachable!("`of` refuses it"),
        }
    }
}

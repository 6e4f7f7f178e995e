//! Exponential backoff with jitter.

use std::time::Duration;

/// The pauses between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Longest pause after the first attempt.
    pub first: Duration,
    /// Longest pause after any attempt.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(30), longest: Duration::from_hours(1) }
    }
}

impl Backoff {
    /// The pause after `attempts` attempts. Half of it is random, so that calls that failed together are not retried together.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let half = self.first.saturating_mul(doubled).min(self.longest) / 2;
        half + half.mul_f64(fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_first(1, 30)]
    #[case::the_second_twice_as_long(2, 60)]
    #[case::the_seventh(7, 1920)]
    #[case::never_longer_than_the_longest(8, 3600)]
    #[case::however_many(u32::MAX, 3600)]
    fn pauses_double_and_have_a_bound(#[case] attempts: u32, #[case] at_most: u64) {
        let at_most = Duration::from_secs(at_most);
        for _ in 0..100 {
            let pause = Backoff::default().pause(attempts);
            assert!((at_most / 2..=at_most).contains(&pause), "{pause:?}");
        }
    }
}

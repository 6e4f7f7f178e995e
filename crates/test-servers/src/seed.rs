//! The seed of random tests: other cases in each run of CI, the same ones on a desk, and any run again.

use std::{
    io::Write,
    time::{SystemTime, UNIX_EPOCH},
};

/// What is tested where nothing else says it.
const USUAL: u64 = 50;

/// The seed of this run, which is printed: `TEST_SEED`, or in CI the number of the run or else the time.
pub fn seed() -> u64 {
    let seed = choose(setting, super::start::is_ci());
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    writeln!(std::io::stderr(), "TEST_SEED={seed} repeats {test}").unwrap();
    seed
}

fn choose(setting: impl Fn(&str) -> Option<u64>, is_ci: bool) -> u64 {
    setting("TEST_SEED").unwrap_or_else(|| if is_ci { setting("GITHUB_RUN_ID").unwrap_or_else(now) } else { USUAL })
}

#[expect(clippy::disallowed_methods, reason = "the settings of the tests are read here")]
fn setting(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty())?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {value}")))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(settings: &[(&str, u64)], is_ci: bool) -> u64 {
        choose(|wanted| settings.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value), is_ci)
    }

    #[test]
    fn the_seed_varies_in_ci_and_is_the_same_on_a_desk() {
        assert_eq!(chosen(&[], false), USUAL);
        assert_eq!(chosen(&[("GITHUB_RUN_ID", 7)], false), USUAL);
        assert_eq!(chosen(&[("GITHUB_RUN_ID", 7)], true), 7);
        assert!(chosen(&[], true) > 1_600_000_000, "the time");
    }

    #[test]
    fn test_seed_repeats_a_run() {
        assert_eq!(chosen(&[("TEST_SEED", 3), ("GITHUB_RUN_ID", 7)], true), 3);
        assert_eq!(chosen(&[("TEST_SEED", 3)], false), 3);
    }
}

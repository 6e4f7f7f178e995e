//! A sleep that ends early when the run is asked to stop.

use std::time::{Duration, Instant};

use crate::{
    sleep::{SIGNAL_POLL_INTERVAL, sleep},
    stop::Stop,
};

/// Sleeps, or returns early when the run is asked to stop.
pub(crate) async fn pause(duration: Duration, stop: &Stop) {
    let began = Instant::now();
    while stop.signal().is_none() {
        let Some(left) = duration.checked_sub(began.elapsed()) else { return };
        sleep(left.min(SIGNAL_POLL_INTERVAL)).await;
    }
}

/// Between half of the duration and all of it, so that waiting runs do not all retry at once.
pub(crate) fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(0.5 + fastrand::f64() / 2.0)
}

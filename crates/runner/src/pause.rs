//! Waiting, unless somebody wants to stop.

use std::time::{Duration, Instant};

use crate::{
    sleep::{SLICE, sleep},
    stop::Stop,
};

/// Waits, or until somebody wants to stop.
pub(crate) async fn pause(duration: Duration, stop: &Stop) {
    let began = Instant::now();
    while stop.signal().is_none() {
        let Some(left) = duration.checked_sub(began.elapsed()) else { return };
        sleep(left.min(SLICE)).await;
    }
}

/// Between half of it and all of it, so that those who wait do not all come back at once.
pub(crate) fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(0.5 + fastrand::f64() / 2.0)
}

//! Waiting, on either runtime.

use std::time::{Duration, Instant};

use crate::stop::Stop;

/// How soon a signal is heeded.
const SLICE: Duration = Duration::from_millis(100);

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

#[cfg(feature = "runtime-tokio")]
async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(all(feature = "runtime-async-std", not(feature = "runtime-tokio")))]
async fn sleep(duration: Duration) {
    async_std::task::sleep(duration).await;
}

//! Sleep on either runtime.

use std::time::Duration;

/// How often a run that waits checks for a stop signal.
pub(crate) const SIGNAL_POLL_INTERVAL: Duration = Duration::from_millis(100);

#[cfg(feature = "runtime-tokio")]
/// Sleeps on the runtime that this crate was built for.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(all(feature = "runtime-async-std", not(feature = "runtime-tokio")))]
/// Sleeps on the runtime that this crate was built for.
pub async fn sleep(duration: Duration) {
    async_std::task::sleep(duration).await;
}

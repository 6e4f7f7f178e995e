//! Sleeping, on either runtime.

use std::time::Duration;

/// How soon a signal is heeded.
pub(crate) const SLICE: Duration = Duration::from_millis(100);

#[cfg(feature = "runtime-tokio")]
/// Sleeps on whichever runtime this crate was built for.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(all(feature = "runtime-async-std", not(feature = "runtime-tokio")))]
/// Sleeps on whichever runtime this crate was built for.
pub async fn sleep(duration: Duration) {
    async_std::task::sleep(duration).await;
}

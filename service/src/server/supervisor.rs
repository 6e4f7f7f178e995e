//! Runs background tasks and restarts those that panic, so that a panic neither goes unnoticed nor stops the work for good.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::worker::Backoff;

/// The pauses before a restart.
const RESTART_BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) };

/// A task that ran this long starts again with the shortest pause.
const HEALTHY_AFTER: Duration = Duration::from_mins(5);

/// The tasks that have panicked and wait for their restart.
#[derive(Clone, Debug, Default)]
pub struct TaskHealth(Arc<Mutex<BTreeSet<&'static str>>>);

impl TaskHealth {
    /// Their names.
    pub(super) fn failed(&self) -> Vec<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    fn set_failed(&self, name: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }

    fn set_running(&self, name: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// Supervises background tasks until it is cancelled.
#[derive(Debug)]
pub struct Supervisor {
    tasks: JoinSet<()>,
    health: TaskHealth,
    stop: CancellationToken,
    backoff: Backoff,
}

impl Supervisor {
    /// `health` tells the readiness probe which tasks have failed.
    pub fn new(health: TaskHealth, stop: CancellationToken) -> Self {
        Self { tasks: JoinSet::new(), health, stop, backoff: RESTART_BACKOFF }
    }

    /// Runs a task until it ends, and again whenever it panics. After the cancellation it has `grace` to end by itself.
    pub fn spawn<F>(&mut self, name: &'static str, grace: Duration, task: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (health, stop, backoff) = (self.health.clone(), self.stop.clone(), self.backoff);
        metrics::counter!("task_failures_total", "task" => name).absolute(0);
        self.tasks.spawn(async move { supervise(name, grace, task, &health, &stop, &backoff).await });
    }

    /// Waits until all tasks have ended after the cancellation.
    pub async fn join(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn supervise<F: Future<Output = ()> + Send + 'static>(
    name: &'static str,
    grace: Duration,
    task: impl Fn() -> F,
    health: &TaskHealth,
    stop: &CancellationToken,
    backoff: &Backoff,
) {
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let mut running = JoinSet::new();
        running.spawn(task());
        let ended = tokio::select! {
            ended = running.join_next() => ended,
            () = stop.cancelled() => {
                if tokio::time::timeout(grace, running.join_next()).await.is_err() {
                    tracing::warn!(task = name, seconds = grace.as_secs(), "shutdown: aborting a background task");
                }
                return;
            }
        };
        if matches!(ended, Some(Ok(())) | None) || stop.is_cancelled() {
            return;
        }
        failures = if began.elapsed() > HEALTHY_AFTER { 1 } else { failures + 1 };
        metrics::counter!("task_failures_total", "task" => name).increment(1);
        health.set_failed(name);
        let pause = backoff.pause(failures);
        let ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::error!(task = name, restart_in_ms = ms, "a background task panicked");
        tokio::select! {
            () = tokio::time::sleep(pause) => health.set_running(name),
            () = stop.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    const GRACE: Duration = Duration::from_millis(200);

    fn quick(health: &TaskHealth, stop: &CancellationToken) -> Supervisor {
        let backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_millis(100) };
        Supervisor { backoff, ..Supervisor::new(health.clone(), stop.clone()) }
    }

    async fn until(is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(10), "it never was");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    #[tokio::test]
    async fn a_task_that_panics_is_reported_and_restarted() {
        let (health, stop) = (TaskHealth::default(), CancellationToken::new());
        let mut supervisor = quick(&health, &stop);
        let starts = Arc::new(AtomicUsize::new(0));
        supervisor.spawn("flaky", GRACE, {
            let starts = Arc::clone(&starts);
            move || {
                let start = starts.fetch_add(1, Ordering::SeqCst);
                async move {
                    match start {
                        0 | 1 => panic!("run {start} panics"),
                        _ => pending().await,
                    }
                }
            }
        });
        until(|| health.failed() == ["flaky"]).await;
        until(|| starts.load(Ordering::SeqCst) == 3 && health.failed().is_empty()).await;
        tokio::time::sleep(GRACE).await;
        assert_eq!(starts.load(Ordering::SeqCst), 3, "a running task is left alone");
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), supervisor.join()).await.expect("a stuck task is aborted");
    }

    #[tokio::test]
    async fn a_task_has_time_to_finish_and_is_not_restarted_on_shutdown() {
        let (health, stop) = (TaskHealth::default(), CancellationToken::new());
        let mut supervisor = quick(&health, &stop);
        let (starts, ends) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        supervisor.spawn("orderly", Duration::from_secs(5), {
            let (starts, ends, stop) = (Arc::clone(&starts), Arc::clone(&ends), stop.clone());
            move || {
                let (starts, ends, stop) = (Arc::clone(&starts), Arc::clone(&ends), stop.clone());
                async move {
                    starts.fetch_add(1, Ordering::SeqCst);
                    stop.cancelled().await;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    ends.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        until(|| starts.load(Ordering::SeqCst) == 1).await;
        stop.cancel();
        supervisor.join().await;
        assert_eq!((starts.load(Ordering::SeqCst), ends.load(Ordering::SeqCst)), (1, 1));
    }
}

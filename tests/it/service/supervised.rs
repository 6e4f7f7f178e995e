//! A background task that panics, and what is told of it over HTTP.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use service::server::{self, AppState, OnDrift, SchemaWatch, Supervisor, WatchConfig, config::Config};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::migrated;
use crate::servers::Server::Sqlite;

async fn get(address: &str, path: &str) -> (u16, String) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.get(format!("http://{address}{path}").parse().unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_panics_is_told_of_counted_and_restarted() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let watched = WatchConfig {
        url: database.url.parse().unwrap(),
        schema: None,
        migrate: None,
        apply_accepted: Box::new(|report| report),
    };
    let metrics = server::install_metrics_recorder().unwrap();
    let app = AppState::new(Config::default(), OnDrift::Refuse, SchemaWatch::new(watched), metrics);
    app.schema_watch().check().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server::serve(listener, server::admin_router(&app), stop.clone().cancelled_owned()));

    let starts = Arc::new(AtomicU32::new(0));
    let mut tasks = Supervisor::new(app.task_health().clone(), stop.clone());
    tasks.spawn("finaliser", Duration::from_secs(5), {
        let (starts, stop) = (Arc::clone(&starts), stop.clone());
        move || {
            let (start, stop) = (starts.fetch_add(1, SeqCst), stop.clone());
            async move {
                assert!(start > 0, "the first run panics");
                stop.cancelled().await;
            }
        }
    });
    let began = Instant::now();
    let failed = async || {
        let (status, body) = get(&address, "/readyz").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        // It serves all the same: webhooks need no finaliser.
        assert_eq!((status, &body["status"]), (200, &"ready".into()), "{body}");
        body["failed_tasks"].clone()
    };
    while failed().await != serde_json::json!(["finaliser"]) {
        assert!(began.elapsed() < Duration::from_mins(1), "no failed task is reported");
    }
    while failed().await != serde_json::json!([]) {
        assert!(began.elapsed() < Duration::from_mins(1), "it is not restarted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (_, metrics) = get(&address, "/metrics").await;
    assert!(metrics.contains("task_failures_total{task=\"finaliser\"} 1"), "{metrics}");
    while starts.load(SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    tasks.join().await;
    serving.await.unwrap();
    assert_eq!(starts.load(SeqCst), 2);
}

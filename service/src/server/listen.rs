//! Connections: bounded in number, in the size of their headers and in time, and let go when the program is to stop.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::problem::Problem;

/// As many connections as there may be; others wait in the system's queue.
const CONNECTIONS: usize = 1024;

/// How long the headers of a request may take, which is also how long an idle connection is kept.
const HEADERS: Duration = Duration::from_secs(10);

/// As large as the headers may be, in bytes.
const HEADER_BYTES: usize = 16 * 1024;

/// As many headers as there may be.
const HEADER_COUNT: usize = 64;

/// How long a request may take. Twilio waits for 15 seconds.
const REQUEST: Duration = Duration::from_secs(10);

/// How long requests that are answered already may go on when the program is to stop.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Serves until `stop` is over, and then until what is being answered is, or [`PATIENCE`] is over.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let Some((stream, permit)) = accepted else { continue };
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADER_COUNT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // What a client does wrong with its connection is nobody's business but its own.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = PATIENCE.as_secs(), "some requests were not answered in time, and are cut off");
    }
}

/// The next connection, or `None` where it was gone before it was taken.
async fn accept(listener: &TcpListener, connections: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            stream.set_nodelay(true).ok();
            Some((stream, permit))
        }
        Err(error) => {
            // Such as too many open files, which others have to close.
            tracing::warn!(%error, "no connection can be taken");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// Answers for what does not answer in time.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("this took longer than 10 s").into_response(),
    }
}

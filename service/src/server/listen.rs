//! Connections: bounded in number, in the size of their headers and in time, and let go when the program is to stop.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
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
use tokio_io_timeout::TimeoutStream;

use super::problem::{DatabaseFailed, Problem};

/// As many connections as there may be; others wait in the system's queue.
const CONNECTIONS: usize = 1024;

/// How long the headers of a request may take, which is also how long an idle connection is kept.
const HEADERS: Duration = Duration::from_secs(10);

/// As large as the headers may be, in bytes.
const HEADER_BYTES: usize = 16 * 1024;

/// As many headers as there may be.
const HEADER_COUNT: usize = 64;

/// How long a client may take nothing of what it is sent. Whoever asks and never reads would keep a connection for ever.
const UNREAD: Duration = if cfg!(test) { Duration::from_secs(2) } else { Duration::from_secs(30) };

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
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(UNREAD));
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADER_COUNT)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
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

/// Answers for what does not answer in time. What takes its time is the database, so that is looked at.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (Extension(DatabaseFailed), Problem::unavailable("this took longer than 10 s")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than the buffers between two sockets hold.
    const REQUESTS: usize = 64;
    const ANSWER: usize = 1024 * 1024;

    async fn connected() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "x".repeat(ANSWER)));
        tokio::spawn(serve(listener, router, std::future::pending()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS).as_bytes()).await.unwrap();
        stream
    }

    #[tokio::test]
    async fn whoever_asks_and_does_not_read_is_let_go() {
        let mut stream = connected().await;
        tokio::time::sleep(UNREAD * 2).await;
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers).await; // which a reset ends, too
        assert!(answers.len() < REQUESTS * ANSWER, "{}", answers.len());
    }

    #[tokio::test]
    async fn whoever_reads_slowly_gets_it_all() {
        let mut stream = connected().await;
        let (began, mut read) = (Instant::now(), 0);
        let mut part = vec![0; ANSWER];
        while read < REQUESTS * ANSWER {
            tokio::time::sleep(UNREAD / 50).await;
            stream.read_exact(&mut part).await.unwrap();
            read += part.len();
        }
        assert!(began.elapsed() > UNREAD);
    }
}

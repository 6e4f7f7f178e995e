//! Accepts connections, limits their number, header size and time, and closes them on shutdown.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::Service};
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

/// Further connections wait in the system's queue.
const MAX_CONNECTIONS: usize = 1024;

/// How long reading a request's headers may take, and how long an idle connection is kept.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest size of all headers together, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Largest number of headers.
const MAX_HEADERS: usize = 64;

/// Closes a connection whose client reads nothing for this long; it would stay open for ever.
const WRITE_TIMEOUT: Duration = if cfg!(test) { Duration::from_secs(2) } else { Duration::from_secs(30) };

/// How long requests in progress may take to finish on shutdown.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(20);

/// Request extension: the address at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves until `stop` completes, then finishes requests in progress for up to [`SHUTDOWN_GRACE`].
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    serve_limited(listener, router, 0, stop).await;
}

/// The same with at most so many connections of one address; 0 for no limit.
pub async fn serve_limited(
    listener: TcpListener,
    router: Router,
    max_of_address: usize,
    stop: impl Future<Output = ()>,
) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let addresses = Addresses { max: max_of_address, open: Arc::default() };
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let Some((stream, address, permit)) = accepted else { continue };
        // One too many is closed.
        let Some(address_permit) = addresses.admit(address) else { continue };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let service = TowerToHyperService::new(router.clone());
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(address));
            service.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_TIMEOUT)
            .max_buf_size(MAX_HEADER_BYTES)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client's broken connection concerns nobody else.
            let _ = connection.await;
            drop((permit, address_permit));
        });
    }
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            seconds = SHUTDOWN_GRACE.as_secs(),
            "shutdown: closing connections whose requests did not finish in time"
        );
    }
}

/// The next connection; `None` if accepting it failed.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            stream.set_nodelay(true).ok();
            Some((stream, address.ip().to_canonical(), permit))
        }
        Err(error) => {
            // For example too many open files: wait until some are closed.
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// The open connections of each address.
struct Addresses {
    max: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// Counts a connection until it is dropped.
struct AddressPermit {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Addresses {
    fn admit(&self, address: IpAddr) -> Option<AddressPermit> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let number = open.entry(address).or_default();
        if self.max > 0 && *number >= self.max {
            return None;
        }
        *number += 1;
        Some(AddressPermit { address, open: Arc::clone(&self.open) })
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = open.get_mut(&self.address) {
            *number -= 1;
            if *number == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than the socket buffers hold.
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
    async fn a_client_that_never_reads_is_disconnected() {
        let mut stream = connected().await;
        tokio::time::sleep(WRITE_TIMEOUT * 2).await;
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers).await; // a reset ends it, too
        assert!(answers.len() < REQUESTS * ANSWER, "{}", answers.len());
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_gets_everything() {
        let mut stream = connected().await;
        let (began, mut read) = (Instant::now(), 0);
        let mut part = vec![0; ANSWER];
        while read < REQUESTS * ANSWER {
            tokio::time::sleep(WRITE_TIMEOUT / 50).await;
            stream.read_exact(&mut part).await.unwrap();
            read += part.len();
        }
        assert!(began.elapsed() > WRITE_TIMEOUT);
    }
}

//! Why nothing answers: sqlx tries a closed port again until its time is over, and then only says that it is over.

use std::{
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::url::DatabaseUrl;

/// How long a server may take to answer before it counts as unreachable.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one address may take to answer. This blocks the thread.
const PROBE_TIMEOUT: Duration = Duration::from_millis(250);

/// The refusal of a port of this machine, or of an address that needs no name server, where nothing listens.
pub(crate) fn refused_at_once(url: &DatabaseUrl) -> Option<String> {
    let (host, port) = url.address()?;
    let is_near = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok();
    if is_near { refusal(&host, port) } else { None }
}

/// The refusal of whatever address; to be asked after waiting in vain.
pub(crate) fn refusal_of(url: &DatabaseUrl) -> Option<String> {
    let (host, port) = url.address()?;
    refusal(&host, port)
}

fn refusal(host: &str, port: u16) -> Option<String> {
    let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().ok()?.collect();
    let refuses = |address: &SocketAddr| {
        let probed = TcpStream::connect_timeout(address, PROBE_TIMEOUT);
        probed.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    let is_refused = !addresses.is_empty() && addresses.iter().all(refuses);
    is_refused.then(|| format!("connection refused at {host} port {port}; does the server run, and listen there?"))
}

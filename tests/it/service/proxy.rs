//! A way to a database that can be closed and opened again, as if its server had stopped.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use url::Url;

pub(super) struct Proxy {
    /// The database's URL through this.
    pub(super) url: String,
    address: SocketAddr,
    target: String,
    task: Option<AbortHandle>,
}

impl Proxy {
    /// Open.
    pub(super) async fn before(url: &str) -> Self {
        let mut url: Url = url.parse().unwrap();
        let target = target_of(&url);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(address.port())).unwrap();
        let mut proxy = Self { url: url.to_string(), address, target, task: None };
        proxy.run(listener);
        proxy
    }

    /// Leads to the server of this URL from now on.
    pub(super) fn lead_to(&mut self, url: &str) {
        self.target = target_of(&url.parse().unwrap());
    }

    fn run(&mut self, listener: TcpListener) {
        let target = self.target.clone();
        let task = tokio::spawn(async move {
            // Aborted with this task, all of them.
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                let target = target.clone();
                connections.spawn(async move {
                    // A server that is gone refuses, and so does this.
                    if let Ok(mut server) = TcpStream::connect(target).await {
                        copy_bidirectional(&mut client, &mut server).await.ok();
                    }
                });
            }
        });
        self.task = Some(task.abort_handle());
    }

    /// Cuts what is connected, and lets nobody in.
    pub(super) async fn close(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            while !task.is_finished() {
                tokio::task::yield_now().await;
            }
        }
    }

    pub(super) fn open(&mut self) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        self.run(socket.listen(64).unwrap());
    }
}

fn target_of(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))
}

//! A log that nobody reads: the service must not wait for it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::serving::{ALL, migrated, settings};
use crate::servers::Server::Sqlite;

/// More than the pipe and the buffer of lines hold.
const REQUESTS: usize = 8_000;

/// Killed with this value, unless it has ended.
struct Unread {
    child: Child,
    address: String,
    /// Open, and not read.
    log: BufReader<std::process::ChildStderr>,
    _folder: TempDir,
}

impl Unread {
    fn start(url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).env_clear().env("DATABASE_URL", url).envs(settings());
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended");
        }
        let port: String = line.split_once("127.0.0.1:").unwrap().1.chars().take_while(char::is_ascii_digit).collect();
        Self { child, address: format!("127.0.0.1:{port}"), log, _folder: folder }
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {ALL}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer));
        read.await.expect("it answers").unwrap();
        answer
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_stops_neither_answers_nor_the_shutdown() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let mut service = Unread::start(&database.url);
    let (mut reader, mut writer) = TcpStream::connect(&service.address).await.unwrap().into_split();
    let requests = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS);
    let sent = tokio::spawn(async move {
        writer.write_all(requests.as_bytes()).await.unwrap();
        writer
    });
    let (mut answers, mut bytes, began) = (0, vec![0; 64 * 1024], Instant::now());
    while answers < REQUESTS {
        let read = tokio::time::timeout(Duration::from_secs(20), reader.read(&mut bytes)).await;
        let read = read.unwrap_or_else(|_| panic!("stopped after {answers} answers, {:?}", began.elapsed())).unwrap();
        assert!(read > 0, "closed after {answers} answers");
        // The only capital H of an answer is in `HTTP`.
        answers += String::from_utf8_lossy(&bytes[..read]).matches('H').count();
    }
    drop(sent.await.unwrap());

    assert!(service.get("/livez").await.starts_with("HTTP/1.1 200"));
    let metrics = service.get("/metrics").await;
    let dropped = metrics.lines().find_map(|line| line.strip_prefix("log_lines_dropped_total ")).unwrap();
    let dropped: usize = dropped.parse().unwrap();
    assert!(dropped > 0 && dropped < REQUESTS, "{dropped}");

    let stop = Command::new("kill").args(["-s", "TERM", &service.child.id().to_string()]).status().unwrap();
    assert!(stop.success());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = service.child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "it does not stop");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(status.code(), Some(0));
    let mut rest = String::new();
    service.log.read_to_string(&mut rest).unwrap();
    assert!(rest.lines().count() > 100 && rest.lines().all(|line| !line.contains("panicked")), "{rest}");
}

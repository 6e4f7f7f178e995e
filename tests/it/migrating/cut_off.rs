//! Whatever moment the connection breaks: a sentence, the exit code that says that trying again may help, nothing lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
};

use super::{Running, history, known, legacy, print, rebuild, rows, undo_all};
use crate::{
    it::program::call_log,
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres},
    },
};

const TIMES: usize = 40;

/// On so many databases at once, because a run mostly waits for its server.
const LANES: usize = 2;

/// Stands between a client and the server, and cuts all connections when so many bytes have passed, either way.
struct Proxy {
    port: u16,
    passed: Arc<AtomicUsize>,
}

impl Proxy {
    async fn start(server: String, cut_at: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let passed = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&passed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else { return };
                let (client, server) = (client.into_split(), server.into_split());
                let there = pass(client.0, server.1, Arc::clone(&counter), cut_at);
                let back = pass(server.0, client.1, Arc::clone(&counter), cut_at);
                // Either end ends both.
                tokio::spawn(async move {
                    tokio::select! { () = there => {}, () = back => {} }
                });
            }
        });
        Self { port, passed }
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, passed: Arc<AtomicUsize>, cut_at: usize) {
    let mut buffer = [0; 256];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let before = passed.fetch_add(read, Ordering::SeqCst);
        let left = cut_at.saturating_sub(before).min(read);
        if to.write_all(&buffer[..left]).await.is_err() || left < read {
            return;
        }
    }
}

fn through(database: &Database, proxy: &Proxy) -> (String, String) {
    let (before, rest) = database.url.rsplit_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    (server.to_owned(), format!("{before}@127.0.0.1:{}/{name}", proxy.port))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn cut_off_anywhere_and_run_again(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..LANES {
        let Some(database) = legacy(server).await else { return };
        lanes.spawn(cut_off_and_run_again(database, lane));
    }
    let cut_off: usize = lanes.join_all().await.into_iter().sum();
    print(&format!("{server:?}: of {TIMES} runs {cut_off} were cut off before they had migrated"));
    assert!(cut_off > TIMES / 4);
}

/// Each lane cuts in other parts of the run. Returns how many runs were cut off before they had migrated.
async fn cut_off_and_run_again(database: Database, lane: usize) -> usize {
    let db = database.connect().await;
    let before = rows(&db).await;
    let address = through(&database, &Proxy { port: 0, passed: Arc::default() }).0;

    let whole = Proxy::start(address.clone(), usize::MAX).await;
    let up = Running::start(&["migrate", "up"], &through(&database, &whole).1).end().await;
    assert_eq!(up.code, 0, "{}", up.stderr);
    let bytes = whole.passed.load(Ordering::SeqCst);

    let mut cut_off = 0;
    for part in (lane..TIMES).step_by(LANES) {
        assert_eq!(undo_all(&database.url).code, 0);
        rebuild(&db).await;
        let cut_at = (bytes * part + fastrand::usize(0..bytes)) / TIMES;
        let proxy = Proxy::start(address.clone(), cut_at).await;
        let up = Running::start(&["migrate", "up"], &through(&database, &proxy).1);
        let up = tokio::time::timeout(Duration::from_mins(1), up.end()).await.expect("it is noticed");
        let told = format!("cut at {cut_at} of {bytes}: {}{}", up.stdout, up.stderr);
        // Behind the last commit only the check is left, which then has nothing to say.
        assert!([0, 69].contains(&up.code) && !up.stderr.contains("panicked"), "{} {told}", up.code);
        if up.code == 69 {
            cut_off += usize::from(!up.stderr.contains("error: migrated, and not checked: "));
            assert_eq!(up.stderr.matches("error: ").count(), 1, "{told}");
        }
        let again = call_log(&["migrate", "up", "--lock-wait", "60s"], &database.url);
        assert_eq!(again.code, 0, "{told}then: {}{}", again.stdout, again.stderr);
        assert_eq!(rows(&db).await, before, "{told}");
        assert_eq!(history(&db).await, known());
    }
    cut_off
}

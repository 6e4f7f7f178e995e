//! Webhooks at full speed through faults of every kind: the table in `docs/reliability.md`.
//!
//! `cargo test --test workspace reliability::reliability -- --ignored --nocapture` prints it, in about ten minutes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what it is run for")]

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use entity::call_log;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, header::CONTENT_TYPE};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbConn, EntityTrait, Statement};
use sea_orm_connect::{Access, connect};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use super::{
    proxy::Proxy,
    serving::{ALL, AUTH_TOKEN, Service, call_sid, form, migrated, signature},
};
use crate::servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    find, own_mariadb, pass_over, pgbouncer_with, replicated_postgres,
};

const SENDERS: u32 = 12;
const TIME: Duration = Duration::from_secs(30);

/// When a fault begins, and when it ends.
const FAULT: [Duration; 2] = [Duration::from_secs(8), Duration::from_secs(14)];

/// How soon Twilio is made to try again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// How long one event is tried.
const GIVE_UP: Duration = Duration::from_mins(1);

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// Sends what Twilio sends, and writes down the answers.
struct Load {
    client: HttpClient,
    /// Where the service listens now.
    address: Mutex<String>,
    began: Instant,
    is_over: AtomicBool,
    next: AtomicU32,
    sent: AtomicU64,
    taken: AtomicU64,
    unavailable: AtomicU64,
    unanswered: AtomicU64,
    retried: AtomicU64,
    given_up: AtomicU64,
    /// The lines of `deliveries` that were acknowledged, by call.
    acknowledged: Mutex<HashMap<String, HashSet<String>>>,
    last_taken: Mutex<(Instant, Duration)>,
    readiness: Mutex<Vec<(Duration, String)>>,
}

impl Load {
    fn on(service: &Service) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            address: Mutex::new(service.address.clone()),
            began: now,
            is_over: AtomicBool::new(false),
            next: AtomicU32::new(1),
            sent: AtomicU64::default(),
            taken: AtomicU64::default(),
            unavailable: AtomicU64::default(),
            unanswered: AtomicU64::default(),
            retried: AtomicU64::default(),
            given_up: AtomicU64::default(),
            acknowledged: Mutex::default(),
            last_taken: Mutex::new((now, Duration::ZERO)),
            readiness: Mutex::default(),
        })
    }

    /// Until the time is over, while `fault` happens.
    async fn run(self: &Arc<Self>, fault: impl Future<Output = ()>) {
        let senders: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(Arc::clone(self).send_calls())).collect();
        let watch = tokio::spawn(Arc::clone(self).watch_readiness());
        fault.await;
        tokio::time::sleep(TIME.saturating_sub(self.began.elapsed())).await;
        self.is_over.store(true, SeqCst);
        join_all(senders).await.into_iter().for_each(Result::unwrap);
        watch.await.unwrap();
    }

    async fn send_calls(self: Arc<Self>) {
        while !self.is_over.load(SeqCst) {
            for (path, parameters, line) in deliveries(self.next.fetch_add(1, SeqCst)) {
                self.deliver(path, &parameters, line).await;
            }
        }
    }

    /// Once, and again until it is taken.
    async fn deliver(&self, path: &str, parameters: &[(&str, String)], line: String) {
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signature = signature(AUTH_TOKEN, path, &parameters);
        let began = Instant::now();
        loop {
            self.sent.fetch_add(1, SeqCst);
            match self.post(path, form(&parameters), &signature).await {
                Some(204) => break,
                Some(503) => self.unavailable.fetch_add(1, SeqCst),
                Some(other) => panic!("{path}: {other}"),
                None => self.unanswered.fetch_add(1, SeqCst),
            };
            if began.elapsed() > GIVE_UP {
                self.given_up.fetch_add(1, SeqCst);
                return;
            }
            tokio::time::sleep(RETRY_AFTER).await;
            self.retried.fetch_add(1, SeqCst);
        }
        self.taken.fetch_add(1, SeqCst);
        let (last, longest) = &mut *self.last_taken.lock().unwrap();
        *longest = (*longest).max(last.elapsed());
        *last = Instant::now();
        let sid = parameters[0].1.to_owned();
        self.acknowledged.lock().unwrap().entry(sid).or_default().insert(line);
    }

    async fn post(&self, path: &str, body: String, signature: &str) -> Option<u16> {
        let address = self.address.lock().unwrap().clone();
        let request = Request::post(format!("http://{address}{path}"))
            .header("X-Twilio-Signature", signature)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap();
        self.answer(request).await.map(|(status, _)| status)
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Option<(u16, Bytes)> {
        let answer = tokio::time::timeout(Duration::from_secs(15), self.client.request(request)).await.ok()?.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
    }

    async fn watch_readiness(self: Arc<Self>) {
        while !self.is_over.load(SeqCst) {
            let address = self.address.lock().unwrap().clone();
            let request = Request::get(format!("http://{address}/readyz")).body(Full::default()).unwrap();
            let seen = match self.answer(request).await {
                Some((status, body)) => {
                    let body: Value = serde_json::from_slice(&body).unwrap();
                    let missing = body["missing"]
                        .as_array()
                        .is_some_and(|missing| !missing.is_empty() && body["schema"] == "in-sync");
                    format!(
                        "{} {status}{}",
                        body["schema"].as_str().unwrap(),
                        if missing { " (writes fail)" } else { "" }
                    )
                }
                None => "no answer".to_owned(),
            };
            self.note_readiness(seen);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn note_readiness(&self, seen: String) {
        let mut states = self.readiness.lock().unwrap();
        if states.last().is_none_or(|(_, last)| *last != seen) {
            states.push((self.began.elapsed(), seen));
        }
    }

    /// How many of the acknowledged deliveries are not in the database.
    async fn lost(&self, db: &DbConn) -> usize {
        let rows = call_log::Entity::find().all(db).await.unwrap();
        let kept: HashMap<String, String> =
            rows.into_iter().filter_map(|row| Some((row.call_sid?, row.deliveries?))).collect();
        let is_kept =
            |sid: &String, line: &String| kept.get(sid).is_some_and(|lines| lines.lines().any(|kept| kept == line));
        let acknowledged = self.acknowledged.lock().unwrap();
        acknowledged.iter().map(|(sid, lines)| lines.iter().filter(|line| !is_kept(sid, line)).count()).sum()
    }

    /// Prints a row of the table.
    async fn report(&self, name: &str, db: &DbConn, may_fail: bool) {
        let lost = self.lost(db).await;
        let [sent, taken, unavailable, unanswered, retried, given_up] =
            [&self.sent, &self.taken, &self.unavailable, &self.unanswered, &self.retried, &self.given_up]
                .map(|counter| counter.load(SeqCst));
        let longest = self.last_taken.lock().unwrap().1.as_secs_f64();
        let states = self.readiness.lock().unwrap();
        let states: Vec<String> =
            states.iter().map(|(at, state)| format!("{:.1} s: {state}", at.as_secs_f64())).collect();
        println!(
            "| {name} | {sent} | {taken} | {unavailable} | {unanswered} | {retried} | {lost} | {longest:.2} s | {} |",
            states.join("; ")
        );
        assert_eq!((lost, given_up), (0, 0), "{name}");
        assert!(may_fail || unavailable + unanswered == 0, "{name}: 503 without a fault");
        assert!(taken > 100, "{name}: {taken}");
    }
}

/// A webhook that Twilio sends, its fields, and the line that says that it is recorded.
type Delivery = (&'static str, Vec<(&'static str, String)>, String);

/// What Twilio sends of a call.
fn deliveries(number: u32) -> Vec<Delivery> {
    const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";
    let call = || ("CallSid", call_sid(number));
    let stream = format!("MZ{number:032x}");
    let recording = format!("RE{number:032x}");
    let status = |status: &str| {
        let parameters = vec![call(), ("CallStatus", status.to_owned()), ("From", "+14158675310".to_owned())];
        (STATUS, parameters, format!("status:{status}"))
    };
    let stream = |event: &str| {
        let parameters = vec![call(), ("StreamSid", stream.clone()), ("StreamEvent", event.to_owned())];
        ("/webhooks/twilio/stream?business_id=7", parameters, format!("{event}:{stream}"))
    };
    let recording = (
        "/webhooks/twilio/recording?business_id=7",
        vec![call(), ("RecordingSid", recording.clone()), ("RecordingStatus", "completed".to_owned())],
        format!("recording:{recording}:completed"),
    );
    vec![
        status("initiated"),
        status("ringing"),
        status("in-progress"),
        stream("stream-started"),
        stream("stream-stopped"),
        recording,
        status("completed"),
    ]
}

async fn sleep_until(load: &Load, when: Duration) {
    tokio::time::sleep(when.saturating_sub(load.began.elapsed())).await;
}

async fn open(url: &str) -> DbConn {
    connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes ten minutes, and prints a report"]
async fn reliability() {
    println!(
        "\n| scenario | sent | 204 | 503 | no answer | retried | lost after 204 | longest pause | `/readyz` |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    for (name, server) in [("PostgreSQL", Postgres), ("MariaDB", MySqlOrMariaDb), ("SQLite", Sqlite)] {
        nothing_special(name, server).await;
    }
    pooler().await;
    lists().await;
    restarted_database().await;
    failover().await;
    killed_service().await;
    full_disk().await;
    full_disk_of_postgres().await;
    full_disk_of_mariadb().await;
}

async fn nothing_special(name: &str, server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = Load::on(&service);
    let before = service.processor_time();
    load.run(async {}).await;
    let used = service.processor_time().saturating_sub(before);
    load.report(&format!("{name}, nothing special"), &db, false).await;
    let taken = load.taken.load(SeqCst);
    let each = used.as_secs_f64() * 1_000.0 / u32::try_from(taken).map(f64::from).unwrap();
    eprintln!("{name}: {taken} webhooks, {each:.2} ms of the service's processor time each");
}

async fn pooler() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let Some((_pooler, url)) = pgbouncer_with(&database, 5, "") else { return };
    let service = Service::start(&url, &[]);
    let load = Load::on(&service);
    load.run(async {}).await;
    load.report("through PgBouncer, 5 sessions", &db, false).await;
}

/// More readers than there are connections for them, each of which wants the costs of all calls or a rare status.
async fn lists() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    super::pools::fill(&db, 500_000).await;
    let service = Service::start(&database.url, &[]);
    let load = Load::on(&service);
    let read = Arc::new(AtomicU64::default());
    let readers: Vec<_> = (0..20)
        .map(|number| {
            let (load, read) = (Arc::clone(&load), Arc::clone(&read));
            tokio::spawn(async move {
                while !load.is_over.load(SeqCst) {
                    let path = if number % 2 == 0 { "/api/costs/summary" } else { "/api/calls/last7d?status=zzz" };
                    let address = load.address.lock().unwrap().clone();
                    let request = Request::get(format!("http://{address}{path}"))
                        .header("authorization", format!("Bearer {ALL}"))
                        .body(Full::default())
                        .unwrap();
                    load.answer(request).await;
                    read.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    load.run(async {}).await;
    join_all(readers).await.into_iter().for_each(Result::unwrap);
    load.report(&format!("beside 20 readers of lists and costs ({} answers)", read.load(SeqCst)), &db, false).await;
}

/// `pg_ctl` on the server that this connection leads to.
async fn control(db: &DbConn, arguments: &[&str]) {
    let row = db
        .query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SHOW data_directory"))
        .await
        .unwrap();
    let folder: String = row.unwrap().try_get_by_index(0).unwrap();
    control_in(&folder, arguments).await;
}

async fn control_in(folder: &str, arguments: &[&str]) {
    let program = find("pg_ctl", "/usr/lib/postgresql").unwrap();
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let mut command = if is_root { Command::new("runuser") } else { Command::new(&program) };
    if is_root {
        command.args(["-u", "postgres", "--"]).arg(&program);
    }
    command.args(["-D", folder, "-w", "-l", &format!("{folder}.log")]).args(arguments).current_dir("/");
    let done = tokio::task::spawn_blocking(move || command.status().unwrap()).await.unwrap();
    assert!(done.success(), "{arguments:?}");
}

async fn restarted_database() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let db = open(&url).await;
    Migrator::up(&db, None).await.unwrap();
    let service = Service::start(&url, &[]);
    let load = Load::on(&service);
    load.run(async {
        sleep_until(&load, FAULT[0]).await;
        control(&db, &["-m", "fast", "restart"]).await;
    })
    .await;
    load.report("restart of the database", &open(&url).await, true).await;
}

/// The replica confirms each commit, and takes the primary's address when it is promoted.
async fn failover() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let url = |host: &str| format!("postgres://postgres@{host}:{port}/postgres");
    let (primary, standby) = (open(&url("127.0.0.1")).await, open(&url("127.0.0.2")).await);
    primary.execute_unprepared("ALTER SYSTEM SET synchronous_standby_names = '*'").await.unwrap();
    primary.execute_unprepared("SELECT pg_reload_conf()").await.unwrap();
    Migrator::up(&primary, None).await.unwrap();
    let mut address = Proxy::before(&url("127.0.0.1")).await;
    let service = Service::start(&address.url, &[]);
    let load = Load::on(&service);
    load.run(async {
        sleep_until(&load, FAULT[0]).await;
        control(&primary, &["-m", "immediate", "stop"]).await;
        standby.execute_unprepared("ALTER SYSTEM SET synchronous_standby_names = ''").await.unwrap();
        standby.execute_unprepared("SELECT pg_promote()").await.unwrap();
        address.close().await;
        address.lead_to(&url("127.0.0.2"));
        address.open();
    })
    .await;
    load.report("failover to a promoted replica", &standby, true).await;
}

async fn killed_service() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = Load::on(&service);
    let mut restarted = None;
    load.run(async {
        sleep_until(&load, FAULT[0]).await;
        service.signal("KILL");
        tokio::time::sleep(Duration::from_secs(2)).await;
        let service = Service::start(&database.url, &[]);
        load.address.lock().unwrap().clone_from(&service.address);
        restarted = Some(service);
    })
    .await;
    load.report("`kill -9` of the service, started again after 2 s", &db, true).await;
}

/// A file system of its own; unmounted with this value.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(folder));
        }
        pass_over("a tmpfs cannot be mounted here");
        None
    }

    fn fill(ballast: &Path) {
        // It stops where the disk is full.
        Command::new("dd").args(["if=/dev/zero", "bs=4k", &format!("of={}", ballast.display())]).output().unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.0.path()).output().ok();
    }
}

async fn full_disk() {
    let Some(disk) = SmallDisk::new() else { return };
    let url = format!("sqlite://{}?mode=rwc", disk.0.path().join("calls.db").display());
    let db = open(&url).await;
    Migrator::up(&db, None).await.unwrap();
    let service = Service::start(&url, &[]);
    let load = Load::on(&service);
    let ballast = disk.0.path().join("ballast");
    load.run(async {
        sleep_until(&load, FAULT[0]).await;
        SmallDisk::fill(&ballast);
        sleep_until(&load, FAULT[1]).await;
        std::fs::remove_file(&ballast).unwrap();
    })
    .await;
    load.report("a full disk for 6 s (SQLite)", &db, true).await;
    db.close().await.unwrap();
    drop(service);
}

/// A server has room in its files for a while. So the disk stays full until the first webhook met that, and 4 s longer.
async fn fill_until_noticed(load: &Load, disk: &SmallDisk) {
    sleep_until(load, FAULT[0]).await;
    let ballast = disk.0.path().join("ballast");
    SmallDisk::fill(&ballast);
    while load.unavailable.load(SeqCst) == 0 && load.began.elapsed() < TIME {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    std::fs::remove_file(&ballast).unwrap();
    let full = load.taken.load(SeqCst);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(load.taken.load(SeqCst) > full, "it goes on");
}

/// The disk of its tables, in a tablespace. Without room for its log, PostgreSQL ends.
async fn full_disk_of_postgres() {
    let Some(disk) = SmallDisk::new() else { return };
    let Some((database, db)) = migrated(Postgres).await else { return };
    let folder = disk.0.path().join("tables");
    std::fs::create_dir(&folder).unwrap();
    let owned = Command::new("chown").arg("postgres").arg(&folder).status().unwrap();
    assert!(owned.success());
    let space = format!("{}_small", database.name());
    for statement in [
        format!("CREATE TABLESPACE {space} LOCATION '{}'", folder.display()),
        format!("ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE {space}"),
        format!("ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE {space}"),
    ] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    let service = Service::start(&database.url, &[]);
    let load = Load::on(&service);
    load.run(fill_until_noticed(&load, &disk)).await;
    load.report("a full disk (PostgreSQL)", &db, true).await;
    assert!(load.unavailable.load(SeqCst) > 0, "the disk was never full");
    drop(service);
    db.close().await.unwrap();
    let (base, _) = database.url.rsplit_once('/').unwrap();
    let maintenance = format!("{base}/postgres");
    drop(database);
    crate::servers::run(&maintenance, &format!("DROP TABLESPACE {space}")).await;
}

/// The disk of the table.
async fn full_disk_of_mariadb() {
    let Some(disk) = SmallDisk::new() else { return };
    let Some((_server, root)) = own_mariadb() else { return };
    crate::servers::run(&format!("{root}/mysql"), "CREATE DATABASE calls").await;
    let url = format!("{root}/calls");
    let db = open(&url).await;
    Migrator::up(&db, None).await.unwrap();
    db.execute_unprepared("SET GLOBAL innodb_file_per_table = ON").await.unwrap();
    let show = Statement::from_string(db.get_database_backend(), "SHOW CREATE TABLE call_log");
    let create: String = db.query_one_raw(show).await.unwrap().unwrap().try_get_by_index(1).unwrap();
    db.execute_unprepared("DROP TABLE call_log").await.unwrap();
    let folder = disk.0.path().display();
    db.execute_unprepared(&format!("{create} DATA DIRECTORY = '{folder}'")).await.unwrap();
    let service = Service::start(&url, &[]);
    let load = Load::on(&service);
    load.run(fill_until_noticed(&load, &disk)).await;
    load.report("a full disk (MariaDB)", &db, true).await;
    assert!(load.unavailable.load(SeqCst) > 0, "the disk was never full");
    drop(service);
    db.execute_unprepared("DROP TABLE call_log").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints a measurement"]
async fn full_disks() {
    full_disk().await;
    full_disk_of_postgres().await;
    full_disk_of_mariadb().await;
}

/// The memory of the service after many webhooks and slow clients is that after a few.
#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a quarter of an hour, and prints a measurement"]
async fn memory_stays_flat(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    const FEW: u64 = 2_000;
    const MANY: u64 = 200_000;
    let Some((database, _db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = Load::on(&service);
    let until = async |webhooks: u64| {
        while load.taken.load(SeqCst) < webhooks {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        service.memory()
    };
    let (mut after_few, mut after_many) = (0, 0);
    load.run(async {
        after_few = until(FEW).await;
        for part in 1..10 {
            let memory = until(MANY / 10 * part).await;
            eprintln!("{server:?}: {memory} KiB after {}", MANY / 10 * part);
        }
        after_many = until(MANY).await;
    })
    .await;
    slow_clients(&service).await;
    let after_all = service.memory();
    println!(
        "{server:?}: {after_few} KiB after {FEW} webhooks, {after_many} KiB after {MANY}, {after_all} KiB after {SLOW} slow clients"
    );
    for memory in [after_many, after_all] {
        assert!(memory * 10 <= after_few * 12, "{after_few} KiB, then {memory} KiB");
    }
}

const SLOW: usize = 2_000;

/// Clients that send a part of a request and then nothing; a hundred at a time, each for half a second.
async fn slow_clients(service: &Service) {
    for _ in 0..SLOW / 100 {
        let mut clients = Vec::new();
        for _ in 0..100 {
            let mut client = tokio::net::TcpStream::connect(&service.address).await.unwrap();
            let begun = "POST /webhooks/twilio/status?business_id=7 HTTP/1.1\r\nhost: a\r\ncontent-length: 4000\r\n\r\nCallSid=";
            client.write_all(begun.as_bytes()).await.unwrap();
            clients.push(client);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// One server alone, for a comparison.
#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints a measurement"]
async fn full_speed(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    nothing_special(&format!("{server:?}"), server).await;
}

/// An event of a call that has 400 already costs as much as one of a call that has one. Prints the medians, alternating.
#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints a measurement"]
async fn noisy_call(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    const SAMPLES: u32 = 150;
    let Some((database, _db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = Load::on(&service);
    let report = async |call: u32, number: u32| {
        let path = "/webhooks/twilio/error?business_id=7";
        let payload = format!(r#"{{"resource_sid": "{}", "error_code": "11205"}}"#, call_sid(call));
        let sid = format!("NO{number:032x}");
        let parameters = [("Sid", sid.as_str()), ("Payload", payload.as_str())];
        let began = Instant::now();
        let status = load.post(path, form(&parameters), &signature(AUTH_TOKEN, path, &parameters)).await;
        assert_eq!(status, Some(204), "{}", service.log());
        began.elapsed()
    };
    for number in 0..400 {
        report(1, number).await;
    }
    let (mut quiet, mut noisy) = (Vec::new(), Vec::new());
    for number in 0..SAMPLES {
        report(1_000 + number, 0).await; // so that the next one is an update, too
        quiet.push(report(1_000 + number, 1).await);
        noisy.push(report(1, 10_000 + number).await);
    }
    let median = |samples: &mut Vec<Duration>| {
        samples.sort_unstable();
        samples[samples.len() / 2].as_secs_f64() * 1_000.0
    };
    let (quiet, noisy) = (median(&mut quiet), median(&mut noisy));
    println!("{server:?}: {quiet:.2} ms with 1 delivery, {noisy:.2} ms with 400 to 550: {:.2}", noisy / quiet);
}

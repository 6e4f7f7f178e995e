//! A Galera cluster: three nodes that all take writes and schema changes. Its tests run one after the other.

use std::{
    ops::Range,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use migration::{
    DbErr, MigrationName, MigrationTrait, Migrator, MigratorTrait, SchemaManager,
    async_trait::async_trait,
    sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseExecutor, DbConn, Statement},
};
use sea_orm_runner::Runner;

use super::serving::{ALL, Service, call_sid};
use crate::{
    it::program::{Run, call_log, lines_beginning},
    servers::{Galera, NODES},
};

/// What a person who runs the test with `--nocapture` wants to know.
#[expect(clippy::print_stdout, reason = "the figures of the documentation come from here")]
fn print(line: &str) {
    println!("{line}");
}

/// `call-log` beside the test.
fn start(arguments: &[&str], url: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command.args(arguments).env_clear().env("DATABASE_URL", url).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

async fn ended(child: Child) -> Run {
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// One session, whose settings stay.
async fn connect(url: &str) -> DbConn {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    db.execute_unprepared("SET SESSION wsrep_sync_wait = 1").await.unwrap();
    db
}

async fn all(db: &DbConn, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// What the nodes that live have in their history.
async fn history(cluster: &Galera, node: usize, database: &str) -> Vec<String> {
    let db = connect(&cluster.url(node, database)).await;
    all(&db, "SELECT version FROM seaql_migrations ORDER BY version").await
}

const ROUNDS: usize = 10;

const MIGRATORS: usize = 15;

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_migrators_over_three_nodes_all_succeed_and_apply_each_migration_once() {
    let Some(cluster) = Galera::alone().await else { return };
    let mut slowest = Duration::ZERO;
    for round in 0..ROUNDS {
        let database = cluster.empty_database().await;
        let began = Instant::now();
        let migrators = (0..MIGRATORS).map(|number| start(&["migrate", "up"], &cluster.url(number % NODES, &database)));
        let mut applied = Vec::new();
        for run in join_all(migrators.collect::<Vec<_>>().into_iter().map(ended)).await {
            assert_eq!(run.code, 0, "round {round}: {}{}", run.stdout, run.stderr);
            let lines = lines_beginning(&run.stderr, "applied  ");
            applied.extend(lines.into_iter().map(|line| line.split_whitespace().nth(1).unwrap().to_owned()));
        }
        slowest = slowest.max(began.elapsed());
        applied.sort();
        assert_eq!(applied, known(), "round {round}: each is applied once");
        for node in 0..NODES {
            assert_eq!(history(&cluster, node, &database).await, known(), "round {round}, node {node}");
        }
    }
    print(&format!("{MIGRATORS} migrators over three nodes, {ROUNDS} rounds: all succeeded, in {slowest:.1?} at most"));
}

/// Or somebody else could migrate meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn fresh_drops_all_tables_but_the_lock_that_it_holds() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = cluster.empty_database().await;
    let url = |node| cluster.url(node, &database);
    assert_eq!(call_log(&["migrate", "up"], &url(0)).code, 0);
    let db = connect(&url(1)).await;
    db.execute_unprepared("CREATE TABLE parent (id integer PRIMARY KEY)").await.unwrap();
    let child =
        "CREATE TABLE child (id integer PRIMARY KEY, parent integer, FOREIGN KEY (parent) REFERENCES parent (id))";
    db.execute_unprepared(child).await.unwrap();
    let lock = "SELECT CONCAT(COALESCE(holder, 'nobody'), ' ', changes) FROM sea_orm_runner_lock";
    let before = all(&db, lock).await;

    let own = connect(&url(0)).await;
    Runner::new().fresh::<Migrator>(&DatabaseExecutor::Connection(&own)).await.unwrap();
    let next = call_log(&["migrate", "up"], &url(2));
    assert_eq!(next.code, 0, "{next:?}");
    let tables = all(&db, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()").await;
    assert!(!tables.iter().any(|table| ["parent", "child"].contains(&table.as_str())), "{tables:?}");
    assert_eq!(history(&cluster, 2, &database).await, known());
    let after = all(&db, lock).await;
    assert!(after[0].starts_with("nobody ") && after != before, "{before:?} {after:?}");
    let changes = |rows: &[String]| rows[0].rsplit(' ').next().unwrap().parse::<i64>().unwrap();
    assert!(changes(&after) > changes(&before), "it is the row of before, and not a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_migrate_on_each_node_all_serve() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = cluster.empty_database().await;
    let services = (0..NODES).map(|node| {
        let url = cluster.url(node, &database);
        tokio::task::spawn_blocking(move || Service::start(&url, &["--migrate"]))
    });
    for service in join_all(services).await {
        let service = service.unwrap();
        service.becomes("in-sync", 200).await;
        assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.status.as_u16(), 200);
    }
}

/// Rows that make an index build take its time.
const ROWS: usize = 150_000;

async fn migrated_with_rows(cluster: &Galera) -> String {
    let database = cluster.empty_database().await;
    let up = call_log(&["migrate", "up"], &cluster.url(0, &database));
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let db = connect(&cluster.url(0, &database)).await;
    let insert = format!(
        "INSERT INTO call_log (business_id, call_sid, created_at) \
         SELECT seq % 100, CONCAT('CA', MD5(seq)), '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_{ROWS}"
    );
    db.execute_unprepared(&insert).await.unwrap();
    database
}

/// Waits until the session of a migrator builds an index on this node. Whether it does: it may have ended already.
async fn builds(db: &DbConn, migrator: &mut Child) -> bool {
    let began = Instant::now();
    let building = "SELECT CAST(INFO AS CHAR) FROM information_schema.PROCESSLIST \
                    WHERE INFO LIKE 'CREATE INDEX%' AND ID <> CONNECTION_ID()";
    while all(db, building).await.is_empty() {
        if migrator.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "it builds nothing");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}

const INDEXES: &str = "SELECT DISTINCT CAST(INDEX_NAME AS CHAR) FROM information_schema.STATISTICS \
                       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'call_log' ORDER BY 1";

/// Each takes a while: the lease expires, and the node comes back.
const KILLS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_while_it_builds_an_index_leaves_what_the_next_node_finishes() {
    let Some(mut cluster) = Galera::alone().await else { return };
    let database = migrated_with_rows(&cluster).await;
    let whole = all(&connect(&cluster.url(0, &database)).await, INDEXES).await;
    let mut slowest = Duration::ZERO;
    let (mut kill, mut too_late) = (0, 0);
    while kill < KILLS {
        let (node, next) = (kill % NODES, (kill + 1) % NODES);
        let down = call_log(&["migrate", "down", "-n", "1"], &cluster.url(node, &database));
        assert_eq!(down.code, 0, "kill {kill}: {}", down.stderr);
        let db = connect(&cluster.url(node, &database)).await;
        let mut migrator = start(&["migrate", "up"], &cluster.url(node, &database));
        let is_in_time = builds(&db, &mut migrator).await;
        if is_in_time {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..200))).await;
            cluster.kill(node);
        }
        let lost = ended(migrator).await;
        if !is_in_time || lost.code == 0 {
            too_late += 1;
            assert!(too_late < 10, "it is too quick for this test");
            cluster.restart(node);
            continue;
        }
        assert_eq!(lost.code, 69, "kill {kill}: {}{}", lost.stdout, lost.stderr);
        let began = Instant::now();
        let up = call_log(&["migrate", "up", "--lock-wait", "60s"], &cluster.url(next, &database));
        slowest = slowest.max(began.elapsed());
        assert_eq!(up.code, 0, "kill {kill}: {}{}", up.stdout, up.stderr);
        cluster.restart(node);
        for node in 0..NODES {
            assert_eq!(history(&cluster, node, &database).await, known(), "kill {kill}, node {node}");
            assert_eq!(
                all(&connect(&cluster.url(node, &database)).await, INDEXES).await,
                whole,
                "kill {kill}, node {node}"
            );
        }
        kill += 1;
    }
    print(&format!("{KILLS} nodes killed while they built an index: the next one finished, in {slowest:.1?} at most"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_of_a_migrator_that_was_killed_expires() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = migrated_with_rows(&cluster).await;
    for (next, least, most) in [(0, 0, 8), (1, 8, 55)] {
        let down = call_log(&["migrate", "down", "-n", "1"], &cluster.url(0, &database));
        assert_eq!(down.code, 0, "{}", down.stderr);
        let db = connect(&cluster.url(0, &database)).await;
        let mut migrator = start(&["migrate", "up"], &cluster.url(0, &database));
        assert!(builds(&db, &mut migrator).await, "it is too quick for this test");
        migrator.kill().unwrap();
        migrator.wait().unwrap();
        let began = Instant::now();
        let up = call_log(&["migrate", "up", "--lock-wait", "60s"], &cluster.url(next, &database));
        assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
        let seconds = began.elapsed().as_secs();
        assert!((least..=most).contains(&seconds), "on node {next} it took {seconds} s: {}", up.stderr);
        print(&format!("a migrator killed on node 0, the next on node {next}: done after {:.1?}", began.elapsed()));
    }
}

/// Another node does what a migration is about to do, after the migration has looked.
struct Overtaken;

#[async_trait]
impl MigrationTrait for Overtaken {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if manager.has_index("overtaken", "ix_id").await? {
            return db.execute_unprepared("DROP TABLE overtaken").await.map(drop);
        }
        db.execute_unprepared("CREATE TABLE IF NOT EXISTS overtaken (id INTEGER PRIMARY KEY)").await?;
        db.execute_unprepared("CREATE INDEX ix_id ON overtaken (id)").await?;
        db.execute_unprepared("CREATE INDEX ix_id ON overtaken (id)").await.map(drop)
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

impl MigrationName for Overtaken {
    fn name(&self) -> &'static str {
        "m1_overtaken"
    }
}

impl MigratorTrait for Overtaken {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Self)]
    }
}

/// The same, after rows were changed: they might be changed twice.
struct OvertakenWithRows;

#[async_trait]
impl MigrationTrait for OvertakenWithRows {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("CREATE TABLE IF NOT EXISTS changed (id INTEGER PRIMARY KEY AUTO_INCREMENT)").await?;
        db.execute_unprepared("INSERT INTO changed VALUES ()").await?;
        db.execute_unprepared("CREATE TABLE changed (id INTEGER PRIMARY KEY)").await.map(drop)
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

impl MigrationName for OvertakenWithRows {
    fn name(&self) -> &'static str {
        "m1_overtaken_with_rows"
    }
}

impl MigratorTrait for OvertakenWithRows {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Self)]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_finds_its_statement_done_looks_again_unless_it_has_changed_rows() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = cluster.empty_database().await;
    let db = connect(&cluster.url(0, &database)).await;
    Runner::new().up::<Overtaken>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert_eq!(history(&cluster, 1, &database).await, ["m1_overtaken"]);

    let database = cluster.empty_database().await;
    let db = connect(&cluster.url(0, &database)).await;
    let failed = Runner::new().up::<OvertakenWithRows>(&DatabaseExecutor::Connection(&db), None).await;
    assert_eq!(failed.unwrap_err().exit_code(), 1);
    assert_eq!(all(&db, "SELECT CAST(COUNT(*) AS CHAR) FROM changed").await, ["1"], "it ran once");
}

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";

const STATUSES: [&str; 4] = ["initiated", "ringing", "in-progress", "completed"];

/// Sends each event of these calls to a random service, many at once. Returns those that were acknowledged, and how many were
/// not.
async fn send_events(services: &Arc<[Service]>, calls: Range<u32>) -> (Vec<(String, &'static str)>, usize) {
    let mut events: Vec<(String, &str)> =
        calls.flat_map(|number| STATUSES.map(|status| (call_sid(number), status))).collect();
    fastrand::shuffle(&mut events);
    let total = events.len();
    let events = Arc::new(Mutex::new(events));
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (events, services) = (Arc::clone(&events), Arc::clone(services));
        senders.spawn(async move {
            let mut acknowledged = Vec::new();
            loop {
                let next = events.lock().unwrap().pop();
                let Some((sid, status)) = next else { return acknowledged };
                let service = &services[fastrand::usize(..services.len())];
                let answer = service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", status)]).await;
                if answer.status == 204 {
                    acknowledged.push((sid, status));
                } else {
                    assert_eq!(answer.status, 503, "{answer:?}{}", service.log());
                }
            }
        });
    }
    let acknowledged: Vec<_> = senders.join_all().await.into_iter().flatten().collect();
    let refused = total - acknowledged.len();
    (acknowledged, refused)
}

/// Every event that was acknowledged is in the row of its call, on this node.
async fn assert_recorded(url: &str, acknowledged: &[(String, &str)]) {
    let db = connect(url).await;
    let rows =
        all(&db, "SELECT CAST(CONCAT(call_sid, ' ', REPLACE(deliveries, '\\n', ' ')) AS CHAR) FROM call_log").await;
    for (sid, status) in acknowledged {
        let row = rows.iter().find(|row| row.starts_with(sid.as_str())).unwrap_or_else(|| panic!("{sid} is lost"));
        let times = row.split(' ').filter(|line| *line == format!("status:{status}")).count();
        assert_eq!(times, 1, "{status} in {row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_the_same_calls_to_three_nodes_at_once_are_all_taken() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = cluster.empty_database().await;
    let services = services(&cluster, &database).await;
    let (acknowledged, refused) = send_events(&services, 0..250).await;
    for node in 0..NODES {
        assert_recorded(&cluster.url(node, &database), &acknowledged).await;
    }
    let mut conflicts = 0.0;
    for service in services.iter() {
        let metrics = service.get_as(ALL, "/metrics").await.body;
        let retries = metrics.lines().find_map(|line| line.strip_prefix("webhook_retries_total "));
        conflicts += retries.map_or(0.0, |retries| retries.parse::<f64>().unwrap());
    }
    print(&format!("{} webhooks to three nodes: {refused} refused, {conflicts} retries", acknowledged.len() + refused));
    assert_eq!(refused, 0);
}

/// A service on each node; the first one migrates.
async fn services(cluster: &Galera, database: &str) -> Arc<[Service]> {
    let up = call_log(&["migrate", "up"], &cluster.url(0, database));
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let starting = (0..NODES).map(|node| {
        let url = cluster.url(node, database);
        tokio::task::spawn_blocking(move || Service::start(&url, &[]))
    });
    let mut services = Vec::new();
    for service in join_all(starting).await {
        let service = service.unwrap();
        service.becomes("in-sync", 200).await;
        services.push(service);
    }
    Arc::from(services)
}

#[tokio::test(flavor = "multi_thread")]
async fn finalisers_on_three_nodes_share_the_calls_and_each_succeeds() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = cluster.empty_database().await;
    let up = call_log(&["migrate", "up"], &cluster.url(0, &database));
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let db = connect(&cluster.url(0, &database)).await;
    let insert = "INSERT INTO call_log (business_id, call_sid, status, duration, created_at) \
                  SELECT 7, CONCAT('CA', MD5(seq)), 'completed', 60, UTC_TIMESTAMP() - INTERVAL seq SECOND FROM seq_1_to_600";
    db.execute_unprepared(insert).await.unwrap();
    let finalise = ["finalise", "--once", "--finaliser-settle", "0s"];
    let runs = (0..2 * NODES).map(|number| start(&finalise, &cluster.url(number % NODES, &database)));
    let mut finalised = 0;
    for run in join_all(runs.collect::<Vec<_>>().into_iter().map(ended)).await {
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let own = run.stdout.strip_prefix("calls: ").and_then(|rest| rest.split(' ').next()).unwrap();
        finalised += own.parse::<u32>().unwrap();
    }
    assert_eq!(finalised, 600, "each call once");
    assert_eq!(
        all(&db, "SELECT CAST(COUNT(*) AS CHAR) FROM call_log WHERE estimated_cost_bucket IS NULL").await,
        ["0"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_its_cluster_is_unavailable_and_its_service_not_ready() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = cluster.empty_database().await;
    let services = services(&cluster, &database).await;
    let last = connect(&cluster.url(2, &database)).await;
    last.execute_unprepared("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'").await.unwrap();
    services[2].becomes("unreachable", 503).await;
    assert_eq!(services[0].readiness().await, ("in-sync".to_owned(), 200));
    let url = cluster.url(2, &database);
    let codes = [
        &["migrate", "up"][..],
        &["migrate", "status"],
        &["migrate", "plan"],
        &["check"],
        &["finalise", "--once"],
        &["migrate", "wait", "--timeout", "1s"],
    ]
    .map(|arguments| {
        let run = call_log(arguments, &url);
        assert!(run.stderr.contains("WSREP") || run.code == 69, "{arguments:?}: {}{}", run.stdout, run.stderr);
        (arguments[arguments.len().min(2) - 1], run.code)
    });
    last.execute_unprepared("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'").await.unwrap();
    services[2].becomes("in-sync", 200).await;
    assert_eq!(codes.map(|(_, code)| code), [69; 6], "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_behind_haproxy_loses_nothing_when_a_node_is_killed() {
    let Some(mut cluster) = Galera::alone().await else { return };
    let Some(proxy) = cluster.haproxy() else { return };
    let database = cluster.empty_database().await;
    let url = format!("mysql://root@127.0.0.1:{}/{database}", proxy.port);
    let migrators = (0..5).map(|_| start(&["migrate", "up"], &url)).collect::<Vec<_>>();
    for run in join_all(migrators.into_iter().map(ended)).await {
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    }
    let service = Service::start(&url, &[]);
    service.becomes("in-sync", 200).await;
    let services = Arc::from(vec![service]);
    let sending = tokio::spawn({
        let services = Arc::clone(&services);
        async move {
            let began = Instant::now();
            let (mut acknowledged, mut refused, mut next) = (Vec::new(), 0, 0);
            while began.elapsed() < Duration::from_secs(10) {
                let (taken, not) = send_events(&services, next..next + 25).await;
                acknowledged.extend(taken);
                refused += not;
                next += 25;
            }
            (acknowledged, refused)
        }
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    cluster.kill(0);
    let (acknowledged, refused) = sending.await.unwrap();
    for node in 1..NODES {
        assert_recorded(&cluster.url(node, &database), &acknowledged).await;
    }
    services[0].becomes("in-sync", 200).await;
    print(&format!(
        "behind HAProxy, a node killed: {} webhooks acknowledged and none of them lost, {refused} refused with 503",
        acknowledged.len()
    ));
    cluster.restart(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_tells_what_a_schema_change_does_to_the_cluster_and_finds_a_rolling_build_done() {
    let Some(cluster) = Galera::alone().await else { return };
    let database = migrated_with_rows(&cluster).await;
    let url = cluster.url(0, &database);
    assert_eq!(call_log(&["migrate", "down", "-n", "1"], &url).code, 0);
    let plan = call_log(&["migrate", "plan"], &url);
    for words in ["node of a Galera cluster", "writes to any table wait on all nodes", "wsrep_OSU_method"] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let statements: Vec<String> =
        plan.stdout.lines().map(str::trim).filter(|line| line.starts_with("CREATE INDEX")).map(str::to_owned).collect();
    assert!(!statements.is_empty(), "{}", plan.stdout);
    for node in 0..NODES {
        let db = connect(&cluster.url(node, &database)).await;
        db.execute_unprepared("SET SESSION wsrep_OSU_method = 'RSU'").await.unwrap();
        for statement in &statements {
            db.execute_unprepared(statement).await.unwrap();
        }
    }
    let began = Instant::now();
    let up = call_log(&["migrate", "up"], &url);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let took = began.elapsed();
    let began = Instant::now();
    let built = "CREATE INDEX ix_slow ON call_log (transcription(16), call_sid, created_at)";
    connect(&url).await.execute_unprepared(built).await.unwrap();
    print(&format!(
        "after a rolling build `up` took {took:.1?}; one index of {ROWS} rows takes {:.1?}",
        began.elapsed()
    ));
}

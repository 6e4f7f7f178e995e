//! Migrators and schema changes.

use std::{
    process::Child,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use migration::{
    DbErr, MigrationName, MigrationTrait, Migrator, MigratorTrait, SchemaManager,
    async_trait::async_trait,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn},
};
use sea_orm_runner::Runner;

use super::{ROWS, all, connect, ended, history, known, migrated_with_rows, print, start};
use crate::{
    it::program::{call_log, lines_beginning},
    servers::{Galera, NODES},
};

const ROUNDS: usize = 10;

const MIGRATORS: usize = 15;

pub(super) async fn fifteen_migrators_over_three_nodes_all_succeed_and_apply_each_migration_once(cluster: &mut Galera) {
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
            assert_eq!(history(cluster, node, &database).await, known(), "round {round}, node {node}");
        }
    }
    print(&format!("{MIGRATORS} migrators over three nodes, {ROUNDS} rounds: all succeeded, in {slowest:.1?} at most"));
}

/// Or somebody else could migrate meanwhile.
pub(super) async fn fresh_drops_all_tables_but_the_lock_that_it_holds(cluster: &mut Galera) {
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
    assert_eq!(history(cluster, 2, &database).await, known());
    let after = all(&db, lock).await;
    assert!(after[0].starts_with("nobody "), "{after:?}");
    let changes = |rows: &[String]| rows[0].rsplit(' ').next().unwrap().parse::<i64>().unwrap();
    assert!(changes(&after) > changes(&before), "it is the row of before, and not a new one");
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

pub(super) async fn a_node_that_is_killed_while_it_builds_an_index_leaves_what_the_next_node_finishes(
    cluster: &mut Galera,
) {
    let database = migrated_with_rows(cluster).await;
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
            assert!(too_late < 50, "it is too quick for this test");
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
            assert_eq!(history(cluster, node, &database).await, known(), "kill {kill}, node {node}");
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

/// On the same node the killed session ends, and its lease with it; another node cannot know, and waits.
pub(super) async fn the_lease_of_a_migrator_that_was_killed_expires(cluster: &mut Galera) {
    let database = migrated_with_rows(cluster).await;
    for next in [0, 1] {
        kill_a_migrator_that_builds(&cluster.url(0, &database)).await;
        let began = Instant::now();
        let up = call_log(&["migrate", "up", "--lock-wait", "60s"], &cluster.url(next, &database));
        assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
        assert!(next == 0 || up.stderr.contains("for the migration lock"), "on node {next}: {}", up.stderr);
        print(&format!("a migrator killed on node 0, the next on node {next}: done after {:.1?}", began.elapsed()));
    }
}

async fn kill_a_migrator_that_builds(url: &str) {
    let db = connect(url).await;
    for _ in 0..50 {
        let down = call_log(&["migrate", "down", "-n", "1"], url);
        assert_eq!(down.code, 0, "{}", down.stderr);
        let mut migrator = start(&["migrate", "up"], url);
        let is_in_time = builds(&db, &mut migrator).await;
        migrator.kill().unwrap();
        migrator.wait().unwrap();
        // It may have come to its end between the look and the kill.
        let recorded = all(&db, "SELECT version FROM seaql_migrations").await;
        if is_in_time && recorded.len() < known().len() {
            return;
        }
    }
    panic!("it is too quick for this test");
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

pub(super) async fn a_migration_that_finds_its_statement_done_looks_again_unless_it_has_changed_rows(
    cluster: &mut Galera,
) {
    let database = cluster.empty_database().await;
    let db = connect(&cluster.url(0, &database)).await;
    Runner::new().up::<Overtaken>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert_eq!(history(cluster, 1, &database).await, ["m1_overtaken"]);

    let database = cluster.empty_database().await;
    let db = connect(&cluster.url(0, &database)).await;
    let failed = Runner::new().up::<OvertakenWithRows>(&DatabaseExecutor::Connection(&db), None).await;
    assert_eq!(failed.unwrap_err().exit_code(), 1);
    assert_eq!(all(&db, "SELECT CAST(COUNT(*) AS CHAR) FROM changed").await, ["1"], "it ran once");
}

pub(super) async fn the_plan_tells_what_a_schema_change_does_to_the_cluster_and_finds_a_rolling_build_done(
    cluster: &mut Galera,
) {
    let database = migrated_with_rows(cluster).await;
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

//! A Galera cluster: three nodes that all take writes and schema changes. What is tried on it is one test, which takes the
//! cluster through one scenario after the other while the other tests run beside it.

mod migrating;
mod serving;

use std::{
    panic::AssertUnwindSafe,
    process::{Child, Command, Stdio},
};

use futures_util::{FutureExt, future::LocalBoxFuture};
use migration::{
    Migrator, MigratorTrait,
    sea_orm::{ConnectOptions, ConnectionTrait, Database, DbConn, Statement},
};

use crate::{
    it::program::{Run, call_log},
    servers::{Galera, NODES},
};

type Scenario = for<'a> fn(&'a mut Galera) -> LocalBoxFuture<'a, ()>;

macro_rules! scenarios {
    ($($module:ident::$name:ident,)*) => {
        [$((stringify!($name), |cluster| $module::$name(cluster).boxed_local())),*]
    };
}

const SCENARIOS: [(&str, Scenario); 11] = scenarios![
    migrating::fifteen_migrators_over_three_nodes_all_succeed_and_apply_each_migration_once,
    migrating::fresh_drops_all_tables_but_the_lock_that_it_holds,
    migrating::a_node_that_is_killed_while_it_builds_an_index_leaves_what_the_next_node_finishes,
    migrating::the_lease_of_a_migrator_that_was_killed_expires,
    migrating::a_migration_that_finds_its_statement_done_looks_again_unless_it_has_changed_rows,
    migrating::the_plan_tells_what_a_schema_change_does_to_the_cluster_and_finds_a_rolling_build_done,
    serving::services_that_migrate_on_each_node_all_serve,
    serving::webhooks_of_the_same_calls_to_three_nodes_at_once_are_all_taken,
    serving::finalisers_on_three_nodes_share_the_calls_and_each_succeeds,
    serving::a_node_without_its_cluster_is_unavailable_and_its_service_not_ready,
    serving::a_service_behind_haproxy_loses_nothing_when_a_node_is_killed,
];

/// `TEST_SCENARIO=haproxy` leaves those with `haproxy` in their name.
#[expect(clippy::disallowed_methods, reason = "the settings of the tests are read here")]
#[tokio::test(flavor = "multi_thread")]
async fn galera_keeps_what_is_promised() {
    let Some(mut cluster) = Galera::start() else { return };
    let wanted = std::env::var("TEST_SCENARIO").unwrap_or_default();
    let mut failed = Vec::new();
    for (name, scenario) in SCENARIOS.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        // On a machine that is too busy the cluster itself fails: once more then.
        for attempt in 1.. {
            print(name);
            let has_failed = AssertUnwindSafe(scenario(&mut cluster)).catch_unwind().await.is_err();
            (0..NODES).for_each(|node| cluster.restart(node));
            let had_lost_quorum = cluster.had_lost_quorum();
            if has_failed && had_lost_quorum && attempt < 3 {
                continue;
            }
            if has_failed {
                failed.push(name);
            }
            break;
        }
    }
    assert!(failed.is_empty(), "failed, for the reasons above: {failed:#?}");
}

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

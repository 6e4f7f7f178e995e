//! Webhooks at full speed through faults of every kind: the table in `docs/reliability.md`.
//!
//! `cargo test --test workspace reliability::reliability -- --ignored --nocapture` prints it, in about ten minutes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what it is run for")]

mod full_disk;
mod load;
mod measured;

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::future::join_all;
use http_body_util::Full;
use hyper::Request;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbConn};

use super::{
    proxy::Proxy,
    serving::{ALL, Service, migrated},
};
use crate::servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    find, pgbouncer_with, replicated_postgres,
};
use load::{FAULT_WINDOW, LoadGenerator, open, sleep_until};

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
    full_disk::of_sqlite().await;
    full_disk::of_postgres().await;
    full_disk::of_mariadb().await;
}

async fn nothing_special(name: &str, server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = LoadGenerator::new(&service);
    let before = service.processor_time();
    load.run(async {}).await;
    let used = service.processor_time().saturating_sub(before);
    load.report_and_assert(&format!("{name}, nothing special"), &db, false).await;
    let accepted = load.accepted.load(SeqCst);
    let each = used.as_secs_f64() * 1_000.0 / u32::try_from(accepted).map(f64::from).unwrap();
    eprintln!("{name}: {accepted} webhooks, {each:.2} ms of the service's processor time each");
}

async fn pooler() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let Some((_pooler, url)) = pgbouncer_with(&database, 5, "") else { return };
    let service = Service::start(&url, &[]);
    let load = LoadGenerator::new(&service);
    load.run(async {}).await;
    load.report_and_assert("through PgBouncer, 5 sessions", &db, false).await;
}

/// More readers than there are connections for them, each of which wants the costs of all calls or a rare status.
async fn lists() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    super::pools::fill(&db, 500_000).await;
    let service = Service::start(&database.url, &[]);
    let load = LoadGenerator::new(&service);
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
                    load.send(request).await;
                    read.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    load.run(async {}).await;
    join_all(readers).await.into_iter().for_each(Result::unwrap);
    load.report_and_assert(
        &format!("beside 20 readers of lists and costs ({} answers)", read.load(SeqCst)),
        &db,
        false,
    )
    .await;
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
    let load = LoadGenerator::new(&service);
    load.run(async {
        sleep_until(&load, FAULT_WINDOW.start).await;
        control(&db, &["-m", "fast", "restart"]).await;
    })
    .await;
    load.report_and_assert("restart of the database", &open(&url).await, true).await;
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
    let load = LoadGenerator::new(&service);
    load.run(async {
        sleep_until(&load, FAULT_WINDOW.start).await;
        control(&primary, &["-m", "immediate", "stop"]).await;
        standby.execute_unprepared("ALTER SYSTEM SET synchronous_standby_names = ''").await.unwrap();
        standby.execute_unprepared("SELECT pg_promote()").await.unwrap();
        address.close().await;
        address.lead_to(&url("127.0.0.2"));
        address.open();
    })
    .await;
    load.report_and_assert("failover to a promoted replica", &standby, true).await;
}

async fn killed_service() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = LoadGenerator::new(&service);
    let mut restarted = None;
    load.run(async {
        sleep_until(&load, FAULT_WINDOW.start).await;
        service.signal("KILL");
        tokio::time::sleep(Duration::from_secs(2)).await;
        let service = Service::start(&database.url, &[]);
        load.address.lock().unwrap().clone_from(&service.address);
        restarted = Some(service);
    })
    .await;
    load.report_and_assert("`kill -9` of the service, started again after 2 s", &db, true).await;
}

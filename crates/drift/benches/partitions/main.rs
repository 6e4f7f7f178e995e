//! The check of one table as it is, and divided into a thousand partitions (PostgreSQL). Prints Markdown.
//!
//! `cargo bench -p sea-orm-drift --bench partitions`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the rest to stderr")]

#[path = "../check/samples.rs"]
mod samples;
#[path = "../workload/mod.rs"]
#[expect(dead_code, unused_imports, reason = "SQLite and the command line are for the other benchmarks")]
mod workload;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use samples::Samples;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use workload::{Backend, Result, entities, version};

const PARTITIONS: usize = 1_000;
const ROUNDS: usize = 201;

#[tokio::main]
async fn main() -> Result<()> {
    // Under `cargo test --benches` it is enough to see that it runs.
    let measures = std::env::args().any(|argument| argument == "--bench");
    let (partitions, rounds) = if measures { (PARTITIONS, ROUNDS) } else { (10, 1) };
    let Some(server) = Backend::Postgres.start()? else { return Ok(()) };
    let databases = [server.create_database("plain").await?, server.create_database("partitioned").await?];
    let mut connections = Vec::new();
    for (database, partitions) in databases.iter().zip([0, partitions]) {
        let db = database.connect().await?;
        create_table(&db, partitions).await?;
        database.settle(&db).await?;
        db.close().await?;
        connections.push(database.connect().await?);
    }

    // As a server does by default, and as the programs of this project ask: its estimates make it compile statements.
    let mut rows = Vec::new();
    let name = version(&connections[0], server.backend).await?;
    for jit in ["on", "off"] {
        for db in &connections {
            db.execute_unprepared(&format!("SET jit = {jit}")).await?;
        }
        let [plain, partitioned] = checks(&connections, rounds).await?.map(Samples::of);
        rows.push(format!("| {name}, `jit = {jit}` | {plain} | {partitioned} | {:.2} |", partitioned.ratio(&plain)));
    }
    for db in connections {
        db.close().await?;
    }
    for database in databases {
        server.drop_database(database).await?;
    }
    println!("\n| database | plain table | {partitions} partitions | ratio |\n|---|--:|--:|--:|\n{}", rows.join("\n"));
    Ok(())
}

/// The times of each, in turns.
async fn checks(connections: &[DatabaseConnection], rounds: usize) -> Result<[Vec<Duration>; 2]> {
    let entities = entities(1);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (db, times) in connections.iter().zip(&mut times) {
            let start = Instant::now();
            let report = black_box(entities.check(db).await?);
            times.push(start.elapsed());
            if report.compared.columns != 20 {
                return Err(format!("the table was not compared\n\n{report}").into());
            }
        }
    }
    Ok(times)
}

/// The same columns and keys with and without partitions; each unique key contains the partition key.
async fn create_table(db: &DatabaseConnection, partitions: usize) -> Result<()> {
    workload::create_tables(db, 1).await?;
    let by = if partitions == 0 { "" } else { "PARTITION BY HASH (reference)" };
    db.execute_unprepared(&format!(
        "ALTER TABLE order_0 RENAME TO sample;
         CREATE TABLE order_0 (LIKE sample INCLUDING DEFAULTS, PRIMARY KEY (id, reference), UNIQUE (reference)) {by};
         CREATE INDEX ON order_0 (customer_id); CREATE INDEX ON order_0 (status);"
    ))
    .await?;
    // PostgreSQL locks each table until the end of a transaction, and has room for some thousands of locks.
    for first in (0..partitions).step_by(100) {
        let transaction = db.begin().await?;
        for number in first..(first + 100).min(partitions) {
            let bound = format!("WITH (MODULUS {partitions}, REMAINDER {number})");
            let sql = format!("CREATE TABLE order_0_{number} PARTITION OF order_0 FOR VALUES {bound}");
            transaction.execute_unprepared(&sql).await?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

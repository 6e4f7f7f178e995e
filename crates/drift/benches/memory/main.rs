//! How much memory the check takes at its peak, beyond what it found in use. Prints Markdown. Apart from the benchmark
//! of time, because counting takes time.
//!
//! What the `SQLite` library and the servers take for themselves is not counted.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

#[path = "../workload/mod.rs"]
mod workload;

use peak_alloc::PeakAlloc;
use sea_orm::DatabaseConnection;
use sea_orm_drift::Entities;
use workload::{Result, Selection, Server, assert_in_sync, create, entities, version};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[tokio::main]
async fn main() -> Result<()> {
    let selection = Selection::from_arguments(&[])?;
    println!("\n| database | tables | peak | for each table |\n|---|--:|--:|--:|");
    for backend in &selection.backends {
        let Some(server) = backend.start()? else { continue };
        for size in &selection.sizes {
            eprintln!("{}, {size} tables", backend.name());
            println!("{}", row(&server, *size).await?);
        }
    }
    Ok(())
}

async fn row(server: &Server, tables: usize) -> Result<String> {
    let database = server.create_database(&format!("of_{tables}")).await?;
    create(&database, tables).await?;
    let db = database.connect().await?;
    let entities = entities(tables);
    assert_in_sync(&db, &entities).await?;

    let peak = peak(&db, &entities).await?;
    let name = version(&db, server.backend).await?;
    db.close().await?;
    server.drop_database(database).await?;
    let per_table = peak / tables;
    Ok(format!("| {name} | {tables} | {} KiB | {} KiB |", peak / 1024, per_table / 1024))
}

/// Bytes in use at the peak of one check, beyond those before it.
async fn peak(db: &DatabaseConnection, entities: &Entities) -> Result<usize> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    drop(entities.check(db).await?);
    Ok(MEMORY.peak_usage().saturating_sub(before))
}

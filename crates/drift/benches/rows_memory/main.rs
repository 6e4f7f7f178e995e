//! How much memory `check --rows --decode` takes at its peak, beyond what it found in use. Prints Markdown. Apart from the
//! benchmark of time, because counting takes time.
//!
//! What the `SQLite` library and the servers take for themselves is not counted.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

#[path = "../rows/table.rs"]
#[expect(dead_code, reason = "the bare SELECT is measured elsewhere")]
mod table;
#[path = "../workload/mod.rs"]
#[expect(dead_code, unused_imports, reason = "its tables are those of the check of the schema")]
mod workload;

use peak_alloc::PeakAlloc;
use table::{SIZES, create, decode};
use workload::{Backend, Result, Server, version};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[tokio::main]
async fn main() -> Result<()> {
    let is_measured = std::env::args().any(|argument| argument == "--bench");
    let (backends, sizes) =
        if is_measured { (Backend::ALL.to_vec(), SIZES) } else { (vec![Backend::Sqlite], [100, 100]) };
    println!("\n| database | {} rows | {} rows | ratio |\n|---|--:|--:|--:|", sizes[0], sizes[1]);
    for backend in backends {
        let Some(server) = backend.start()? else { continue };
        eprintln!("{}", backend.name());
        let (name, few) = peak(&server, sizes[0]).await?;
        let (_, many) = peak(&server, sizes[1]).await?;
        let ratio = f64::from(u32::try_from(many)?) / f64::from(u32::try_from(few)?);
        println!("| {name} | {} KiB | {} KiB | {ratio:.2} |", few / 1024, many / 1024);
    }
    Ok(())
}

/// What the server calls itself, and the bytes in use at the peak of one check, beyond those before it.
async fn peak(server: &Server, rows: u64) -> Result<(String, usize)> {
    let database = server.create_database(&format!("rows_{rows}")).await?;
    create(&database, rows).await?;
    let db = database.connect().await?;
    let name = version(&db, server.backend).await?;
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    decode(&db).await?;
    let peak = MEMORY.peak_usage().saturating_sub(before);
    db.close().await?;
    server.drop_database(database).await?;
    Ok((name, peak))
}

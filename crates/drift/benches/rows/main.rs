//! How fast `check --rows --decode` reads a table, beside the bare SELECT of the same columns through sqlx. Prints Markdown.
//!
//! `cargo bench -p sea-orm-drift --bench rows -- postgresql` measures one database.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

mod table;
#[path = "../workload/mod.rs"]
#[expect(dead_code, unused_imports, reason = "its tables are those of the check of the schema")]
mod workload;

use std::time::Instant;

use table::{Bare, SIZES, create, decode, select};
use workload::{Backend, Result, Server, version};

const ROUNDS: usize = 5;

#[tokio::main]
async fn main() -> Result<()> {
    let (backends, rows) = selection()?;
    println!("\n| database | rows | bare SELECT | with each value | `--rows --decode` | of the bare SELECT |");
    println!("|---|--:|--:|--:|--:|--:|");
    for backend in backends {
        let Some(server) = backend.start()? else { continue };
        eprintln!("{}, {rows} rows", backend.name());
        println!("{}", row(&server, rows).await?);
    }
    Ok(())
}

/// The databases of the command line, or all; under `cargo test --benches` it is enough to see that it runs.
fn selection() -> Result<(Vec<Backend>, u64)> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok((vec![Backend::Sqlite], 100));
    }
    let mut backends = Vec::new();
    for word in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        let named = Backend::ALL.into_iter().find(|backend| backend.name().eq_ignore_ascii_case(word));
        backends.push(named.ok_or_else(|| format!("`{word}` is none of postgresql mariadb sqlite"))?);
    }
    Ok((if backends.is_empty() { Backend::ALL.to_vec() } else { backends }, SIZES[1]))
}

async fn row(server: &Server, rows: u64) -> Result<String> {
    let database = server.create_database("rows").await?;
    create(&database, rows).await?;
    let db = database.connect().await?;
    let mut seconds: [Vec<f64>; 3] = Default::default();
    // Alternating, so that other work on the machine hits all of them. The first round warms the caches.
    for round in 0..=ROUNDS {
        for (number, seconds) in seconds.iter_mut().enumerate() {
            let began = Instant::now();
            let read = match number {
                0 => select(&db, server.backend, Bare::Rows).await?,
                1 => select(&db, server.backend, Bare::Values).await?,
                _ => decode(&db).await?,
            };
            let took = began.elapsed().as_secs_f64();
            assert_eq!(read, rows, "each reads every row");
            if round > 0 {
                seconds.push(took);
            }
        }
    }
    let name = version(&db, server.backend).await?;
    db.close().await?;
    server.drop_database(database).await?;
    let [bare, values, decode] = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    });
    Ok(format!("| {name} | {rows} | {bare:.2} s | {values:.2} s | {decode:.2} s | {:.2} |", bare / decode))
}

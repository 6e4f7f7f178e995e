//! How long the check takes, beside the least that its questions cost, beside `SchemaBuilder::sync`, and beside other programs
//! that read the same catalogue. Prints Markdown.
//!
//! `cargo bench -p sea-orm-drift --bench check -- postgresql 100 --without-sync` measures less.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

mod neighbours;
mod peers;
mod samples;
mod side_by_side;
mod statements;
mod sync;
#[path = "../workload/mod.rs"]
mod workload;

use workload::{Result, SIZES, Selection};

#[tokio::main]
async fn main() -> Result<()> {
    let selection = Selection::from_arguments(&[neighbours::MANY])?;
    let without_sync = std::env::args().any(|argument| argument == "--without-sync");
    let (mut side_by_side, mut peers, mut neighbours) = (Vec::new(), Vec::new(), Vec::new());
    for backend in &selection.backends {
        let Some(server) = backend.start()? else { continue };
        for size in &selection.sizes {
            eprintln!("{}, {size} tables", backend.name());
            if SIZES.contains(size) {
                if !without_sync {
                    side_by_side.push(side_by_side::row(&server, *size).await?);
                }
                peers.extend(peers::rows(&server, *size).await?);
            } else {
                neighbours.push(neighbours::row(&server).await?);
            }
        }
    }
    print("Median (shortest..longest):", side_by_side::HEADER, &side_by_side);
    print("Beside other programs, in turns:", peers::HEADER, &peers);
    print("One entity, with other tables around it:", neighbours::HEADER, &neighbours);
    Ok(())
}

fn print(title: &str, header: &str, rows: &[String]) {
    if !rows.is_empty() {
        println!("\n{title}\n\n{header}\n{}", rows.join("\n"));
    }
}

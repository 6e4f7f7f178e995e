//! `generate` for a hundred entities, beside what nobody gets around: the run of the migrations, and one check. Prints Markdown.
//!
//! `cargo bench -p sea-orm-kit --bench generate`

#![expect(clippy::print_stdout, reason = "the table goes to stdout")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends where something fails")]

use std::time::Instant;

use sea_orm_drift::Entities;
use sea_orm_kit::generate::{Decisions, Scratch, find_missing_migrations};
use sea_orm_migration::sea_orm::sea_query::{ColumnDef, ForeignKey, Index, Table};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

const TABLES: usize = 100;
const ROUNDS: usize = 9;

/// Each of ten columns, with an index, a unique key, and a foreign key to the one before.
fn entities(tables: usize, has_new_column: bool) -> Entities {
    (0..tables).fold(Entities::new(), |entities, number| {
        let name = format!("entity_{number:03}");
        let mut table = Table::create().table(name.clone()).take();
        table.col(ColumnDef::new("id").integer().not_null().auto_increment().primary_key());
        table.col(ColumnDef::new("email").string_len(80).not_null().unique_key());
        for column in 0..6 {
            table.col(ColumnDef::new(format!("count_{column}")).big_integer().not_null().default(0));
        }
        table.col(ColumnDef::new("at").date_time());
        table.col(ColumnDef::new("parent_id").integer());
        if has_new_column && number == tables / 2 {
            table.col(ColumnDef::new("note").string_len(80));
        }
        if number > 0 {
            let parent = format!("entity_{:03}", number - 1);
            let mut key =
                ForeignKey::create().name(format!("fk-{name}")).from(name.clone(), "parent_id").to(parent, "id").take();
            table.foreign_key(&mut key);
        }
        let index = Index::create().name(format!("ix_{name}")).table(name).col("at").take();
        entities.add_table(table, vec![index])
    })
}

/// Beside an empty database, which must stay as long.
async fn scratch(server: Server) -> Option<(Scratch, Option<test_servers::Database>)> {
    if server == Sqlite {
        return Some((Scratch::in_memory().await.unwrap(), None));
    }
    let database = server.empty_database().await?;
    Some((Scratch::at_url(&database.url.parse().unwrap()).await.unwrap(), Some(database)))
}

/// Seconds for: the migrations that exist, one check, the first migration of all tables, the migration of one new column.
async fn round(server: Server, tables: usize) -> Option<[f64; 4]> {
    let ((empty, _beside_empty), (built, _beside_built)) = (scratch(server).await?, scratch(server).await?);
    let (one, two) = (entities(tables, false), entities(tables, true));
    let start = Instant::now();
    let first = find_missing_migrations(empty.db(), &one, Decisions::default(), &[], None).await.unwrap();
    let first_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    for migration in &first.migrations {
        migration.up(built.db()).await.unwrap();
    }
    let run = start.elapsed().as_secs_f64();
    let start = Instant::now();
    assert!(one.check(built.db()).await.unwrap().is_in_sync());
    let check = start.elapsed().as_secs_f64();
    let start = Instant::now();
    assert_eq!(
        find_missing_migrations(built.db(), &two, Decisions::default(), &[], None).await.unwrap().migrations.len(),
        1
    );
    let column = start.elapsed().as_secs_f64();
    empty.remove().await.unwrap();
    built.remove().await.unwrap();
    Some([run, check, first_seconds, column])
}

#[tokio::main]
async fn main() {
    // Under `cargo test --benches` it is enough to see that it runs.
    let measures = std::env::args().any(|argument| argument == "--bench");
    let (tables, rounds) = if measures { (TABLES, ROUNDS) } else { (3, 1) };
    println!("| database | run | check | first migration | ratio | one new column, with the run | ratio |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for server in [Postgres, MySqlOrMariaDb, Sqlite] {
        let mut samples: [Vec<f64>; 4] = Default::default();
        for _ in 0..rounds {
            let Some(seconds) = round(server, tables).await else { break };
            for (samples, seconds) in samples.iter_mut().zip(seconds) {
                samples.push(seconds);
            }
        }
        if samples[0].is_empty() {
            continue;
        }
        let ratio = |of: &dyn Fn(usize) -> f64| {
            median((0..rounds).map(|round| of(round) / (samples[0][round] + samples[1][round])).collect())
        };
        let (first_ratio, column_ratio) =
            (ratio(&|round| samples[2][round]), ratio(&|round| samples[0][round] + samples[3][round]));
        let [run, check, first, column] = samples.map(median);
        println!(
            "| {server:?} | {run:.2} s | {check:.3} s | {first:.2} s | {first_ratio:.1} | {:.2} s | {column_ratio:.1} |",
            run + column
        );
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

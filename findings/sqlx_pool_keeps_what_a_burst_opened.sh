#!/usr/bin/env bash
# sqlx 0.9.0, the pool below SeaORM: ten connections that one burst opened stay open for good, though one query at a time follows.
#
# `idle_timeout` closes a connection that nobody has used for that long. But the pool hands out the connection that has waited
# longest, not the one that came back last. So queries that come one after the other go round all ten, and each of them is used again
# in time. With the default of ten minutes, a query a minute keeps ten connections open; a server counts them against
# its limit for as long as the program runs. Each of them also prepares every statement of its own.
#
# Needs cargo and a C compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$folder"
cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sqlx@=0.9.0 --no-default-features --features sqlite,runtime-tokio
cargo add --quiet tokio@=1.54.1 --features macros,rt,time
cat >src/main.rs <<'RUST'
use std::time::Duration;

use sqlx::sqlite::SqlitePoolOptions;

const IDLE_TIMEOUT: Duration = Duration::from_secs(2);

/// How many connections are open five idle timeouts after ten were needed at once, with these pauses between two queries.
async fn open(pause: Duration) -> Result<u32, sqlx::Error> {
    let options = SqlitePoolOptions::new().max_connections(10).idle_timeout(IDLE_TIMEOUT).max_lifetime(None);
    let pool = options.connect("sqlite::memory:").await?;
    let mut burst = Vec::new();
    for _ in 0..10 {
        burst.push(pool.acquire().await?);
    }
    drop(burst);
    let mut waited = Duration::ZERO;
    while waited < 5 * IDLE_TIMEOUT {
        tokio::time::sleep(pause).await;
        waited += pause;
        if waited < 5 * IDLE_TIMEOUT {
            sqlx::query("SELECT 1").execute(&pool).await?;
        }
    }
    Ok(pool.size())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    println!("a query every 0.1 s: {}", open(Duration::from_millis(100)).await?);
    println!("no query: {}", open(5 * IDLE_TIMEOUT).await?);
    Ok(())
}
RUST

expected='a query every 0.1 s: 10
no query: 0'
actual=$(cargo run --quiet)
cargo tree --quiet --depth 1 --prefix none --invert sqlx-core | head -n 1
echo "connections that are open ten seconds after a burst of ten, with an idle timeout of two seconds:"
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

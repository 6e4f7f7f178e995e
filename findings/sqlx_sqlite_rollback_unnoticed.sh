#!/usr/bin/env bash
# sqlx 0.9.0 on SQLite: after SQLite itself has ended a transaction, writes are acknowledged and never committed.
#
# SQLite rolls a whole transaction back by itself where a constraint says ON CONFLICT ROLLBACK, a trigger says RAISE(ROLLBACK), or
# the disk is full. sqlx goes on counting it as open: its ROLLBACK fails, the next `begin` sends SAVEPOINT, which opens a new
# transaction, and the rollback of that sends ROLLBACK TO, which leaves it open. What is then written outside a transaction
# returns Ok, can be read on that connection, and is gone when the connection closes. Each call alone is as documented.
#
# Needs cargo and a C compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sqlx@=0.9.0 --no-default-features --features runtime-tokio,sqlite
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use sqlx::{SqlitePool, query, query_scalar, sqlite::SqlitePoolOptions};

async fn connect() -> Result<SqlitePool, sqlx::Error> {
    let url = std::env::var("DATABASE_URL").expect("set by the script");
    SqlitePoolOptions::new().max_connections(1).connect(&url).await
}

async fn names(pool: &SqlitePool) -> Result<Vec<String>, sqlx::Error> {
    query_scalar("SELECT name FROM account ORDER BY name").fetch_all(pool).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let pool = connect().await?;
    query("CREATE TABLE account (name text UNIQUE ON CONFLICT ROLLBACK)").execute(&pool).await?;
    query("INSERT INTO account VALUES ('ann')").execute(&pool).await?;

    let mut ended_by_sqlite = pool.begin().await?;
    let failed = query("INSERT INTO account VALUES ('ann')").execute(&mut *ended_by_sqlite).await;
    println!("duplicate refused: {}", failed.is_err());
    drop(ended_by_sqlite);

    let mut next = pool.begin().await?;
    query("INSERT INTO account VALUES ('bob')").execute(&mut *next).await?;
    next.rollback().await?;

    let written = query("INSERT INTO account VALUES ('eve')").execute(&pool).await?;
    println!("rows written outside a transaction: {}", written.rows_affected());
    println!("read on the same connection: {}", names(&pool).await?.join(", "));
    pool.close().await;
    println!("read on a new connection: {}", names(&connect().await?).await?.join(", "));
    Ok(())
}
RUST
export DATABASE_URL="sqlite://$folder/accounts.db?mode=rwc"

cargo build --quiet
cargo tree --quiet --depth 0 --prefix none --package sqlx
expected="duplicate refused: true
rows written outside a transaction: 1
read on the same connection: ann, eve
read on a new connection: ann"
actual=$(cargo run --quiet)
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

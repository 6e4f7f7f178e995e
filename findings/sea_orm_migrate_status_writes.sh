#!/usr/bin/env bash
# sea-orm-migration 2.0.4: `migrate status` writes to the database, and ends with 0 while a migration is pending.
#
# It looks like a question, so it is tempting as a gate in CI. But it creates the table `seaql_migrations` first, so asking changes
# an empty database, and its exit code does not depend on what is pending: only its text does.
#
# Needs cargo and a C compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sea-orm-migration@=2.0.4 --no-default-features --features cli,runtime-tokio,sqlx-sqlite
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

struct Create;

impl MigrationName for Create {
    fn name(&self) -> &str {
        "m20260101_000001_create"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Create {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(Table::create().table("account").col(ColumnDef::new("id").integer()).to_owned()).await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    cli::run_cli(Migrator).await;
}
RUST
mkdir examples
cat >examples/tables.rs <<'RUST'
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DbBackend, DbErr, Statement};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    let db = Database::connect(std::env::var("DATABASE_URL").expect("set by the script")).await?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    for row in db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await? {
        println!("{}", row.try_get_by_index::<String>(0)?);
    }
    Ok(())
}
RUST
export DATABASE_URL="sqlite://$folder/empty.db?mode=rwc"

cargo build --quiet --bins --examples
before=$(cargo run --quiet --example tables)
code=0
text=$(cargo run --quiet -- status 2>&1) || code=$?
after=$(cargo run --quiet --example tables)
cargo tree --quiet --depth 0 --prefix none --package sea-orm-migration
expected="tables before: none
Checking migration status
Migration 'm20260101_000001_create'... Pending
exit code: 0
tables after: seaql_migrations"
actual=$(printf 'tables before: %s\n%s\nexit code: %s\ntables after: %s' "${before:-none}" "$text" "$code" "${after:-none}")
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

#!/usr/bin/env bash
# sea-orm 2.0.4: `SchemaBuilder::sync` drops a unique index, although its documentation says "Sync only adds".
#
# An entity cannot declare every unique index that a table has, and a migration or a database administrator may have created
# one that it does not declare. `sync` takes such an index for an old one of its own and drops it. Duplicates get in from
# then on, and `ON CONFLICT` on these columns fails. An undeclared index that is not unique stays.
#
# Needs cargo and a C compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sea-orm@=2.0.4 --no-default-features --features macros,runtime-tokio,schema-sync,sqlx-sqlite
cargo add --quiet sqlx@=0.9.0 --no-default-features
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

mod account {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub email: String,
        pub name: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn indexes(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    let db = Database::connect("sqlite::memory:").await?;
    // What a migration created.
    db.execute_unprepared("CREATE TABLE account (id integer PRIMARY KEY, email varchar NOT NULL, name varchar NOT NULL)").await?;
    db.execute_unprepared("CREATE UNIQUE INDEX account_email ON account (email)").await?;
    db.execute_unprepared("CREATE INDEX account_name ON account (name)").await?;
    println!("before: {}", indexes(&db).await?.join(", "));
    db.get_schema_builder().register(account::Entity).sync(&db).await?;
    println!("after sync: {}", indexes(&db).await?.join(", "));
    Ok(())
}
RUST

expected='before: account_email, account_name
after sync: account_name'
actual=$(cargo run --quiet)
cargo tree --quiet --depth 0 --prefix none --package sea-orm
echo "indexes of the table:"
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

#!/usr/bin/env bash
# sea-orm 2.0.4 on SQLite: a field of the type `u64` gets a column, takes values, and cannot be read back.
#
# `create_table_from_entity` writes `integer`, the insert stores the number, and then `RETURNING` and every later read end with "u64
# unsupported by sqlx-sqlite". So an insert fails after it has taken effect, and a row that is there breaks each query of its table.
# The same entity works on MySQL. Nothing warns when it is compiled, or when the table is created. PostgreSQL does the same with `u8`,
# `u16` and `u64`.
#
# Needs cargo and a C compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sea-orm@=2.0.4 --no-default-features --features macros,runtime-tokio,sqlx-sqlite
cargo add --quiet sqlx@=0.9.0 --no-default-features
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectOptions, ConnectionTrait, Database, DbErr, EntityTrait, PaginatorTrait, Schema,
};

mod disk {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "disk")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub bytes: u64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    let db = Database::connect(ConnectOptions::new("sqlite::memory:").max_connections(1).to_owned()).await?;
    db.execute(&Schema::new(db.get_database_backend()).create_table_from_entity(disk::Entity)).await?;
    let disk = disk::ActiveModel { bytes: Set(7), ..Default::default() };
    println!("insert: {}", disk.insert(&db).await.map_or_else(|error| error.to_string(), |disk| disk.bytes.to_string()));
    println!("rows: {}", disk::Entity::find().count(&db).await?);
    let read = disk::Entity::find().one(&db).await;
    println!("read: {}", read.map_or_else(|error| error.to_string(), |disk| format!("{disk:?}")));
    Ok(())
}
RUST

expected='insert: Type Error: u64 unsupported by sqlx-sqlite
rows: 1
read: Type Error: u64 unsupported by sqlx-sqlite'
actual=$(cargo run --quiet)
cargo tree --quiet --depth 0 --prefix none --package sea-orm
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

#!/usr/bin/env bash
# sea-orm 2.0.4 on MariaDB: an upsert that finds the row as it shall be fails with "None of the records are inserted".
#
# The first upsert with new values updates the row. The same upsert again changes nothing, the server reports the insert id 0, and SeaORM
# takes that for an insert that did not happen. So to repeat an upsert, as after a lost connection or for a message that is delivered
# twice, is an error, on MySQL and MariaDB alone: PostgreSQL and SQLite return the key. The primary key must count by itself.
# `exec_without_returning` avoids it.
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
mariadb-install-db --no-defaults --user="$user" --datadir="$folder/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/log"
"$(command -v mariadbd || echo /usr/sbin/mariadbd)" --no-defaults --user="$user" --datadir="$folder/data" --skip-networking \
    --socket="$folder/socket" >>"$folder/log" 2>&1 </dev/null &
until mariadb-admin --no-defaults --socket="$folder/socket" --user=root --silent ping >/dev/null 2>&1; do sleep 0.1; done
mariadb-admin --no-defaults --socket="$folder/socket" --user=root create surprise

cd "$folder"
cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sea-orm@=2.0.4 --no-default-features --features macros,runtime-tokio,sqlx-mysql,sqlx-sqlite
cargo add --quiet sqlx@=0.9.0 --no-default-features
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use sea_orm::{
    ActiveValue::Set, ConnectOptions, ConnectionTrait, Database, DbErr, EntityTrait, Schema, sea_query::OnConflict,
};

mod stock {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub pieces: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    for url in [std::env::var("DATABASE_URL").expect("set by the script"), "sqlite::memory:".to_owned()] {
        let db = Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await?;
        db.execute(&Schema::new(db.get_database_backend()).create_table_from_entity(stock::Entity)).await?;
        for pieces in [7, 8, 8] {
            let update = OnConflict::column(stock::Column::Id).update_column(stock::Column::Pieces).to_owned();
            let upsert = stock::Entity::insert(stock::ActiveModel { id: Set(1), pieces: Set(pieces) }).on_conflict(update);
            let outcome = upsert.exec(&db).await;
            let outcome = outcome.map_or_else(|error| error.to_string(), |done| format!("id {}", done.last_insert_id));
            println!("{:?}: {pieces} pieces: {outcome}", db.get_database_backend());
        }
    }
    Ok(())
}
RUST
export DATABASE_URL="mysql://root@localhost/surprise?socket=$folder/socket"

expected='MySql: 7 pieces: id 1
MySql: 8 pieces: id 1
MySql: 8 pieces: None of the records are inserted
Sqlite: 7 pieces: id 1
Sqlite: 8 pieces: id 1
Sqlite: 8 pieces: id 1'
actual=$(cargo run --quiet)
"$(command -v mariadbd || echo /usr/sbin/mariadbd)" --version
cargo tree --quiet --depth 0 --prefix none --package sea-orm
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

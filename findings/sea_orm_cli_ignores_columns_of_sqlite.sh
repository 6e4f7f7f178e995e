#!/usr/bin/env bash
# sea-orm-cli 2.0.4 on SQLite: `generate entity` tells SeaORM to ignore columns of the types `numeric(10,2)`, `date` and `datetime`.
#
# It writes `#[sea_orm(ignore, column_type = "custom(\"date\")", select_as = "text")] pub due: String`. The field is there, and the entity
# compiles, but it is no column: each read fills it with an empty text, whatever the row holds, and no insert can name it, so that
# an insert fails where the column is NOT NULL. `decimal(10,2)`, which SQLite treats like `numeric(10,2)`, becomes a `Decimal` and works.
#
# Needs cargo, a C compiler and python3 (its sqlite3); some minutes to compile.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo install --quiet --locked --root "$folder" sea-orm-cli@2.0.4
cd "$folder"
python3 - <<'PYTHON'
import sqlite3

sqlite3.connect("books.db").executescript("""
CREATE TABLE invoice (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    total numeric(10,2) NOT NULL,
    paid decimal(10,2) NOT NULL,
    due date NOT NULL
);
INSERT INTO invoice (total, paid, due) VALUES (12.5, 3.25, '2026-11-30');
""")
PYTHON
cargo init --quiet --vcs none --name surprise program
cd program
cargo add --quiet sea-orm@=2.0.4 --no-default-features --features macros,runtime-tokio,sqlx-sqlite,with-rust_decimal
cargo add --quiet sqlx@=0.9.0 --no-default-features
cargo add --quiet tokio@=1.54.1 --features macros,rt
../bin/sea-orm-cli generate entity --database-url sqlite://../books.db --output-dir src/entity >/dev/null 2>&1
cat >src/main.rs <<'RUST'
mod entity;

use entity::invoice;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, Database, DbErr, EntityTrait, Iterable};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    let db = Database::connect("sqlite://../books.db").await?;
    println!("columns: {:?}", invoice::Column::iter().collect::<Vec<_>>());
    let found = invoice::Entity::find().one(&db).await?.unwrap();
    println!("read: total {:?}, paid {}, due {:?}", found.total, found.paid, found.due);
    let added = invoice::ActiveModel { paid: Set(found.paid), ..Default::default() };
    println!("insert: {}", added.insert(&db).await.unwrap_err());
    Ok(())
}
RUST

expected='columns: [Id, Paid]
read: total "", paid 3.25, due ""
insert: Execution Error: error returned from database: (code: 1299) NOT NULL constraint failed: invoice.total'
actual=$(cargo run --quiet)
../bin/sea-orm-cli --version
cargo tree --quiet --depth 0 --prefix none --package sea-orm
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

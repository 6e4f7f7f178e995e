#!/usr/bin/env bash
# sea-orm-cli 2.0.4: of two unique indexes that share a column, `generate entity` declares one as unique by the other column alone; and
# in the format `expanded` it declares neither, nor what happens to the row when the one that it refers to is deleted.
#
# A column has one `unique_key`. With UNIQUE (hall, place) and UNIQUE (hall, holder), `hall` belongs to the first key only, so the
# entity says that a holder has one seat in all halls. Whoever creates tables from it, with `schema-sync` or a migration, forbids
# rows that the database has. The three formats are three ways to write the same entity, but `expanded` drops `ON DELETE CASCADE`,
# which `compact` and `dense` keep, and all unique keys.
#
# Needs cargo and python3 (its sqlite3); some minutes to compile.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo install --quiet --locked --root "$folder" sea-orm-cli@2.0.4
cd "$folder"
python3 - <<'PYTHON'
import sqlite3

sqlite3.connect("halls.db").executescript("""
CREATE TABLE hall (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name text NOT NULL);
CREATE TABLE seat (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    hall integer NOT NULL REFERENCES hall (id) ON DELETE CASCADE,
    place integer NOT NULL,
    holder integer NOT NULL
);
CREATE UNIQUE INDEX seat_hall_place ON seat (hall, place);
CREATE UNIQUE INDEX seat_hall_holder ON seat (hall, holder);
""")
PYTHON

# The attributes of the columns, with the columns; and what the relation does on delete.
declared() {
    bin/sea-orm-cli generate entity --database-url sqlite://halls.db --output-dir "$1" --entity-format "$1" >/dev/null 2>&1
    grep --after-context 1 unique_key "$1/seat.rs" | grep -v '^--' | tr -d '\n' | sed 's/  */ /g' || true
    grep --only-matching 'on_delete = "[A-Za-z]*"' "$1/seat.rs" || true
    echo
}

expected="compact: #[sea_orm(unique_key = \"seat_hall_place\")] pub hall: i64, #[sea_orm(unique_key = \"seat_hall_place\")] pub place: i64,\
 #[sea_orm(unique_key = \"seat_hall_holder\")] pub holder: i64,on_delete = \"Cascade\"
expanded:"
actual="compact:$(declared compact)
expanded:$(declared expanded)"
bin/sea-orm-cli --version
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

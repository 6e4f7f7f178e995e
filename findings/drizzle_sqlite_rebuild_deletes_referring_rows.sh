#!/usr/bin/env bash
# drizzle-kit 0.31.11 and drizzle-orm 0.45.4 on SQLite: a column that becomes NOT NULL empties the tables that refer to its table.
#
# SQLite cannot alter a column, so drizzle-kit writes a rebuild: create a new table, copy the rows, drop the old table, rename the new one. Around it
# stands `PRAGMA foreign_keys=OFF`. But the migrator of drizzle-orm runs all statements in a transaction, where SQLite ignores that
# pragma. Foreign keys stay on (better-sqlite3 switches them on), so dropping the old table deletes its rows first, and `ON DELETE CASCADE`
# deletes all rows that refer to them. The migration succeeds.
#
# Needs npm and a C compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund drizzle-kit@0.31.11 drizzle-orm@0.45.4 better-sqlite3@12.11.1
schema() {
    cat <<TS
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
export const author = sqliteTable('author', { id: integer().primaryKey(), name: text()$1 })
export const post = sqliteTable('post', {
    id: integer().primaryKey(),
    authorId: integer('author_id').references(() => author.id, { onDelete: 'cascade' }),
})
TS
}
cat >migrate.js <<'JS'
const Database = require('better-sqlite3')
const { drizzle } = require('drizzle-orm/better-sqlite3')
const { migrate } = require('drizzle-orm/better-sqlite3/migrator')
const db = new Database('blog.db')
migrate(drizzle(db), { migrationsFolder: 'migrations' })
if (process.argv[2]) db.exec(process.argv[2])
const count = (table) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get().n
console.log(`${count('author')} author, ${count('post')} posts`)
JS
generate() { node_modules/.bin/drizzle-kit generate --dialect sqlite --schema schema.ts --out migrations >/dev/null; }

schema '' >schema.ts
generate
before=$(node migrate.js "INSERT INTO author VALUES (1, 'ann'); INSERT INTO post VALUES (1, 1), (2, 1)")
schema '.notNull()' >schema.ts
generate
after=$(node migrate.js)

npm ls --depth 0 | grep -E 'drizzle|better'
echo "the second migration:"
cat migrations/0001_*.sql
echo
expected='before: 1 author, 2 posts
after: 1 author, 0 posts'
actual=$(printf 'before: %s\nafter: %s' "$before" "$after")
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

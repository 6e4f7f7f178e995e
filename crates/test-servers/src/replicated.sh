# shellcheck shell=sh
# Starts PostgreSQL from the folder $1 on port $2 and a replica of it on the same port of 127.0.0.2, and stops both when the
# input ends. Nothing outlives it.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed() { cat "$folder/log" >&2; exit 1; }
start() {
    mkdir -m 700 "$2.socket"
    "$1/pg_ctl" -D "$2" -l "$folder/log" -w start >/dev/null \
        -o "-p $3 -k $2.socket -c listen_addresses=$4 -c fsync=off" || failed
}
"$1/initdb" -D "$folder/primary" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || failed
start "$1" "$folder/primary" "$2" 127.0.0.1
"$1/pg_basebackup" -D "$folder/replica" -h 127.0.0.1 -p "$2" -U postgres -R -X stream -c fast >>"$folder/log" 2>&1 || failed
start "$1" "$folder/replica" "$2" 127.0.0.2
echo ready
cat >/dev/null
"$1/pg_ctl" -D "$folder/replica" -m immediate stop >/dev/null 2>&1
"$1/pg_ctl" -D "$folder/primary" -m immediate stop >/dev/null 2>&1

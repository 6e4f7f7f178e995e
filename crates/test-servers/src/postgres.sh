# shellcheck shell=sh
# Starts PostgreSQL from the folder $1 on port $2, and stops it when the input ends. Nothing outlives it.
# Without autovacuum: with hundreds of databases it would start a process many times a second, whose snapshot keeps what is
# deleted from being dead.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null \
    -o "-p $2 -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=300 -c autovacuum=off" \
    || { cat "$folder/log" >&2; exit 1; }
echo ready
cat >/dev/null
"$1/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1

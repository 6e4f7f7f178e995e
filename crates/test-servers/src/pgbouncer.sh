# shellcheck shell=sh
# Starts PgBouncer on port $2 ($1 is the folder of pgbouncer), in transaction mode and with $5 sessions to lend, before the
# PostgreSQL at $3; $4 are settings of clients that it drops instead of refusing them. Stops it when the input ends.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/pgbouncer.ini" <<END
[databases]
* = $3
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $2
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = $5
ignore_startup_parameters = extra_float_digits $4
logfile = $folder/log
END
"$1/pgbouncer" "$folder/pgbouncer.ini" >/dev/null 2>&1 </dev/null &
server=$!
tries=0
until grep -q 'process up' "$folder/log" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then cat "$folder/log" >&2; exit 1; fi
    sleep 0.1
done
echo ready
cat >/dev/null
kill "$server"
wait "$server"

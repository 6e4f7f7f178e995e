# shellcheck shell=sh
# Starts MariaDB on port $2 ($1 is the folder of mariadbd), and stops it when the input ends. Nothing outlives it.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
user=$(id -un)
mariadb-install-db --no-defaults --user="$user" --datadir="$folder/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
# A server that starts removes the temporary tables of all others that share its folder for them.
mkdir "$folder/tmp"
# Not in UTC, as most are.
TZ=Asia/Jerusalem "$1/mariadbd" --no-defaults --user="$user" --datadir="$folder/data" --port="$2" --bind-address=127.0.0.1 \
    --socket="$folder/socket" --pid-file="$folder/pid" --tmpdir="$folder/tmp" --max-connections=300 \
    --innodb-flush-log-at-trx-commit=0 --innodb-file-per-table=0 --sync-frm=0 --character-set-server=utf8mb4 \
    >>"$folder/log" 2>&1 </dev/null &
server=$!
tries=0
until mariadb-admin --no-defaults --socket="$folder/socket" --user=root --silent ping >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then cat "$folder/log" >&2; exit 1; fi
    sleep 0.1
done
echo ready
cat >/dev/null
kill "$server"
wait "$server"

# shellcheck shell=sh
# Starts HAProxy from the folder $1 on port $2 before the servers on the ports that follow, and stops it when the input ends.
# Nothing outlives it.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
program=$1/haproxy
port=$2
shift 2
{
    echo 'defaults'
    echo '    mode tcp'
    echo '    timeout connect 1s'
    echo '    timeout client 60s'
    echo '    timeout server 60s'
    echo 'listen nodes'
    echo "    bind 127.0.0.1:$port"
    echo '    balance roundrobin'
    echo '    option redispatch'
    for node in "$@"; do
        echo "    server node$node 127.0.0.1:$node check inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions"
    done
} >"$folder/haproxy.cfg"
"$program" -f "$folder/haproxy.cfg" >"$folder/log" 2>&1 </dev/null &
server=$!
until ss --listening --numeric --tcp | grep -q "127.0.0.1:$port "; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
echo ready
cat >/dev/null
kill "$server"
wait "$server"

# shellcheck shell=sh
# Starts the three nodes of a Galera cluster. $1 is the folder of mariadbd, $2 the provider, and four ports follow for each
# node: of clients, of the group, and two to receive state. Then it does what its input says, a line each: `kill N` and
# `start N`, and answers `done`, or `lost` where the nodes that live had lost each other and were made a cluster again. When
# the input ends it stops all nodes. Nothing outlives it.
set -e
programs=$1
provider=$2
shift 2
ports="$*"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
user=$(id -un)
failed() {
    tail -n 40 "$folder"/*/log >&2
    stop_all
    exit 1
}
port() { echo "$ports" | cut -d ' ' -f "$((($1 - 1) * 4 + $2))"; }
group="gcomm://127.0.0.1:$(port 1 2),127.0.0.1:$(port 2 2),127.0.0.1:$(port 3 2)"
# Nodes on one machine answer soon, so a node that is killed is noticed after three seconds and not after five.
limits='evs.inactive_check_period=PT0.3S;evs.keepalive_period=PT0.3S;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT8S'
mariadbd() {
    node=$1
    shift
    "$programs/mariadbd" --no-defaults --user="$user" --datadir="$folder/$node/data" --tmpdir="$folder/$node" \
        --port="$(port "$node" 1)" --bind-address=127.0.0.1 --socket="$folder/$node/socket" --pid-file="$folder/$node/pid" \
        --max-connections=300 --innodb-flush-log-at-trx-commit=0 --innodb-log-file-size=64M --sync-frm=0 \
        --character-set-server=utf8mb4 --binlog-format=ROW --innodb-autoinc-lock-mode=2 --wsrep-on=ON \
        --wsrep-provider="$provider" --wsrep-cluster-name=test --wsrep-cluster-address="$group" \
        --wsrep-node-name="node$node" --wsrep-node-address=127.0.0.1 --wsrep-sst-method=rsync \
        --wsrep-sst-receive-address="127.0.0.1:$(port "$node" 4)" \
        --wsrep-provider-options="base_port=$(port "$node" 2);gmcast.listen_addr=tcp://127.0.0.1:$(port "$node" 2);ist.recv_addr=127.0.0.1:$(port "$node" 3);gcache.size=64M;pc.recovery=false;$limits" \
        "$@" >>"$folder/$node/log" 2>&1 </dev/null &
    echo $! >"$folder/$node/process"
}
ask() {
    mariadb --no-defaults --socket="$folder/$1/socket" --user=root --skip-column-names --silent --execute "$2" 2>/dev/null || true
}
status() {
    ask "$1" "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS
         WHERE VARIABLE_NAME IN ('wsrep_cluster_status', 'wsrep_local_state_comment')"
}
# Whether it is, after $2 tenths of a second at most.
is_synced() {
    tries=0
    until [ "$(status "$1")" = Primary,Synced ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt "$2" ] || ! is_alive "$1"; then return 1; fi
        sleep 0.1
    done
}
until_synced() { is_synced "$1" 600 || failed; }
is_alive() { kill -0 "$(cat "$folder/$1/process")" 2>/dev/null; }
# Where the machine is so busy that the nodes that live lose each other while another one is down, they wait for it; but it
# comes back as a new one. As an operator would, declare them to be the cluster. Whether that was needed.
had_lost_quorum() {
    for survivor in 1 2 3; do
        if [ "$survivor" != "$1" ] && is_alive "$survivor" && ! is_synced "$survivor" 200; then
            ask "$survivor" "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'"
            return 0
        fi
    done
    return 1
}
stop_all() {
    for node in 1 2 3; do kill -KILL "$(cat "$folder/$node/process")" 2>/dev/null || true; done
    wait
}
# What this node has, so that it receives only what it lacks.
recovered() {
    "$programs/mariadbd" --no-defaults --user="$user" --datadir="$folder/$1/data" --tmpdir="$folder/$1" --wsrep-on=ON \
        --wsrep-provider="$provider" --innodb-log-file-size=64M --wsrep-recover --log-error="$folder/$1/recovery.err" </dev/null >>"$folder/$1/log" 2>&1
    sed -n 's/.*WSREP: Recovered position: *//p' "$folder/$1/recovery.err" | tail -n 1
}

mkdir "$folder/1" "$folder/2" "$folder/3"
for node in 1 2 3; do echo 0 >"$folder/$node/process" && : >"$folder/$node/log"; done
mariadb-install-db --no-defaults --datadir="$folder/1/data" --auth-root-authentication-method=normal --skip-test-db \
    --innodb-log-file-size=64M >"$folder/1/log" 2>&1 || failed
# A node that was in the cluster once is copied, which is quicker than to let the others fetch all it has.
mariadbd 1 --wsrep-new-cluster
until_synced 1
kill "$(cat "$folder/1/process")"
wait
rm -f "$folder/1/data/galera.cache"
cp -r "$folder/1/data" "$folder/2/"
cp -r "$folder/1/data" "$folder/3/"
mariadbd 1 --wsrep-new-cluster
until_synced 1
mariadbd 2
mariadbd 3
for node in 2 3; do until_synced $node; done
echo ready
while read -r command node; do
    answer='done'
    case $command in
    kill) kill -KILL "$(cat "$folder/$node/process")" ;;
    start)
        # A node that receives its state may be refused, and ends.
        for attempt in 1 2 3; do
            if had_lost_quorum "$node"; then answer=lost; fi
            rm -f "$folder/$node/recovery.err"
            mariadbd "$node" --wsrep-start-position="$(recovered "$node")"
            if is_synced "$node" 600; then break; fi
            kill -KILL "$(cat "$folder/$node/process")" 2>/dev/null || true
            [ "$attempt" -lt 3 ] || failed
        done
        ;;
    esac
    echo "$answer"
done
stop_all

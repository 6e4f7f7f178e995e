UPDATE sea_orm_runner_lock
SET holder = ?, changes = changes + 1, node = ?, node_name = @@wsrep_node_name, pid = CONNECTION_ID(), account = CURRENT_USER(),
    since = UTC_TIMESTAMP()
WHERE id = 1 AND holder <=> ? AND changes = ?

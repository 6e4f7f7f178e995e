-- The synchronous replicas that the holder of the lock of the history $1 waits for in COMMIT, as the setting names them.
-- https://www.postgresql.org/docs/current/monitoring-stats.html
SELECT pg_catalog.current_setting('synchronous_standby_names') AS replicas
FROM pg_catalog.pg_locks AS held
JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.locktype = 'advisory'
    AND held.granted
    AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND held.classid = 1835624306
    AND held.objid = COALESCE(
        (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = to_regclass(quote_ident($1))),
        (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()),
        0
    )
    AND activity.wait_event = 'SyncRep'
ORDER BY replicas
LIMIT 1

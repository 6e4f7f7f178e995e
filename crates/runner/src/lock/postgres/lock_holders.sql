-- The sessions that hold the lock of the history $1.
-- https://www.postgresql.org/docs/current/view-pg-locks.html, https://www.postgresql.org/docs/current/monitoring-stats.html
SELECT
    activity.pid::int8 AS pid,
    NULLIF(activity.application_name, '') AS application,
    activity.usename::text AS "user",
    host(activity.client_addr) AS client,
    activity.state AS state,
    EXTRACT(EPOCH FROM clock_timestamp() - COALESCE(activity.xact_start, activity.state_change))::int8 AS seconds,
    NULLIF(activity.query, '<insufficient privilege>') AS query
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
ORDER BY activity.pid

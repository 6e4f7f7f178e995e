-- Transactions that began before the wait of $2 seconds and hold a lock on a table of the statement $1, or on any table if the
-- statement is unknown. Only those that write, if it waits for rows ($3).
SELECT
    activity.pid::int8 AS pid,
    NULLIF(activity.application_name, '') AS application,
    activity.usename::text AS "user",
    host(activity.client_addr) AS client,
    activity.state AS state,
    EXTRACT(EPOCH FROM clock_timestamp() - activity.xact_start)::int8 AS seconds,
    NULLIF(activity.query, '<insufficient privilege>') AS query
FROM pg_catalog.pg_stat_activity AS activity
WHERE activity.pid <> pg_backend_pid()
    -- Only their own role, a superuser and pg_read_all_stats see the start of their transactions.
    AND COALESCE(activity.xact_start < clock_timestamp() - make_interval(secs => $2), true)
    AND EXISTS (
        SELECT 1
        FROM pg_catalog.pg_locks AS held
        JOIN pg_catalog.pg_class AS relation ON relation.oid = held.relation
        WHERE held.pid = activity.pid
            AND held.locktype = 'relation'
            AND held.granted
            AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            AND relation.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND relation.relnamespace <> 'pg_catalog'::regnamespace
            AND (NOT $3 OR held.mode NOT IN ('AccessShareLock', 'RowShareLock'))
            AND (
                $1::text IS NULL
                OR $1::text ~ ('\m' || regexp_replace(relation.relname, '([^[:alnum:]_])', '\\\1', 'g') || '\M')
            )
    )
ORDER BY activity.xact_start, activity.pid
LIMIT 5

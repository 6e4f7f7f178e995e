-- The sessions that block the session $1.
-- https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION
SELECT
    activity.pid::int8 AS pid,
    NULLIF(activity.application_name, '') AS application,
    activity.usename::text AS "user",
    host(activity.client_addr) AS client,
    activity.state AS state,
    EXTRACT(EPOCH FROM clock_timestamp() - activity.xact_start)::int8 AS seconds,
    NULLIF(activity.query, '<insufficient privilege>') AS query
FROM pg_catalog.pg_stat_activity AS activity
WHERE activity.pid = ANY (pg_blocking_pids($1))
ORDER BY activity.xact_start, activity.pid
LIMIT 5

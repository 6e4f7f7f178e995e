-- The work of the index build of the session that holds the lock of the history $1; PostgreSQL 12 and later.
-- https://www.postgresql.org/docs/current/progress-reporting.html#CREATE-INDEX-PROGRESS-REPORTING
SELECT
    COALESCE(relation.relname::text, '') AS "table",
    progress.phase::text AS phase,
    LEAST(100, CASE
        WHEN progress.phase LIKE '%tuples%' THEN 100 * progress.tuples_done / NULLIF(progress.tuples_total, 0)
        ELSE 100 * progress.blocks_done / NULLIF(progress.blocks_total, 0)
    END)::int4 AS percent
FROM pg_catalog.pg_locks AS held
JOIN pg_catalog.pg_stat_progress_create_index AS progress ON progress.pid = held.pid
LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = progress.relid
-- What it waits for is reported with the sessions that block it.
WHERE progress.phase NOT LIKE 'waiting%'
    AND held.locktype = 'advisory'
    AND held.granted
    AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND held.classid = 1835624306
    AND held.objid = COALESCE(
        (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = to_regclass(quote_ident($1))),
        (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()),
        0
    )
ORDER BY progress.pid
LIMIT 1

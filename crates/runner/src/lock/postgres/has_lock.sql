-- For any schema: the runner's own session has a single lock, and its migration may change the search path.
SELECT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory'
        AND granted
        AND pid = pg_backend_pid()
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND classid = 1835624306
)

-- Whichever schema it is for: a session of the runner's own has one, and where its migration looks for names meanwhile does not
-- matter.
SELECT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory'
        AND granted
        AND pid = pg_backend_pid()
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND classid = 1835624306
)

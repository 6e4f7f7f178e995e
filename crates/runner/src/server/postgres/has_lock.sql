SELECT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory'
        AND granted
        AND pid = pg_backend_pid()
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND classid = 1835624306
        AND objid = COALESCE(
        (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = to_regclass(quote_ident($1))),
        (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()),
        0
    )
)

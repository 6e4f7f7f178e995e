-- The key is "migr" in ASCII and the schema of the history $1, or the one in which it would be created, within this database.
-- https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS
SELECT pg_catalog.pg_try_advisory_lock(
    1835624306,
    COALESCE(
        (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = to_regclass(quote_ident($1))),
        (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()),
        0
    )::oid::int4
)

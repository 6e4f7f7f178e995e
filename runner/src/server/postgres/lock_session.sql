-- The key is "migr" in ASCII and the schema, within this database.
-- https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS
SELECT pg_catalog.pg_try_advisory_lock(
    1835624306,
    COALESCE((SELECT oid::int4 FROM pg_catalog.pg_namespace WHERE nspname = current_schema()), 0)
)

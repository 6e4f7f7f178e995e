-- The default partition of the table $1, spelt as in a statement.
-- https://www.postgresql.org/docs/current/catalog-pg-partitioned-table.html
SELECT
    CASE WHEN pg_table_is_visible(rest.oid) THEN '' ELSE rest.relnamespace::regnamespace || '.' END
        || rest.relname AS text
FROM pg_catalog.pg_partitioned_table
JOIN pg_catalog.pg_class AS rest ON rest.oid = partdefid
WHERE partrelid = to_regclass($1)

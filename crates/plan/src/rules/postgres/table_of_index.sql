-- The table of the index $1, spelt as in a statement.
-- https://www.postgresql.org/docs/current/catalog-pg-index.html
SELECT
    CASE WHEN pg_table_is_visible(indexed.oid) THEN '' ELSE indexed.relnamespace::regnamespace || '.' END
        || indexed.relname AS text
FROM pg_catalog.pg_index
JOIN pg_catalog.pg_class AS indexed ON indexed.oid = indrelid
WHERE indexrelid = to_regclass($1)

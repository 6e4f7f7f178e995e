-- The estimated rows of the table $1 and its partitions, from the last ANALYZE.
-- https://www.postgresql.org/docs/current/catalog-pg-class.html
SELECT COALESCE(sum(counted.reltuples) FILTER (WHERE counted.reltuples >= 0), -1)::int8 AS rows
FROM pg_catalog.pg_class AS counted
WHERE counted.oid = to_regclass($1)
    OR counted.oid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass($1))

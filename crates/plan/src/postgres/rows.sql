-- About how many rows the table $1 had when it was last counted, with those of its partitions.
-- https://www.postgresql.org/docs/current/catalog-pg-class.html
SELECT COALESCE(sum(counted.reltuples) FILTER (WHERE counted.reltuples >= 0), -1)::int8 AS rows
FROM pg_catalog.pg_class AS counted
WHERE counted.oid = to_regclass($1)
    OR counted.oid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass($1))

-- The table $1 and its partitions, parents first, each with the index that belongs to the index $2: the name that it gets, and
-- what is there of it. Foreign tables have no indexes.
WITH RECURSIVE part AS (
    SELECT to_regclass(quote_ident($1))::oid AS oid, NULL::oid AS parent, 0 AS depth
    UNION ALL
    SELECT inherits.inhrelid, inherits.inhparent, part.depth + 1
    FROM part
    JOIN pg_catalog.pg_inherits AS inherits ON inherits.inhparent = part.oid
)
SELECT
    part.oid::bigint AS number,
    part.parent::bigint AS parent,
    namespace.nspname::text AS schema,
    class.relname::text AS name,
    class.relkind = 'p' AS is_partitioned,
    of_index.name AS index_name,
    index.indisvalid AS is_valid,
    EXISTS (SELECT FROM pg_catalog.pg_inherits AS inherits WHERE inherits.inhrelid = index.indexrelid) AS is_attached
FROM part
JOIN pg_catalog.pg_class AS class ON class.oid = part.oid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN part.parent IS NULL THEN $2::text ELSE left($2::text, 45) || '_p' || part.oid::text END AS name
) AS of_index
LEFT JOIN (
    pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
) ON index.indrelid = part.oid AND index_class.relname = of_index.name
WHERE class.relkind IN ('p', 'r')
ORDER BY part.depth, schema, name

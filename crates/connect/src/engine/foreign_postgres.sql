-- A table of these that is a foreign table, or has a partition that is one.
WITH RECURSIVE part AS (
    SELECT wanted.name, to_regclass(quote_ident(wanted.name))::oid AS oid
    FROM unnest(ARRAY[{tables}]) AS wanted (name)
    UNION ALL
    SELECT part.name, inherits.inhrelid
    FROM part
    JOIN pg_catalog.pg_inherits AS inherits ON inherits.inhparent = part.oid
)
SELECT part.name::text, 'the foreign table ' || part.oid::regclass::text
FROM part
JOIN pg_catalog.pg_class AS class ON class.oid = part.oid
WHERE class.relkind = 'f'
ORDER BY part.name, part.oid
LIMIT 1

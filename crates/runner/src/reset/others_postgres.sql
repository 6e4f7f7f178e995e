-- A statement for each view, foreign table and sequence that belongs to no extension. CASCADE drops what depends on it.
-- https://www.postgresql.org/docs/current/catalog-pg-class.html
SELECT format(
    'DROP %s IF EXISTS %I.%I CASCADE',
    CASE found.relkind
        WHEN 'S' THEN 'SEQUENCE'
        WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW'
        ELSE 'FOREIGN TABLE'
    END,
    current_schema(),
    found.relname
) AS statement
FROM pg_catalog.pg_class AS found
WHERE found.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
    AND found.relkind IN ('S', 'v', 'm', 'f')
    AND NOT EXISTS (
        SELECT 1
        FROM pg_catalog.pg_depend AS brought
        WHERE brought.classid = 'pg_catalog.pg_class'::regclass
            AND brought.objid = found.oid
            AND brought.deptype IN ('e', 'i')
    )
ORDER BY found.relname

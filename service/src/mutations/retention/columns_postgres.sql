-- The columns of a table, in their order, and what keeps it from being an archive. $1: its name, as a query would have it.
-- Source: https://www.postgresql.org/docs/current/catalog-pg-class.html
SELECT
    relation.oid::text AS table_id,
    CASE
        WHEN relation.relkind NOT IN ('r', 'p') THEN 'it is not a table of this server'
        WHEN relation.relpersistence <> 'p' THEN 'it is unlogged or temporary, so its rows do not survive a crash'
    END AS table_unfit_reason,
    attribute.attname::text AS name,
    pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) AS type,
    attribute.attgenerated <> '' AS is_generated
FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = relation.oid
WHERE relation.oid = pg_catalog.to_regclass($1)
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
ORDER BY attribute.attnum

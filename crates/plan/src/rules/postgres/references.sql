-- The foreign keys from the table $1 and to it, a row for each pair of columns.
-- https://www.postgresql.org/docs/current/catalog-pg-constraint.html
SELECT
    reference.conname::text AS "constraint",
    pg_get_constraintdef(reference.oid) AS definition,
    reference.conrelid = to_regclass($1) AS is_outgoing,
    own.attname::text AS own_column,
    CASE WHEN pg_table_is_visible(other.oid) THEN '' ELSE other.relnamespace::regnamespace || '.' END
        || other.relname AS other_table
FROM pg_catalog.pg_constraint AS reference
CROSS JOIN LATERAL unnest(reference.conkey, reference.confkey) AS pair (referring, referred)
JOIN pg_catalog.pg_attribute AS own
    ON own.attrelid = to_regclass($1)
    AND own.attnum = CASE WHEN reference.conrelid = to_regclass($1) THEN pair.referring ELSE pair.referred END
JOIN pg_catalog.pg_class AS other
    ON other.oid = CASE WHEN reference.conrelid = to_regclass($1) THEN reference.confrelid ELSE reference.conrelid END
WHERE reference.contype = 'f'
    AND to_regclass($1) IN (reference.conrelid, reference.confrelid)
ORDER BY reference.conname, own.attname

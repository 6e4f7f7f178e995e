-- The key columns of all indexes of the relations asked for; unique constraints and primary keys are indexes here.
-- $1: JSON as written by `as_json`.
-- Catalogue: https://www.postgresql.org/docs/current/catalog-pg-index.html
SELECT
    wanted.ordinal AS ordinal,
    index_relation.relname::text AS index_name,
    index.indisprimary AS is_primary,
    index.indisunique OR index.indisexclusion AS is_unique,
    index.indisexclusion AS is_exclusion,
    index.indpred IS NOT NULL AS is_partial,
    NOT index.indimmediate AS is_deferrable,
    NOT index.indisvalid AS is_invalid,
    COALESCE((to_jsonb(index) ->> 'indnullsnotdistinct')::boolean, false) AS is_nulls_not_distinct, -- since 15
    access_method.amname NOT IN ('btree', 'hash') AS is_other_method,
    attribute.attname IS NULL AS is_expression,
    COALESCE(attribute.attname::text, pg_catalog.pg_get_indexdef(index.indexrelid, part.position::integer, false)) AS column_name
FROM jsonb_to_recordset($1::jsonb) AS wanted (ordinal integer, schema_name text, table_name text)
JOIN pg_catalog.pg_class AS relation
    ON relation.relname = wanted.table_name::name
    AND relation.relkind IN ('r', 'p', 'm', 'f')
    AND CASE
        WHEN wanted.schema_name IS NULL THEN pg_catalog.pg_table_is_visible(relation.oid)
        ELSE relation.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = wanted.schema_name)
    END
JOIN pg_catalog.pg_index AS index
    ON index.indrelid = relation.oid
JOIN pg_catalog.pg_class AS index_relation
    ON index_relation.oid = index.indexrelid
JOIN pg_catalog.pg_am AS access_method
    ON access_method.oid = index_relation.relam
CROSS JOIN LATERAL unnest(index.indkey) WITH ORDINALITY AS part (attribute_number, position)
LEFT JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = relation.oid
    AND attribute.attnum = part.attribute_number
    AND part.attribute_number > 0
WHERE part.position <= index.indnkeyatts
ORDER BY wanted.ordinal, index_relation.relname, part.position

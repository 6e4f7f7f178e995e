-- The columns of the relations asked for, in the order of the request and of the table.
-- $1: JSON as written by `as_json`. A table without a schema is looked up along the search_path, as a query would.
-- A domain counts as what it is over, because that is what the server tells the driver.
-- Catalogue: https://www.postgresql.org/docs/current/catalog-pg-attribute.html
SELECT
    wanted.ordinal AS ordinal,
    attribute.attname::text AS name,
    CASE
        WHEN element.oid IS NOT NULL AND element.typnamespace <> 'pg_catalog'::regnamespace THEN element.typname || '[]'
        WHEN type.typtype <> 'd' AND type.typnamespace <> 'pg_catalog'::regnamespace THEN type.typname::text
        WHEN type.typtype = 'd' THEN pg_catalog.format_type(type.typbasetype, type.typtypmod)
        ELSE pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
    END AS type_text,
    (
        SELECT pg_catalog.json_agg(label.enumlabel ORDER BY label.enumsortorder)::text
        FROM pg_catalog.pg_enum AS label
        WHERE label.enumtypid IN (type.oid, type.typbasetype, element.oid)
    ) AS enum_labels,
    attribute.attnotnull OR type.typnotnull AS not_null,
    COALESCE(pg_catalog.pg_get_expr(attribute_default.adbin, attribute_default.adrelid), type.typdefault)
        AS default_text,
    attribute.attidentity::text AS identity_kind,
    attribute.attgenerated <> '' AS is_computed
FROM jsonb_to_recordset($1::jsonb) AS wanted (ordinal integer, schema_name text, table_name text)
JOIN pg_catalog.pg_class AS relation
    ON relation.relname = wanted.table_name::name
    AND relation.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND CASE
        WHEN wanted.schema_name IS NULL THEN pg_catalog.pg_table_is_visible(relation.oid)
        ELSE relation.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = wanted.schema_name)
    END
LEFT JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = relation.oid
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
LEFT JOIN pg_catalog.pg_type AS type
    ON type.oid = attribute.atttypid
LEFT JOIN pg_catalog.pg_type AS element
    ON element.oid = type.typelem
    AND type.typcategory = 'A'
LEFT JOIN pg_catalog.pg_attrdef AS attribute_default
    ON attribute_default.adrelid = attribute.attrelid
    AND attribute_default.adnum = attribute.attnum
ORDER BY wanted.ordinal, attribute.attnum

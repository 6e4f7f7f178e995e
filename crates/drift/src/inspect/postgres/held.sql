-- The columns of these tables whose types cannot change, because others depend on them: views, triggers of some columns, policies,
-- publications, functions, generated columns.
-- $1: JSON as written by `as_json`.
SELECT wanted.ordinal AS ordinal, held.attname::text AS name
FROM jsonb_to_recordset($1::jsonb) AS wanted (ordinal integer, schema_name text, table_name text)
JOIN pg_catalog.pg_class AS relation
    ON relation.relname = wanted.table_name::name
    AND CASE
        WHEN wanted.schema_name IS NULL THEN pg_catalog.pg_table_is_visible(relation.oid)
        ELSE relation.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = wanted.schema_name)
    END
JOIN pg_catalog.pg_attribute AS held
    ON held.attrelid = relation.oid
    AND held.attnum > 0
WHERE EXISTS (
    SELECT
    FROM pg_catalog.pg_depend AS holder
    LEFT JOIN pg_catalog.pg_attrdef AS expression
        ON holder.classid = 'pg_catalog.pg_attrdef'::regclass
        AND expression.oid = holder.objid
    WHERE holder.refclassid = 'pg_catalog.pg_class'::regclass
        AND holder.refobjid = relation.oid
        AND holder.refobjsubid = held.attnum
        AND (
            holder.classid IN (
                'pg_catalog.pg_rewrite'::regclass,
                'pg_catalog.pg_trigger'::regclass,
                'pg_catalog.pg_policy'::regclass,
                'pg_catalog.pg_publication_rel'::regclass,
                'pg_catalog.pg_proc'::regclass
            )
            OR expression.adnum <> holder.refobjsubid
            -- A generated column, before 15.
            OR holder.classid = 'pg_catalog.pg_class'::regclass
                AND holder.objid = relation.oid
                AND holder.objsubid NOT IN (0, holder.refobjsubid)
        )
)

-- The columns of the table $1, spelt as in a statement.
-- https://www.postgresql.org/docs/current/catalog-pg-attribute.html, .../catalog-pg-constraint.html, .../catalog-pg-index.html
SELECT
    attribute.attname::text AS name,
    format_type(attribute.atttypid, attribute.atttypmod) AS data_type,
    CASE
        -- From PostgreSQL 18 on a NOT NULL may be for new rows only.
        WHEN attribute.attnotnull AND NOT bool_or(known.contype = 'n' AND NOT known.convalidated) THEN 'not null'
        WHEN bool_or(known.definition = format('CHECK ((%I IS NOT NULL))', attribute.attname)) THEN 'checked'
        WHEN bool_or(known.contype = 'c' AND known.convalidated AND known.definition LIKE '%IS NOT NULL%')
            THEN 'unknown'
        ELSE 'nullable'
    END AS nullability,
    min(known.conname) FILTER (
        WHERE known.definition = format('CHECK ((%I IS NOT NULL)) NOT VALID', attribute.attname)
    ) AS unvalidated,
    bool_or(known.contype = 'c' AND known.convalidated) AS is_checked,
    EXISTS (
        SELECT 1
        FROM pg_catalog.pg_index AS index
        WHERE index.indrelid = attribute.attrelid
            AND attribute.attnum = ANY ((index.indkey::int2[])[0:index.indnkeyatts - 1])
    ) AS is_indexed,
    -- Uses it in an expression or a condition, or beside one.
    EXISTS (
        SELECT 1
        FROM pg_catalog.pg_index AS index
        WHERE index.indrelid = attribute.attrelid
            AND (index.indexprs IS NOT NULL OR index.indpred IS NOT NULL)
            AND (
                attribute.attnum = ANY (index.indkey)
                OR EXISTS (
                    SELECT 1
                    FROM pg_catalog.pg_depend AS uses
                    WHERE uses.classid = 'pg_catalog.pg_class'::regclass
                        AND uses.objid = index.indexrelid
                        AND uses.refclassid = 'pg_catalog.pg_class'::regclass
                        AND uses.refobjid = attribute.attrelid
                        AND uses.refobjsubid = attribute.attnum
                )
            )
    ) AS is_in_special_index
FROM pg_catalog.pg_attribute AS attribute
CROSS JOIN LATERAL (
    SELECT conname::text, contype, convalidated, pg_get_constraintdef(oid) AS definition
    FROM pg_catalog.pg_constraint
    WHERE conrelid = attribute.attrelid AND attribute.attnum = ANY (conkey)
    UNION ALL
    SELECT '', 'x', true, ''
) AS known
WHERE attribute.attrelid = to_regclass($1)
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
GROUP BY attribute.attrelid, attribute.attnum, attribute.attname, attribute.atttypid, attribute.atttypmod, attribute.attnotnull
ORDER BY attribute.attnum

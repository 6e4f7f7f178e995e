-- What depends on the column $2 of the table $1, and does not follow it to another one.
WITH key AS (
    SELECT attribute.attrelid AS "table", attribute.attnum AS number, attribute.attacl AS privileges
    FROM pg_catalog.pg_attribute AS attribute
    WHERE attribute.attrelid = to_regclass(quote_ident($1)) AND attribute.attname = $2
),
word AS (
    SELECT '(^|[^[:alnum:]_$])' || regexp_replace(quote_ident($2), '([^[:alnum:]_])', '\\\1', 'g') || '($|[^[:alnum:]_$])' AS pattern
)
SELECT pg_describe_object(depend.classid, depend.objid, depend.objsubid) AS obstacle
FROM key
JOIN pg_catalog.pg_depend AS depend
    ON depend.refclassid = 'pg_catalog.pg_class'::regclass AND depend.refobjid = key."table" AND depend.refobjsubid = key.number
LEFT JOIN pg_catalog.pg_class AS class
    ON depend.classid = 'pg_catalog.pg_class'::regclass AND class.oid = depend.objid
LEFT JOIN pg_catalog.pg_attrdef AS default_of
    ON depend.classid = 'pg_catalog.pg_attrdef'::regclass AND default_of.oid = depend.objid
LEFT JOIN pg_catalog.pg_constraint AS bond
    ON depend.classid = 'pg_catalog.pg_constraint'::regclass AND bond.oid = depend.objid
WHERE coalesce(class.relkind, ' ') NOT IN ('i', 'S')
    AND (default_of.oid IS NULL OR (default_of.adrelid, default_of.adnum) <> (key."table", key.number))
    AND coalesce(bond.contype, ' ') NOT IN ('p', 'u', 'f', 'n')
UNION
SELECT 'the privileges on the column' FROM key WHERE key.privileges IS NOT NULL
UNION
SELECT 'the expression of index ' || class.relname
FROM key
CROSS JOIN word
JOIN pg_catalog.pg_index AS index ON index.indrelid = key."table"
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
WHERE concat_ws(' ', pg_get_expr(index.indexprs, index.indrelid), pg_get_expr(index.indpred, index.indrelid)) ~ word.pattern
UNION
SELECT 'the replica identity of index ' || class.relname
FROM key
JOIN pg_catalog.pg_index AS index ON index.indrelid = key."table" AND index.indisreplident AND key.number = ANY (index.indkey::int2[])
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
UNION
SELECT 'the foreign key ' || bond.conname || ' of the partitioned table ' || bond.conrelid::regclass
FROM key
JOIN pg_catalog.pg_constraint AS bond ON bond.contype = 'f' AND bond.confrelid = key."table" AND key.number = ANY (bond.confkey)
JOIN pg_catalog.pg_class AS class ON class.oid = bond.conrelid
WHERE class.relkind = 'p' OR bond.conparentid <> 0
ORDER BY obstacle

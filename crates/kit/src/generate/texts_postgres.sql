-- Everything in the current schema (PostgreSQL): a text for each object, without the numbers that the server chooses, so that objects
-- that are made anew give the same texts.
WITH here AS MATERIALIZED (SELECT current_schema()::regnamespace::oid AS oid),
relation AS (SELECT pg_class.* FROM pg_catalog.pg_class WHERE relnamespace = (SELECT oid FROM here))
SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, relreplident, relrowsecurity, relforcerowsecurity,
    relacl, reloptions, reltablespace, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid),
    CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END) AS text
FROM relation
UNION ALL
SELECT concat_ws(' ', 'column', relname, row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname,
    format_type(atttypid, atttypmod), attnotnull, 'identity', attidentity, 'generated', attgenerated,
    attcollation, attstorage, attacl, attoptions, pg_get_expr(adbin, adrelid))
FROM relation
JOIN pg_catalog.pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
FROM pg_catalog.pg_constraint
WHERE connamespace = (SELECT oid FROM here)
UNION ALL
SELECT concat_ws(' ', 'index', indisvalid, indisreplident, pg_get_indexdef(indexrelid))
FROM relation
JOIN pg_catalog.pg_index ON indexrelid = relation.oid
UNION ALL
SELECT concat_ws(' ', 'sequence', relname, seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle,
    refobjid::regclass, refobjsubid, deptype)
FROM relation
JOIN pg_catalog.pg_sequence ON seqrelid = relation.oid
LEFT JOIN pg_catalog.pg_depend ON classid = 'pg_class'::regclass AND objid = seqrelid AND refobjsubid > 0
UNION ALL
SELECT concat_ws(' ', 'comment', relname, objsubid, description)
FROM pg_catalog.pg_description
JOIN relation ON classoid = 'pg_class'::regclass AND objoid = relation.oid
UNION ALL
SELECT concat_ws(' ', 'type', typname, typtype, typnotnull, format_type(typbasetype, typtypmod), typdefault,
    ARRAY(SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = pg_type.oid ORDER BY enumsortorder))
FROM pg_catalog.pg_type
WHERE typnamespace = (SELECT oid FROM here) AND typtype IN ('d', 'e', 'r')
UNION ALL
SELECT concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(pg_trigger.oid))
FROM relation
JOIN pg_catalog.pg_trigger ON tgrelid = relation.oid
WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'rule', ev_enabled, pg_get_ruledef(pg_rewrite.oid))
FROM relation
JOIN pg_catalog.pg_rewrite ON ev_class = relation.oid
WHERE rulename <> '_RETURN'
UNION ALL
SELECT concat_ws(' ', 'policy', relname, polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid))
FROM relation
JOIN pg_catalog.pg_policy ON polrelid = relation.oid
UNION ALL
SELECT concat_ws(' ', 'routine', oid::regprocedure, prokind, prosrc)
FROM pg_catalog.pg_proc
WHERE pronamespace = (SELECT oid FROM here)
ORDER BY 1

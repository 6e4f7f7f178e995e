-- What the catalogue knows of all tables of a schema, as plain rows: the least that anybody would ask for.
SELECT relation.oid, relation.relname, relation.relkind, relation.relpersistence
FROM pg_catalog.pg_class AS relation
WHERE relation.relnamespace = 'public'::regnamespace
    AND relation.relkind IN ('r', 'p', 'v', 'm', 'f');

SELECT
    attribute.attrelid,
    attribute.attnum,
    attribute.attname,
    pg_catalog.format_type(attribute.atttypid, attribute.atttypmod),
    attribute.attnotnull,
    attribute.attidentity,
    attribute.attgenerated,
    attribute.attcollation,
    pg_catalog.pg_get_expr(attribute_default.adbin, attribute_default.adrelid)
FROM pg_catalog.pg_attribute AS attribute
JOIN pg_catalog.pg_class AS relation
    ON relation.oid = attribute.attrelid
LEFT JOIN pg_catalog.pg_attrdef AS attribute_default
    ON attribute_default.adrelid = attribute.attrelid
    AND attribute_default.adnum = attribute.attnum
WHERE relation.relnamespace = 'public'::regnamespace
    AND relation.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped;

SELECT index.indrelid, index_relation.relname, index.indisunique, index.indisprimary, index.indisvalid, index.indkey,
    pg_catalog.pg_get_expr(index.indpred, index.indrelid)
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS index_relation
    ON index_relation.oid = index.indexrelid
WHERE index_relation.relnamespace = 'public'::regnamespace;

SELECT constraint_.conrelid, constraint_.conname, constraint_.contype, pg_catalog.pg_get_constraintdef(constraint_.oid)
FROM pg_catalog.pg_constraint AS constraint_
WHERE constraint_.connamespace = 'public'::regnamespace
    AND constraint_.contype IN ('c', 'f');

SELECT sequence.seqrelid, sequence.seqincrement, sequence.seqmin, sequence.seqmax, dependency.refobjid, dependency.refobjsubid
FROM pg_catalog.pg_sequence AS sequence
JOIN pg_catalog.pg_depend AS dependency
    ON dependency.classid = 'pg_catalog.pg_class'::regclass
    AND dependency.objid = sequence.seqrelid
    AND dependency.deptype IN ('a', 'i');

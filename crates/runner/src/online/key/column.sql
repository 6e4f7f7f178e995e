-- The column $2 of the table $1: what it is, and what is there already of its way to `bigint`.
SELECT
    format('%I.%I', namespace.nspname, class.relname) AS "table",
    format_type(attribute.atttypid, attribute.atttypmod) AS "type",
    class.relkind = 'r' AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_inherits AS inherits WHERE class.oid IN (inherits.inhrelid, inherits.inhparent)
    ) AS is_plain_table,
    attribute.attidentity::text AS "identity",
    pg_get_expr(default_of.adbin, default_of.adrelid) AS "default",
    owned.sequence,
    'INCREMENT BY ' || counter.seqincrement
        || CASE WHEN counter.seqmin IN (-2147483648, -32768) THEN '' ELSE ' MINVALUE ' || counter.seqmin END
        || CASE WHEN counter.seqmax IN (2147483647, 32767) THEN '' ELSE ' MAXVALUE ' || counter.seqmax END
        || ' START WITH ' || counter.seqstart || ' CACHE ' || counter.seqcache
        || CASE WHEN counter.seqcycle THEN ' CYCLE' ELSE '' END AS counting,
    col_description(class.oid, attribute.attnum) AS "comment",
    name.copy AS "copy",
    quote_ident(name.guard) AS guard,
    format('%I.%I', namespace.nspname, name.guard) AS guard_function,
    EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS copy
        WHERE copy.attrelid = class.oid AND copy.attname = name.copy AND NOT copy.attisdropped
    ) AS has_copy,
    EXISTS (
        SELECT FROM pg_catalog.pg_trigger AS trigger WHERE trigger.tgrelid = class.oid AND trigger.tgname = name.guard
    ) AS has_guard,
    guard_check.convalidated AS is_filled
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = class.oid AND NOT attribute.attisdropped
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN octet_length($2) <= 56 THEN $2 ELSE left($2, 10) || class.oid END || '_bigint' AS copy,
        -- Triggers run in the order of their names, and this one is the last.
        'zz_' || CASE
            WHEN octet_length(class.relname || $2) <= 50 THEN class.relname || '_' || $2 ELSE class.oid || '_' || attribute.attnum
        END || '_bigint' AS guard
) AS name
CROSS JOIN LATERAL (
    SELECT pg_get_serial_sequence(format('%I.%I', namespace.nspname, class.relname), $2) AS "sequence"
) AS owned
LEFT JOIN pg_catalog.pg_sequence AS counter ON counter.seqrelid = owned.sequence::regclass
LEFT JOIN pg_catalog.pg_attrdef AS default_of
    ON default_of.adrelid = class.oid AND default_of.adnum = attribute.attnum
LEFT JOIN pg_catalog.pg_constraint AS guard_check
    ON guard_check.conrelid = class.oid AND guard_check.conname = name.guard AND guard_check.contype = 'c'
WHERE class.oid = to_regclass(quote_ident($1)) AND attribute.attname = $2

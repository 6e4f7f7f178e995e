-- The indexes that hold the column $2 of the table $1, each with its twin: the same index of the column $3.
SELECT
    format('%I.%I', namespace.nspname, class.relname) AS qualified,
    quote_ident(class.relname) AS name,
    format('%I.%I', namespace.nspname, twin_name.name) AS qualified_twin,
    quote_ident(twin_name.name) AS twin,
    twin.indisvalid AS is_built,
    'CREATE ' || CASE WHEN index.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX CONCURRENTLY ' || quote_ident(twin_name.name)
        || format(' ON %I.%I USING %I (%s)', namespace.nspname, of_table.relname, method.amname, part.keys)
        || coalesce(' INCLUDE (' || part.included || ')', '')
        || CASE WHEN to_jsonb(index) ->> 'indnullsnotdistinct' = 'true' THEN ' NULLS NOT DISTINCT' ELSE '' END
        || coalesce(' WITH (' || array_to_string(class.reloptions, ', ') || ')', '')
        || coalesce(' TABLESPACE ' || quote_ident(space.spcname), '')
        || coalesce(' WHERE ' || pg_get_expr(index.indpred, index.indrelid), '') AS build,
    CASE bond.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END AS "constraint",
    CASE WHEN bond.condeferrable THEN ' DEFERRABLE' ELSE '' END
        || CASE WHEN bond.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END AS deferral
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_catalog.pg_class AS of_table ON of_table.oid = index.indrelid
JOIN pg_catalog.pg_am AS method ON method.oid = class.relam
JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attname = $2
LEFT JOIN pg_catalog.pg_tablespace AS space ON space.oid = class.reltablespace
LEFT JOIN pg_catalog.pg_constraint AS bond ON bond.conindid = index.indexrelid AND bond.conrelid = index.indrelid AND bond.contype IN ('p', 'u')
CROSS JOIN LATERAL (
    SELECT CASE WHEN octet_length(class.relname) <= 56 THEN class.relname::text ELSE left(class.relname, 10) || class.oid END || '_bigint' AS name
) AS twin_name
LEFT JOIN (
    pg_catalog.pg_index AS twin
    JOIN pg_catalog.pg_class AS twin_class ON twin_class.oid = twin.indexrelid
) ON twin.indrelid = index.indrelid AND twin_class.relname = twin_name.name
CROSS JOIN LATERAL (
    SELECT
        string_agg(
            CASE
                WHEN index.indkey[number - 1] = attribute.attnum THEN quote_ident($3)
                WHEN number > index.indnkeyatts THEN pg_get_indexdef(index.indexrelid, number, true)
                ELSE pg_get_indexdef(index.indexrelid, number, true)
                    || coalesce(' COLLATE ' || quote_ident(collation_space.nspname) || '.' || quote_ident("collation".collname), '')
                    || format(' %I.%I', class_space.nspname, operators.opcname)
            END || CASE
                WHEN method.amname <> 'btree' OR number > index.indnkeyatts THEN ''
                ELSE CASE WHEN index.indoption[number - 1] & 1 = 1 THEN ' DESC' ELSE ' ASC' END
                    || CASE WHEN index.indoption[number - 1] & 2 = 2 THEN ' NULLS FIRST' ELSE ' NULLS LAST' END
            END,
            ', ' ORDER BY number
        ) FILTER (WHERE number <= index.indnkeyatts) AS keys,
        string_agg(
            CASE WHEN index.indkey[number - 1] = attribute.attnum THEN quote_ident($3) ELSE pg_get_indexdef(index.indexrelid, number, true) END,
            ', ' ORDER BY number
        ) FILTER (WHERE number > index.indnkeyatts) AS included
    FROM generate_series(1, index.indnatts::int) AS number
    LEFT JOIN (
        pg_catalog.pg_opclass AS operators
        JOIN pg_catalog.pg_namespace AS class_space ON class_space.oid = operators.opcnamespace
    ) ON number <= index.indnkeyatts AND operators.oid = index.indclass[number - 1]
    LEFT JOIN (
        pg_catalog.pg_collation AS "collation"
        JOIN pg_catalog.pg_namespace AS collation_space ON collation_space.oid = "collation".collnamespace
    ) ON number <= index.indnkeyatts AND "collation".oid = index.indcollation[number - 1]
) AS part
WHERE index.indrelid = to_regclass(quote_ident($1)) AND attribute.attnum = ANY (index.indkey::int2[]) AND index.indisvalid
ORDER BY name

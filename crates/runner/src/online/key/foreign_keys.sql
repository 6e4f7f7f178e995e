-- The foreign keys from or to the column $2 of the table $1, each with its twin: the same one of the column $3.
WITH key AS (
    SELECT attribute.attrelid AS "table", attribute.attnum AS number
    FROM pg_catalog.pg_attribute AS attribute
    WHERE attribute.attrelid = to_regclass(quote_ident($1)) AND attribute.attname = $2
)
SELECT
    format('%I.%I', namespace.nspname, class.relname) AS "table",
    quote_ident(bond.conname) AS name,
    quote_ident(twin_name.name) AS twin,
    bond.convalidated AS is_validated,
    twin.convalidated AS is_twin_validated,
    format('FOREIGN KEY (%s) REFERENCES %I.%I (%s)', own.columns, target_space.nspname, target.relname, other.columns)
        || CASE bond.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END
        || ' ON UPDATE ' || (action.of_type ->> bond.confupdtype::text)
        || ' ON DELETE ' || (action.of_type ->> bond.confdeltype::text)
        || coalesce(' (' || own.set_columns || ')', '')
        || CASE WHEN bond.condeferrable THEN ' DEFERRABLE' ELSE '' END
        || CASE WHEN bond.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END AS definition
FROM key
JOIN pg_catalog.pg_constraint AS bond
    ON bond.contype = 'f'
    AND (
        (bond.confrelid = key."table" AND key.number = ANY (bond.confkey))
        OR (bond.conrelid = key."table" AND key.number = ANY (bond.conkey))
    )
JOIN pg_catalog.pg_class AS class ON class.oid = bond.conrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_catalog.pg_class AS target ON target.oid = bond.confrelid
JOIN pg_catalog.pg_namespace AS target_space ON target_space.oid = target.relnamespace
CROSS JOIN LATERAL (
    SELECT jsonb_build_object('a', 'NO ACTION', 'r', 'RESTRICT', 'c', 'CASCADE', 'n', 'SET NULL', 'd', 'SET DEFAULT') AS of_type
) AS action
CROSS JOIN LATERAL (
    SELECT CASE WHEN octet_length(bond.conname) <= 56 THEN bond.conname::text ELSE left(bond.conname, 10) || bond.oid END || '_bigint' AS name
) AS twin_name
LEFT JOIN pg_catalog.pg_constraint AS twin ON twin.conrelid = bond.conrelid AND twin.conname = twin_name.name AND twin.contype = 'f'
CROSS JOIN LATERAL (
    SELECT
        string_agg(
            CASE WHEN (bond.conrelid, number) = (key."table", key.number) THEN quote_ident($3) ELSE quote_ident(attribute.attname) END,
            ', ' ORDER BY place
        ) AS columns,
        string_agg(quote_ident(attribute.attname), ', ' ORDER BY place) FILTER (
            WHERE to_jsonb(bond) -> 'confdelsetcols' @> to_jsonb(number)
        ) AS set_columns
    FROM unnest(bond.conkey) WITH ORDINALITY AS column_of (number, place)
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = bond.conrelid AND attribute.attnum = number
) AS own
CROSS JOIN LATERAL (
    SELECT
        string_agg(
            CASE WHEN (bond.confrelid, number) = (key."table", key.number) THEN quote_ident($3) ELSE quote_ident(attribute.attname) END,
            ', ' ORDER BY place
        ) AS columns
    FROM unnest(bond.confkey) WITH ORDINALITY AS column_of (number, place)
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = bond.confrelid AND attribute.attnum = number
) AS other
ORDER BY "table", name

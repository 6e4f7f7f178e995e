-- One row: what foreign keys need to know of other tables than the one that is read.
-- ?1: JSON as written by `as_json`. Foreign keys stay in their schema, and only the main database is asked.
-- Catalogue: https://www.sqlite.org/pragma.html#pragma_foreign_key_list
WITH wanted AS MATERIALIZED (
    SELECT
        value ->> 'ordinal' AS ordinal,
        CAST(value ->> 'table_name' AS text) COLLATE NOCASE AS table_name
    FROM json_each(?1)
    WHERE COALESCE(value ->> 'schema_name', 'main') = 'main'
),
referring AS MATERIALIZED (
    SELECT wanted.ordinal, child.name AS child, foreign_key.*
    FROM sqlite_schema AS child
    CROSS JOIN pragma_foreign_key_list(child.name) AS foreign_key
    CROSS JOIN wanted
        ON wanted.table_name = foreign_key."table"
    WHERE child.type = 'table'
        -- REFERENCES, by a letter that is rare: the schema has no index, and each table's text is searched.
        AND child.sql LIKE '%FERENCES%'
        AND (SELECT enforced.foreign_keys FROM pragma_foreign_keys AS enforced) = 1
),
target_name AS (
    SELECT foreign_key."table" COLLATE NOCASE AS name
    FROM wanted
    CROSS JOIN pragma_foreign_key_list(wanted.table_name) AS foreign_key
    WHERE (SELECT enforced.foreign_keys FROM pragma_foreign_keys AS enforced) = 1
)
SELECT
    (SELECT schema.schema_version FROM pragma_schema_version AS schema) AS schema_version,
    (
        SELECT json_group_array(json_object(
            'target_ordinal', referring.ordinal,
            'table', referring.child,
            'id', referring.id,
            'position', referring.seq,
            'column', referring."from",
            'target_column', referring."to",
            'on_delete', referring.on_delete,
            'on_update', referring.on_update,
            'not_null', own."notnull",
            'default_text', own.dflt_value
        ))
        FROM referring
        LEFT JOIN pragma_table_xinfo(
            CASE WHEN 'SET NULL' IN (on_delete, on_update) OR 'SET DEFAULT' IN (on_delete, on_update) THEN referring.child END
        ) AS own
            ON own.name = referring."from" COLLATE NOCASE
    ) AS referrers,
    -- The tables that a foreign key refers to, as far as a column has a collation, which only their statements tell.
    (
        SELECT json_group_array(json_object('name', target.name, 'sql', target.sql))
        FROM sqlite_schema AS target
        WHERE EXISTS (SELECT 1 FROM target_name)
            AND target.type = 'table'
            AND target.sql LIKE '%COLLATE%'
            AND target.name COLLATE NOCASE IN (SELECT name FROM target_name)
    ) AS collated

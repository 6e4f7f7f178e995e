-- Everything about the tables asked for: one row for each that is there, with what the catalogue knows of it as JSON.
-- ?1: JSON as written by `as_json`. A table without a schema is looked up in the main database.
-- Catalogue: https://www.sqlite.org/pragma.html#pragma_table_xinfo
WITH wanted AS MATERIALIZED (
    SELECT
        value ->> 'ordinal' AS ordinal,
        COALESCE(value ->> 'schema_name', 'main') AS schema_name,
        -- Of a type and a collation that a look-up by the name can use.
        CAST(value ->> 'table_name' AS text) COLLATE NOCASE AS table_name
    FROM json_each(?1)
),
-- The schema has no index, so it is scanned, but once. Two comparisons cost less than a look-up for each of its rows.
definition AS MATERIALIZED (
    SELECT wanted.ordinal, object.type, object.name, object.sql
    FROM sqlite_schema AS object
    CROSS JOIN wanted
        ON wanted.table_name = object.tbl_name
        AND wanted.schema_name = 'main'
    WHERE object.tbl_name COLLATE NOCASE >= (SELECT min(table_name) FROM wanted)
        AND object.tbl_name COLLATE NOCASE <= (SELECT max(table_name) FROM wanted)
),
-- `pragma_table_list` walks through all tables for each name, so it is asked only about other schemas.
table_info AS (
    SELECT
        definition.ordinal,
        'main' AS schema,
        definition.name,
        CASE WHEN definition.sql LIKE 'CREATE VIRTUAL TABLE %' THEN 'virtual' ELSE definition.type END AS type,
        definition.sql
    FROM definition
    WHERE definition.type IN ('table', 'view')
    UNION ALL
    SELECT wanted.ordinal, listed.schema, listed.name, listed.type, NULL
    FROM wanted
    CROSS JOIN pragma_table_list(wanted.table_name) AS listed
    WHERE wanted.schema_name <> 'main'
        AND wanted.schema_name = listed.schema
)
SELECT
    table_info.ordinal AS ordinal,
    (SELECT setting.query_only FROM pragma_query_only AS setting) AS query_only,
    (SELECT setting.ignore_check_constraints FROM pragma_ignore_check_constraints AS setting) AS ignores_checks,
    (SELECT schema.schema_version FROM pragma_schema_version AS schema) AS schema_version,
    json_object(
        'kind', table_info.type,
        -- Answers for the primary key of a table without rowids, and for no other table.
        'without_rowid', EXISTS (SELECT 1 FROM pragma_index_info(table_info.name, table_info.schema)),
        'sql', table_info.sql,
        'columns', (
            SELECT json_group_array(json_object(
                'name', column_info.name,
                'type_text', column_info.type,
                'not_null', column_info."notnull",
                'default_text', column_info.dflt_value,
                'key_position', column_info.pk,
                'hidden', column_info.hidden
            ))
            FROM pragma_table_xinfo(table_info.name, table_info.schema) AS column_info
            WHERE column_info.hidden <> 1
        ),
        'indexes', (
            SELECT json_group_array(json_object(
                'name', index_info.name,
                'origin', index_info.origin,
                'is_unique', index_info."unique",
                'sql', CASE WHEN index_info.origin = 'c' AND table_info.schema = 'main' THEN (
                    SELECT partial.sql
                    FROM definition AS partial
                    WHERE partial.type = 'index'
                        AND partial.name = index_info.name
                ) END,
                'is_partial', index_info.partial,
                'parts', (
                    SELECT json_group_array(json_object(
                        'position', part.seqno,
                        'is_expression', part.cid = -2,
                        'column', part.name,
                        'collation', part.coll
                    ))
                    FROM pragma_index_xinfo(index_info.name, table_info.schema) AS part
                    WHERE part.key = 1
                )
            ))
            FROM pragma_index_list(table_info.name, table_info.schema) AS index_info
        ),
        'foreign_keys', (
            SELECT json_group_array(json_object(
                'id', foreign_key.id,
                'position', foreign_key.seq,
                'column', foreign_key."from",
                'target_table', foreign_key."table",
                'target_column', foreign_key."to",
                'target_keys', (
                    -- Each key of the target: its columns in order, that of the rowid among them.
                    SELECT json_group_array(json_object('is_primary', key.is_primary, 'columns', json(key.columns)))
                    FROM (
                        SELECT 1 AS is_primary, json_group_array(json_object('name', part.name)) AS columns
                        FROM (
                            SELECT column_info.name
                            FROM pragma_table_info(foreign_key."table", table_info.schema) AS column_info
                            WHERE column_info.pk > 0
                            ORDER BY column_info.pk
                        ) AS part
                        HAVING count(*) > 0
                        UNION ALL
                        SELECT 0, (
                            SELECT json_group_array(json_object('name', part.name, 'collation', part.coll))
                            FROM pragma_index_xinfo(index_info.name, table_info.schema) AS part
                            WHERE part.key = 1
                        )
                        FROM pragma_index_list(foreign_key."table", table_info.schema) AS index_info
                        WHERE index_info."unique" = 1
                            AND index_info.partial = 0
                    ) AS key
                ),
                'on_delete', foreign_key.on_delete,
                'on_update', foreign_key.on_update
            ))
            FROM pragma_foreign_key_list(table_info.name, table_info.schema) AS foreign_key
            WHERE (SELECT enforced.foreign_keys FROM pragma_foreign_keys AS enforced) = 1
        ),
        'triggers', json(COALESCE(reaction.triggers, '[]')),
        'trigger_texts', json(COALESCE(reaction.texts, '[]'))
    ) AS relation
FROM table_info
LEFT JOIN (
    SELECT ordinal, json_group_array(name) AS triggers, json_group_array(sql) AS texts
    FROM definition
    WHERE type = 'trigger'
    GROUP BY ordinal
) AS reaction
    ON reaction.ordinal = table_info.ordinal
ORDER BY table_info.ordinal

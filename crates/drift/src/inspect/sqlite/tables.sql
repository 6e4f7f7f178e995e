-- Everything about the tables asked for: one row for each that is there, with what the catalogue knows of it as JSON.
-- ?1: JSON as written by `as_json`. A table without a schema is looked up in the main database.
-- Catalogue: https://www.sqlite.org/pragma.html#pragma_table_xinfo
SELECT
    wanted.value ->> 'ordinal' AS ordinal,
    json_object(
        'kind', table_info.type,
        'without_rowid', table_info.wr,
        'sql', definition.sql,
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
                'sql', CASE WHEN index_info.partial = 1 AND table_info.schema = 'main' THEN (
                    SELECT partial.sql
                    FROM sqlite_schema AS partial
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
                    SELECT json_group_array(json(key.columns))
                    FROM (
                        SELECT json_group_array(part.name) AS columns
                        FROM (
                            SELECT column_info.name
                            FROM pragma_table_info(target.name, target.schema) AS column_info
                            WHERE column_info.pk > 0
                            ORDER BY column_info.pk
                        ) AS part
                        HAVING count(*) > 0
                        UNION ALL
                        SELECT (
                            SELECT json_group_array(part.name)
                            FROM pragma_index_info(index_info.name, target.schema) AS part
                        )
                        FROM pragma_index_list(target.name, target.schema) AS index_info
                        WHERE index_info."unique" = 1
                            AND index_info.partial = 0
                    ) AS key
                    WHERE target.name IS NOT NULL
                ),
                'on_delete', foreign_key.on_delete,
                'on_update', foreign_key.on_update
            ))
            FROM pragma_foreign_key_list(table_info.name, table_info.schema) AS foreign_key
            LEFT JOIN pragma_table_list(foreign_key."table") AS target
                ON target.schema = table_info.schema
                AND target.type = 'table'
            WHERE (SELECT enforced.foreign_keys FROM pragma_foreign_keys AS enforced) = 1
        ),
        'triggers', json(COALESCE(reaction.triggers, '[]')),
        'trigger_texts', json(COALESCE(reaction.texts, '[]'))
    ) AS relation
FROM json_each(?1) AS wanted
JOIN pragma_table_list(wanted.value ->> 'table_name') AS table_info
    ON table_info.schema = COALESCE(wanted.value ->> 'schema_name', 'main')
LEFT JOIN (
    SELECT 'main' AS schema_name, name, sql
    FROM sqlite_schema
    WHERE type = 'table'
        AND name COLLATE NOCASE IN (SELECT value ->> 'table_name' FROM json_each(?1))
) AS definition
    ON definition.name = table_info.name
    AND definition.schema_name = table_info.schema
LEFT JOIN (
    SELECT 'main' AS schema_name, tbl_name, json_group_array(name) AS triggers, json_group_array(sql) AS texts
    FROM sqlite_schema
    WHERE type = 'trigger'
        AND tbl_name COLLATE NOCASE IN (SELECT value ->> 'table_name' FROM json_each(?1))
    GROUP BY tbl_name
) AS reaction
    ON reaction.tbl_name = table_info.name
    AND reaction.schema_name = table_info.schema
ORDER BY ordinal

-- The columns of the tables asked for, in the order of the request and of the table.
-- ?1: JSON as written by `as_json`. A table without a schema is looked up in the main database.
-- Catalogue: https://www.sqlite.org/pragma.html#pragma_table_xinfo
SELECT
    wanted.value ->> 'ordinal' AS ordinal,
    column_info.name AS name,
    column_info.type AS type_text,
    column_info."notnull" AS not_null,
    column_info.dflt_value AS default_text,
    column_info.pk AS key_position,
    column_info.hidden IN (2, 3) AS is_computed,
    table_info.wr AS without_rowid,
    EXISTS (
        SELECT 1
        FROM pragma_index_list(table_info.name, table_info.schema) AS key_index
        WHERE key_index.origin = 'pk'
    ) AS has_key_index
FROM json_each(?1) AS wanted
JOIN pragma_table_list(wanted.value ->> 'table_name') AS table_info
    ON table_info.schema = COALESCE(wanted.value ->> 'schema_name', 'main')
JOIN pragma_table_xinfo(table_info.name, table_info.schema) AS column_info
WHERE column_info.hidden <> 1
ORDER BY ordinal, column_info.cid

-- The key columns of all indexes of the tables asked for.
-- ?1: JSON as written by `as_json`.
-- Catalogue: https://www.sqlite.org/pragma.html#pragma_index_xinfo
SELECT
    wanted.value ->> 'ordinal' AS ordinal,
    index_info.name AS index_name,
    index_info."unique" AS is_unique,
    index_info.partial AS is_partial,
    part.cid = -2 AS is_expression,
    part.name AS column_name
FROM json_each(?1) AS wanted
JOIN pragma_table_list(wanted.value ->> 'table_name') AS table_info
    ON table_info.schema = COALESCE(wanted.value ->> 'schema_name', 'main')
JOIN pragma_index_list(table_info.name, table_info.schema) AS index_info
JOIN pragma_index_xinfo(index_info.name, table_info.schema) AS part
WHERE part.key = 1 AND index_info.origin <> 'pk'
ORDER BY ordinal, index_name, part.seqno

-- The columns of a table, in their order, and what keeps it from being an archive. $1: its name.
-- Source: https://www.sqlite.org/pragma.html#pragma_table_xinfo
SELECT
    relation.name AS table_id,
    CASE WHEN relation.type <> 'table' THEN 'it is not a table' END AS table_unfit_reason,
    columns.name AS name,
    upper(columns.type) AS type,
    columns.hidden IN (2, 3) AS is_generated
FROM sqlite_schema AS relation
JOIN pragma_table_xinfo(relation.name) AS columns
WHERE relation.name = $1 COLLATE NOCASE
    AND relation.type IN ('table', 'view')
    AND columns.hidden <> 1
ORDER BY columns.cid

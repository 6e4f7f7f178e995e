-- The comments of tables and columns; those of this database also without its name.
WITH comments (table_schema, object, comment) AS (
    SELECT table_schema, table_name, table_comment FROM information_schema.tables WHERE table_type = 'BASE TABLE'
    UNION ALL
    SELECT table_schema, CONCAT(table_name, '.', column_name), column_comment FROM information_schema.columns
)
SELECT CAST(object AS CHAR) AS object, CAST(comment AS CHAR) AS comment
FROM comments
WHERE table_schema = DATABASE() AND comment <> ''
UNION ALL
SELECT CAST(CONCAT(table_schema, '.', object) AS CHAR), CAST(comment AS CHAR)
FROM comments
WHERE table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') AND comment <> ''
ORDER BY 1

-- The comments of columns; those of this database also without its name.
SELECT CAST(CONCAT(table_name, '.', column_name) AS CHAR) AS object, CAST(column_comment AS CHAR) AS comment
FROM information_schema.columns
WHERE table_schema = DATABASE() AND column_comment <> ''
UNION ALL
SELECT CAST(CONCAT(table_schema, '.', table_name, '.', column_name) AS CHAR), CAST(column_comment AS CHAR)
FROM information_schema.columns
WHERE table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') AND column_comment <> ''
ORDER BY 1

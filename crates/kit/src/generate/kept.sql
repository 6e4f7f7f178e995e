-- What a MODIFY of a column must repeat; tables of this database without its name.
SELECT
    CAST(IF(col.table_schema = DATABASE(), NULL, col.table_schema) AS CHAR) AS table_schema,
    CAST(col.table_name AS CHAR) AS table_name,
    CAST(col.column_name AS CHAR) AS column_name,
    CAST(col.column_comment AS CHAR) AS comment,
    CAST(col.extra AS CHAR) AS extra
FROM information_schema.columns AS col
WHERE
    col.table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
    AND (col.column_comment <> '' OR col.extra LIKE '%INVISIBLE%' OR col.extra LIKE '%on update%')

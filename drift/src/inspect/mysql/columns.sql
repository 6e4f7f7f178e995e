-- The columns of one table; repeated with UNION ALL for each table, because only a constant table name spares the
-- server from opening every table it has. Parameters: ordinal, schema (NULL for the connection's own), table.
-- Texts are cast because MySQL 8 sends some of them as binary.
-- Catalogue: https://dev.mysql.com/doc/refman/8.0/en/information-schema-columns-table.html
SELECT
    CAST(? AS SIGNED) AS ordinal,
    CAST(ORDINAL_POSITION AS SIGNED) AS column_position,
    CAST(COLUMN_NAME AS CHAR) AS name,
    CAST(COLUMN_TYPE AS CHAR) AS type_text,
    IS_NULLABLE = 'NO' AS not_null,
    CAST(COLUMN_DEFAULT AS CHAR) AS default_text,
    CAST(EXTRA AS CHAR) AS extra
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?

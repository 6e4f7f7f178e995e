-- The columns of the table ?.
-- https://mariadb.com/kb/en/information-schema-columns-table/
SELECT
    COLUMN_NAME AS name,
    COLUMN_TYPE AS data_type,
    CAST(IS_NULLABLE = 'YES' AS SIGNED) AS is_nullable,
    COLLATION_NAME AS collation,
    CAST(CHARACTER_OCTET_LENGTH AS UNSIGNED) AS bytes,
    EXTRA AS extra
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
ORDER BY ORDINAL_POSITION

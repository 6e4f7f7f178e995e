-- The columns of each index of the table ?.
-- https://mariadb.com/kb/en/information-schema-statistics-table/
SELECT
    INDEX_NAME AS name,
    COALESCE(COLUMN_NAME, '') AS column_name,
    INDEX_TYPE AS index_type
FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
ORDER BY INDEX_NAME, SEQ_IN_INDEX

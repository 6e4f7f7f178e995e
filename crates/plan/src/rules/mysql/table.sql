-- The engine, row format and collation of the table ?.
-- https://mariadb.com/kb/en/information-schema-tables-table/
SELECT
    ENGINE AS engine,
    ROW_FORMAT AS row_format,
    TABLE_COLLATION AS collation
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?

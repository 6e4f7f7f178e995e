-- A statement for each view and sequence.
-- https://mariadb.com/kb/en/information-schema-tables-table/
SELECT CONCAT('DROP ', TABLE_TYPE, ' IF EXISTS `', REPLACE(TABLE_NAME, '`', '``'), '`') AS statement
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('SEQUENCE', 'VIEW')
ORDER BY TABLE_NAME

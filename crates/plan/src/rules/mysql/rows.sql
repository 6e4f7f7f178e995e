-- The estimated rows of the table ?.
SELECT CAST(TABLE_ROWS AS UNSIGNED) AS count
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?

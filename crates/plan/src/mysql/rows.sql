-- About how many rows the table ? has.
SELECT CAST(TABLE_ROWS AS UNSIGNED) AS count
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?

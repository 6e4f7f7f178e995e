-- A statement for each table. Not for the row that is the lock of this run, on a Galera cluster.
-- https://mariadb.com/kb/en/information-schema-tables-table/
SELECT CONCAT('DROP TABLE IF EXISTS `', REPLACE(TABLE_NAME, '`', '``'), '`') AS statement
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE()
    AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
    AND NOT (TABLE_NAME = 'sea_orm_runner_lock' AND @sea_orm_runner_holder IS NOT NULL)
ORDER BY TABLE_NAME

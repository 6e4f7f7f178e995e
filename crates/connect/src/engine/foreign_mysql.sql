-- A table of these whose engine keeps its rows on other servers.
SELECT CAST(TABLE_NAME AS CHAR), CAST(CONCAT('the engine ', ENGINE) AS CHAR)
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({tables}) AND ENGINE IN ('SPIDER', 'FEDERATED', 'CONNECT')
ORDER BY TABLE_NAME
LIMIT 1

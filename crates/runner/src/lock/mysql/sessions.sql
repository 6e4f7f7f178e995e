-- https://mariadb.com/kb/en/information-schema-processlist-table/
SELECT
    CAST(process.ID AS SIGNED) AS pid,
    CAST(NULL AS CHAR) AS application,
    CAST(process.USER AS CHAR) AS `user`,
    CAST(process.HOST AS CHAR) AS client,
    CAST(NULLIF(CONCAT_WS(', ', process.COMMAND, NULLIF(process.STATE, '')), '') AS CHAR) AS state,
    CAST(process.TIME AS SIGNED) AS seconds,
    CAST(process.INFO AS CHAR) AS query
FROM information_schema.PROCESSLIST AS process
WHERE {which}
ORDER BY process.DB <=> DATABASE() DESC, process.TIME DESC, process.ID
LIMIT 5

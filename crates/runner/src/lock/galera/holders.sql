SELECT
    CAST(COALESCE(pid, 0) AS SIGNED) AS pid,
    CAST(CONCAT('on node ', node_name) AS CHAR) AS application,
    CAST(account AS CHAR) AS `user`,
    CAST(NULL AS CHAR) AS client,
    CAST(NULL AS CHAR) AS state,
    CAST(TIMESTAMPDIFF(SECOND, since, UTC_TIMESTAMP()) AS SIGNED) AS seconds,
    CAST(NULL AS CHAR) AS query
FROM sea_orm_runner_lock
WHERE id = 1 AND holder IS NOT NULL
ORDER BY pid

SELECT
    CAST(holder AS CHAR) AS holder,
    CAST(changes AS SIGNED) AS changes,
    CAST(node AS CHAR) AS node,
    CAST(pid AS SIGNED) AS pid,
    CAST(account <=> CURRENT_USER() AS SIGNED) AS is_own_account
FROM sea_orm_runner_lock
WHERE id = 1

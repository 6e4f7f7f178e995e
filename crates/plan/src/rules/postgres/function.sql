-- Whether the functions of the name $1 may return another value for each row.
-- https://www.postgresql.org/docs/current/xfunc-volatility.html
SELECT
    bool_or(provolatile = 'v') AS is_volatile,
    bool_or(provolatile = 'v') <> bool_and(provolatile = 'v')
        -- The planner may inline the body of a SQL function, and find it constant.
        OR bool_or(
            provolatile = 'v' AND prolang = (SELECT oid FROM pg_catalog.pg_language WHERE lanname = 'sql')
        ) AS is_unknown
FROM pg_catalog.pg_proc
WHERE proname = $1
HAVING count(*) > 0

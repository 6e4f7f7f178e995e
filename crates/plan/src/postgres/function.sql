-- Whether the functions of the name $1 give each row a value of its own.
-- https://www.postgresql.org/docs/current/xfunc-volatility.html
SELECT
    bool_or(provolatile = 'v') AS is_volatile,
    bool_or(provolatile = 'v') <> bool_and(provolatile = 'v')
        -- The planner may put the body of such a function in its place, and find that constant.
        OR bool_or(
            provolatile = 'v' AND prolang = (SELECT oid FROM pg_catalog.pg_language WHERE lanname = 'sql')
        ) AS is_unclear
FROM pg_catalog.pg_proc
WHERE proname = $1
HAVING count(*) > 0

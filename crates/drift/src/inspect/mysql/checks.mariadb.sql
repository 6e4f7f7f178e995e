-- https://mariadb.com/kb/en/information-schema-check_constraints-table/
SELECT {key of TABLE_NAME}, 'check', 0, JSON_OBJECT(
    'name', CAST(CONSTRAINT_NAME AS CHAR),
    'level', CAST(LEVEL AS CHAR),
    'text', CAST(CHECK_CLAUSE AS CHAR)
)
FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = COALESCE(?, DATABASE()) {and TABLE_NAME}

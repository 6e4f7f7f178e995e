-- https://dev.mysql.com/doc/refman/8.0/en/information-schema-check-constraints-table.html
SELECT {key of owner.TABLE_NAME}, 'check', 0, JSON_OBJECT(
    'name', CAST(owner.CONSTRAINT_NAME AS CHAR),
    'level', 'Table',
    'text', CAST(rule.CHECK_CLAUSE AS CHAR)
)
FROM information_schema.TABLE_CONSTRAINTS AS owner
JOIN information_schema.CHECK_CONSTRAINTS AS rule
    ON rule.CONSTRAINT_SCHEMA = owner.CONSTRAINT_SCHEMA
    AND rule.CONSTRAINT_NAME = owner.CONSTRAINT_NAME
WHERE owner.TABLE_SCHEMA = COALESCE(?, DATABASE()) {and owner.TABLE_NAME}
    AND owner.CONSTRAINT_TYPE = 'CHECK' AND owner.ENFORCED = 'YES'

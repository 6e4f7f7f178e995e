-- Whether a privilege to do more than read reaches beyond single tables: a role that has none such is not shown all
-- constraints. The names of databases are patterns.
UNION ALL
SELECT -1, 'grants', 0, JSON_OBJECT('is_wide', CAST(
    EXISTS (
        SELECT 1
        FROM information_schema.SCHEMA_PRIVILEGES
        WHERE DATABASE() LIKE TABLE_SCHEMA
            AND PRIVILEGE_TYPE IN ('INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES')
    )
    OR EXISTS (
        SELECT 1
        FROM information_schema.USER_PRIVILEGES
        WHERE PRIVILEGE_TYPE IN ('INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES')
    )
AS SIGNED), 'role', CURRENT_USER())

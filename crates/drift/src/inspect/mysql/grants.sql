-- Whether a privilege to do more than read reaches beyond single tables: a role that has none such is not shown all
-- constraints. The names of databases are patterns.
UNION ALL
SELECT -1, 'grants', 0, JSON_OBJECT('has_wide_privileges', CAST(
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
AS SIGNED),
    'read_only', CAST(@@GLOBAL.read_only AS CHAR),
    -- MariaDB since 10.11: READ_ONLY ADMIN; earlier, and MySQL: SUPER or CONNECTION_ADMIN.
    'ignores_read_only', CAST(EXISTS (
        SELECT 1
        FROM information_schema.USER_PRIVILEGES
        WHERE PRIVILEGE_TYPE IN ('READ_ONLY ADMIN', 'READ ONLY ADMIN', 'CONNECTION_ADMIN')
            OR PRIVILEGE_TYPE = 'SUPER' AND VERSION() NOT REGEXP '^(10[.]1[1-9]|1[1-9][.])'
    ) AS SIGNED),
    'session_read_only', CAST({session_read_only} AS CHAR),
    'sql_mode', CAST(@@SESSION.sql_mode AS CHAR),
    'check_constraint_checks', CAST({check_constraint_checks} AS CHAR),
    'role', CURRENT_USER())

-- Whether any privilege reaches beyond single tables: a role that has none such is not shown all constraints.
UNION ALL
SELECT -1, 'grants', 0, JSON_OBJECT('is_wide', CAST(
    EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES)
    OR EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE <> 'USAGE')
AS SIGNED))

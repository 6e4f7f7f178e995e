-- Everything about one table, a row for each fact: what kind of fact, where it stands among its kind, and the fact as
-- JSON. Either repeated with UNION ALL for each table, because only a constant table name keeps the server from opening
-- every table that it has; `{key of X}` is then the table's number, and `{and X}` its name. Or once for all tables of a
-- schema; `{key of X}` is then the table's name. Parameters of each SELECT: number, schema (NULL for the connection's own),
-- table; or the schema alone.
-- Texts are cast because MySQL 8 keeps some of them as binary.
-- Catalogue: https://dev.mysql.com/doc/refman/8.0/en/information-schema.html
SELECT {key of TABLE_NAME} AS `key`, 'about' AS kind, 0 AS position, JSON_OBJECT(
    'table_type', CAST(TABLE_TYPE AS CHAR),
    'engine', CAST(ENGINE AS CHAR),
    'next_auto_increment', CAST(AUTO_INCREMENT AS CHAR),
    'create_options', CAST(CREATE_OPTIONS AS CHAR),
    'row_format', CAST(ROW_FORMAT AS CHAR),
    'default_collation', CAST((
        SELECT DEFAULT_COLLATION_NAME
        FROM information_schema.SCHEMATA
        WHERE SCHEMA_NAME = TABLE_SCHEMA
    ) AS CHAR),
    'utf8mb4_collation', CAST((
        SELECT DEFAULT_COLLATE_NAME
        FROM information_schema.CHARACTER_SETS
        WHERE CHARACTER_SET_NAME = 'utf8mb4'
    ) AS CHAR),
    -- What an enabled role grants is not listed for the user.
    'has_delete_privilege', CAST(
        COALESCE(CURRENT_ROLE(), 'NONE') <> 'NONE'
        OR EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'DELETE')
        OR EXISTS (
            SELECT 1
            FROM information_schema.SCHEMA_PRIVILEGES AS granted
            WHERE TABLES.TABLE_SCHEMA LIKE granted.TABLE_SCHEMA
                AND granted.PRIVILEGE_TYPE = 'DELETE'
        )
        OR EXISTS (
            SELECT 1
            FROM information_schema.TABLE_PRIVILEGES AS granted
            WHERE granted.TABLE_SCHEMA = TABLES.TABLE_SCHEMA
                AND granted.TABLE_NAME = TABLES.TABLE_NAME
                AND granted.PRIVILEGE_TYPE = 'DELETE'
        )
    AS SIGNED)
) AS fact
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) {and TABLE_NAME}
UNION ALL
SELECT {key of TABLE_NAME}, 'column', CAST(ORDINAL_POSITION AS SIGNED), JSON_OBJECT(
    'name', CAST(COLUMN_NAME AS CHAR),
    'type_text', CAST(COLUMN_TYPE AS CHAR),
    'is_nullable', CAST(IS_NULLABLE AS CHAR),
    'default_text', CAST(COLUMN_DEFAULT AS CHAR),
    'extra', CAST(EXTRA AS CHAR),
    'expression', CAST(GENERATION_EXPRESSION AS CHAR),
    'character_set', CAST(CHARACTER_SET_NAME AS CHAR),
    'collation', CAST(COLLATION_NAME AS CHAR),
    'privileges', CAST(PRIVILEGES AS CHAR)
)
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) {and TABLE_NAME}
UNION ALL
SELECT {key of TABLE_NAME}, 'index', CAST(SEQ_IN_INDEX AS SIGNED), JSON_OBJECT(
    'name', CAST(INDEX_NAME AS CHAR),
    'non_unique', CAST(NON_UNIQUE AS SIGNED),
    'prefix', CAST(SUB_PART AS SIGNED),
    'method', CAST(INDEX_TYPE AS CHAR),
    'is_ignored', {is_ignored},
    'column', CAST(COLUMN_NAME AS CHAR)
)
FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) {and TABLE_NAME}
UNION ALL
SELECT {key of TABLE_NAME}, 'partition', CAST(PARTITION_ORDINAL_POSITION AS SIGNED), JSON_OBJECT(
    'method', CAST(PARTITION_METHOD AS CHAR),
    'expression', CAST(PARTITION_EXPRESSION AS CHAR),
    'description', CAST(PARTITION_DESCRIPTION AS CHAR),
    'now', CAST(NOW() AS CHAR),
    'tomorrow', CAST(NOW() + INTERVAL 1 DAY AS CHAR),
    'now_to_days', TO_DAYS(NOW()),
    'now_to_seconds', TO_SECONDS(NOW()),
    'now_unix_timestamp', UNIX_TIMESTAMP()
)
FROM information_schema.PARTITIONS
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) {and TABLE_NAME}
    AND PARTITION_NAME IS NOT NULL
UNION ALL
SELECT {key of part.TABLE_NAME}, 'foreign_key', CAST(part.ORDINAL_POSITION AS SIGNED), JSON_OBJECT(
    'name', CAST(part.CONSTRAINT_NAME AS CHAR),
    'column', CAST(part.COLUMN_NAME AS CHAR),
    'target_schema', CAST(part.REFERENCED_TABLE_SCHEMA AS CHAR),
    'is_target_in_other_schema', CAST(NOT part.REFERENCED_TABLE_SCHEMA <=> DATABASE() AS SIGNED),
    'target_table', CAST(part.REFERENCED_TABLE_NAME AS CHAR),
    'target_column', CAST(part.REFERENCED_COLUMN_NAME AS CHAR)
)
FROM information_schema.KEY_COLUMN_USAGE AS part
WHERE part.TABLE_SCHEMA = COALESCE(?, DATABASE()) {and part.TABLE_NAME}
    AND part.REFERENCED_TABLE_NAME IS NOT NULL
UNION ALL
SELECT {key of TABLE_NAME}, 'foreign_key_action', 0, JSON_OBJECT(
    'name', CAST(CONSTRAINT_NAME AS CHAR),
    'on_delete', CAST(DELETE_RULE AS CHAR),
    'on_update', CAST(UPDATE_RULE AS CHAR),
    'has_referenced_key', CAST(UNIQUE_CONSTRAINT_NAME IS NOT NULL AS SIGNED)
)
FROM information_schema.REFERENTIAL_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = COALESCE(?, DATABASE()) {and TABLE_NAME}
UNION ALL
SELECT {key of EVENT_OBJECT_TABLE}, 'trigger', CAST(ACTION_ORDER AS SIGNED), JSON_OBJECT('name', CAST(TRIGGER_NAME AS CHAR),
    'is_before_insert', IF(ACTION_TIMING = 'BEFORE' AND EVENT_MANIPULATION = 'INSERT', 1, 0),
    -- The server looks for the definer when the trigger runs. Only who may read all accounts sees others than the own one.
    'lost_definer', IF(
        EVENT_MANIPULATION <> 'DELETE'
            AND DEFINER LIKE '%@_%'
            AND (SELECT COUNT(DISTINCT GRANTEE) FROM information_schema.USER_PRIVILEGES) > 1
            AND NOT EXISTS (
                SELECT 1
                FROM information_schema.USER_PRIVILEGES
                WHERE REPLACE(GRANTEE, '''', '') = REPLACE(DEFINER, '''', '')
            ),
        CAST(DEFINER AS CHAR),
        NULL
    ))
FROM information_schema.TRIGGERS
WHERE EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) {and EVENT_OBJECT_TABLE}
UNION ALL

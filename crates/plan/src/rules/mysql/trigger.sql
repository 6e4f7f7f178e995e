-- The table of the trigger ?.
-- https://mariadb.com/kb/en/information-schema-triggers-table/
SELECT EVENT_OBJECT_TABLE AS table_name
FROM information_schema.TRIGGERS
WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME = ?

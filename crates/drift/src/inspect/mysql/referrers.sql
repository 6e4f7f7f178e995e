-- The foreign keys of a schema that refer to tables of it, a row for each column.
-- Parameter: schema (NULL for the connection's own), twice.
-- Catalogue: https://dev.mysql.com/doc/refman/8.0/en/information-schema-referential-constraints-table.html
SELECT
    CAST(part.CONSTRAINT_NAME AS CHAR) AS name,
    CAST(part.TABLE_NAME AS CHAR) AS `table`,
    CAST(part.COLUMN_NAME AS CHAR) AS `column`,
    CAST(part.REFERENCED_TABLE_NAME AS CHAR) AS target,
    CAST(part.REFERENCED_COLUMN_NAME AS CHAR) AS target_column,
    CAST(action.DELETE_RULE AS CHAR) AS on_delete,
    CAST(action.UPDATE_RULE AS CHAR) AS on_update
FROM information_schema.KEY_COLUMN_USAGE AS part
JOIN information_schema.REFERENTIAL_CONSTRAINTS AS action
    ON action.CONSTRAINT_SCHEMA = part.CONSTRAINT_SCHEMA
    AND action.CONSTRAINT_NAME = part.CONSTRAINT_NAME
    AND action.TABLE_NAME = part.TABLE_NAME
WHERE part.TABLE_SCHEMA = COALESCE(?, DATABASE())
    AND action.CONSTRAINT_SCHEMA = COALESCE(?, DATABASE())
    AND part.REFERENCED_TABLE_SCHEMA = part.TABLE_SCHEMA
ORDER BY part.TABLE_NAME, part.CONSTRAINT_NAME, part.ORDINAL_POSITION

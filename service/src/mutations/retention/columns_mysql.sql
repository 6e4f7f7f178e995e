-- The columns of a table, in their order, and what keeps it from being an archive. The schema, or NULL for the current one; the name.
-- Source: https://mariadb.com/kb/en/information-schema-tables-table/
SELECT
    CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) AS table_id,
    CASE
        WHEN t.TABLE_TYPE <> 'BASE TABLE' THEN 'it is not a table'
        WHEN COALESCE(e.TRANSACTIONS, 'NO') <> 'YES'
            THEN CONCAT('its engine, ', COALESCE(t.ENGINE, 'unknown'), ', has no transactions, so a killed run would leave calls twice')
    END AS table_unfit_reason,
    c.COLUMN_NAME AS name,
    CONCAT(c.COLUMN_TYPE, COALESCE(CONCAT(' ', c.CHARACTER_SET_NAME), '')) AS type,
    c.EXTRA LIKE '%GENERATED%' AS is_generated
FROM information_schema.TABLES AS t
JOIN information_schema.COLUMNS AS c
    ON c.TABLE_SCHEMA = t.TABLE_SCHEMA
    AND c.TABLE_NAME = t.TABLE_NAME
LEFT JOIN information_schema.ENGINES AS e
    ON e.ENGINE = t.ENGINE
WHERE t.TABLE_SCHEMA = COALESCE(?, DATABASE())
    AND t.TABLE_NAME = ?
ORDER BY c.ORDINAL_POSITION

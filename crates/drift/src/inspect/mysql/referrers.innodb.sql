-- The foreign keys of a schema that refer to tables of it, as InnoDB has them; PROCESS is needed. It keeps names as those of files are.
-- Parameter: schema (NULL for the connection's own).
-- Catalogue: https://mariadb.com/kb/en/information-schema-innodb_sys_foreign-table/
SELECT id, name, `table`, target, on_delete, on_update, CAST(@@lower_case_table_names AS SIGNED) AS lower_case
FROM (
    SELECT
        CAST(ID AS CHAR) AS id,
        CAST(SUBSTRING(ID, LOCATE('/', ID) + 1) AS CHAR) AS name,
        CONVERT(CONVERT(CAST(SUBSTRING_INDEX(FOR_NAME, '/', 1) AS BINARY) USING filename) USING utf8mb4) AS table_schema,
        CONVERT(CONVERT(CAST(SUBSTRING_INDEX(FOR_NAME, '/', -1) AS BINARY) USING filename) USING utf8mb4) AS `table`,
        CONVERT(CONVERT(CAST(SUBSTRING_INDEX(REF_NAME, '/', 1) AS BINARY) USING filename) USING utf8mb4) AS target_schema,
        CONVERT(CONVERT(CAST(SUBSTRING_INDEX(REF_NAME, '/', -1) AS BINARY) USING filename) USING utf8mb4) AS target,
        CASE WHEN TYPE & 1 THEN 'CASCADE' WHEN TYPE & 2 THEN 'SET NULL' ELSE 'NO ACTION' END AS on_delete,
        CASE WHEN TYPE & 4 THEN 'CASCADE' WHEN TYPE & 8 THEN 'SET NULL' ELSE 'NO ACTION' END AS on_update,
        COALESCE(?, DATABASE()) AS wanted_schema
    FROM information_schema.INNODB_SYS_FOREIGN
) AS foreign_key
WHERE table_schema = wanted_schema AND target_schema = wanted_schema
    AND (@@lower_case_table_names <> 0 OR BINARY table_schema = BINARY wanted_schema AND BINARY target_schema = BINARY wanted_schema)
ORDER BY `table`, name

-- The columns of all foreign keys of the server, as InnoDB has them; PROCESS is needed.
-- Catalogue: https://mariadb.com/kb/en/information-schema-innodb_sys_foreign_cols-table/
SELECT CAST(ID AS CHAR) AS id, CAST(FOR_COL_NAME AS CHAR) AS `column`, CAST(REF_COL_NAME AS CHAR) AS target_column
FROM information_schema.INNODB_SYS_FOREIGN_COLS
ORDER BY ID, POS

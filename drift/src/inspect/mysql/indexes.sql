-- The columns of all indexes of one table; repeated with UNION ALL for each table.
-- Parameters: ordinal, schema (NULL for the connection's own), table.
-- Catalogue: https://dev.mysql.com/doc/refman/8.0/en/information-schema-statistics-table.html
SELECT
    CAST(? AS SIGNED) AS ordinal,
    CAST(INDEX_NAME AS CHAR) AS index_name,
    CAST(SEQ_IN_INDEX AS SIGNED) AS column_position,
    NON_UNIQUE = 0 AS is_unique,
    SUB_PART IS NOT NULL AS is_prefix,
    INDEX_TYPE NOT IN ('BTREE', 'HASH') AS is_other_method,
    CAST(COLUMN_NAME AS CHAR) AS column_name
FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?

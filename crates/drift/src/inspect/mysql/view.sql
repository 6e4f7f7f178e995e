-- Whether rows can be written through one view; repeated with UNION ALL for each view.
-- Parameters: ordinal, schema (NULL for the connection's own), view.
-- Catalogue: https://dev.mysql.com/doc/refman/8.0/en/information-schema-views-table.html
SELECT CAST(? AS SIGNED) AS ordinal, CAST(IS_UPDATABLE AS CHAR) AS is_updatable
FROM information_schema.VIEWS
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?

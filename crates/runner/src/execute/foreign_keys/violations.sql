-- Orphaned rows. A row keeps its number when its table is rebuilt if that is its key; others are only counted.
-- https://www.sqlite.org/pragma.html#pragma_foreign_key_check
SELECT
    violation."table" AS child,
    violation.parent AS parent,
    CASE
        WHEN (
            SELECT count(*) = 1 AND max(upper(key.type)) = 'INTEGER'
            FROM pragma_table_info(violation."table") AS key
            WHERE key.pk > 0
        ) THEN violation.rowid
    END AS "row",
    count(*) AS "rows"
FROM pragma_foreign_key_check AS violation
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

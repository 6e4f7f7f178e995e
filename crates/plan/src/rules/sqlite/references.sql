-- The other tables that refer to the table ?.
-- https://www.sqlite.org/pragma.html#pragma_foreign_key_list
SELECT referring.name AS child, max(reference.on_delete) AS on_delete
FROM sqlite_master AS referring
JOIN pragma_foreign_key_list(referring.name) AS reference
WHERE referring.type = 'table'
    AND lower(reference."table") = lower(?1)
    AND lower(referring.name) <> lower(?1)
GROUP BY referring.name
ORDER BY referring.name

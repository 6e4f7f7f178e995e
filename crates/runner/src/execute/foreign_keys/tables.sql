-- The tables and whether a foreign key refers to them.
-- https://www.sqlite.org/pragma.html#pragma_foreign_key_list
SELECT
    lower(found.name) AS name,
    lower(found.name) IN (
        SELECT lower(reference."table")
        FROM sqlite_master AS referring
        JOIN pragma_foreign_key_list(referring.name) AS reference
        WHERE referring.type = 'table'
    ) AS is_referred_to
FROM sqlite_master AS found
WHERE found.type = 'table'
ORDER BY name

-- A statement for each view.
SELECT 'DROP VIEW IF EXISTS "' || replace(name, '"', '""') || '"' AS statement
FROM sqlite_master
WHERE type = 'view'
ORDER BY name

-- The comments of tables and columns; those of the default schema also without it.
SELECT names.object, d.description AS comment
FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_class c ON c.oid = d.objoid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
CROSS JOIN LATERAL (VALUES
    (concat_ws('.', c.relname, a.attname), n.nspname = current_schema()),
    (concat_ws('.', n.nspname, c.relname, a.attname), true)
) AS names (object, is_name)
WHERE d.classoid = 'pg_catalog.pg_class'::regclass AND names.is_name
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1

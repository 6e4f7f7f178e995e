-- What uses each enum of the default schema (PostgreSQL): a row for each column, and one without a column for anything else. What
-- depends on a column of the enum, such as its default, an index or a CHECK, goes with that column.
-- https://www.postgresql.org/docs/current/catalog-pg-depend.html
WITH enums AS (
    SELECT t.oid, t.typarray, t.typname
    FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'e' AND n.nspname = current_schema()
),
uses AS (
    SELECT e.typname, d.classid, d.objid, d.objsubid,
           CASE WHEN d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0 THEN d.objid END AS relation
    FROM enums e
    JOIN pg_catalog.pg_depend d
      ON d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (e.oid, e.typarray)
    WHERE NOT (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = e.typarray)
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend c
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.refobjid AND a.attnum = c.refobjsubid
        WHERE c.classid = d.classid AND c.objid = d.objid AND c.objsubid = d.objsubid
          AND c.refclassid = 'pg_catalog.pg_class'::regclass AND a.atttypid IN (e.oid, e.typarray)
      )
    UNION ALL
    -- It belongs to an extension.
    SELECT e.typname, d.classid, d.objid, d.objsubid, NULL
    FROM enums e
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = e.oid AND d.deptype = 'e'
    UNION ALL
    -- The catalogue does not know what the text of a function uses.
    SELECT e.typname, 'pg_catalog.pg_proc'::regclass, p.oid, 0, NULL
    FROM enums e
    JOIN pg_catalog.pg_proc p ON position(lower(e.typname) IN lower(p.prosrc)) > 0
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
)
SELECT e.typname::text AS name, (u.typname IS NOT NULL) AS is_used, n.nspname::text AS schema,
       COALESCE(n.nspname = current_schema(), false) AS is_default_schema, c.relname::text AS "table", a.attname::text AS "column"
FROM enums e
LEFT JOIN uses u ON u.typname = e.typname
LEFT JOIN pg_catalog.pg_class c ON c.oid = u.relation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.objsubid
ORDER BY 1, 3, 5, 6

-- The kind of type $1, spelt as in a statement, and its default. A domain over another one inherits the other's checks, and
-- the default that the other had at that time.
-- https://www.postgresql.org/docs/current/catalog-pg-type.html
WITH RECURSIVE found AS (
    SELECT oid, typtype, typbasetype, typnotnull
    FROM pg_catalog.pg_type
    WHERE oid = to_regtype($1)
    UNION ALL
    SELECT base.oid, base.typtype, base.typbasetype, base.typnotnull
    FROM found
    JOIN pg_catalog.pg_type AS base ON base.oid = found.typbasetype
    WHERE found.typtype = 'd'
)
SELECT
    CASE
        WHEN bool_or(
            typtype = 'd'
            AND (typnotnull OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE contypid = found.oid))
        ) THEN 'checked domain'
        ELSE 'plain'
    END AS kind,
    (
        SELECT typdefault
        FROM pg_catalog.pg_type
        WHERE oid = to_regtype($1) AND typdefaultbin IS NOT NULL
    ) AS "default"
FROM found
HAVING count(*) > 0

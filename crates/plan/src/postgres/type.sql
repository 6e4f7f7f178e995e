-- What kind of type $1 is, spelt as in a statement, and what a column of it has that names no default. A domain over another
-- one may be checked by that, and has the default that it had when it was made.
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

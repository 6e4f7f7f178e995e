-- What the domains asked for are over, and what they add on the way. $1: a JSON array of their numbers.
-- Catalogue: https://www.postgresql.org/docs/current/catalog-pg-type.html
WITH RECURSIVE domain AS (
    SELECT type.oid AS wanted, type.oid, type.typbasetype, type.typtypmod, type.typnotnull, type.typdefault, 1 AS level
    FROM jsonb_array_elements_text($1::jsonb) AS number
    JOIN pg_catalog.pg_type AS type
        ON type.oid = number::oid
    UNION ALL
    SELECT domain.wanted, base.oid, base.typbasetype, base.typtypmod, base.typnotnull, base.typdefault, domain.level + 1
    FROM domain
    JOIN pg_catalog.pg_type AS base
        ON base.oid = domain.typbasetype
        AND base.typtype = 'd'
)
SELECT
    domain.wanted::bigint AS domain,
    pg_catalog.format_type(domain.typbasetype, domain.typtypmod) AS type_text,
    domain.typnotnull AS not_null,
    domain.typdefault AS default_text,
    (
        SELECT json_agg(pg_catalog.pg_get_constraintdef(domain_check.oid) ORDER BY domain_check.conname)
        FROM pg_catalog.pg_constraint AS domain_check
        WHERE domain_check.contypid = domain.oid
            AND domain_check.contype = 'c'
    )::text AS checks
FROM domain
ORDER BY domain.wanted, domain.level

-- What a partition has that the table lacks. Its row security does not count for who names the table.
-- $1: a JSON array with the numbers of the partitioned tables.
-- Each partition has all unique indexes, CHECKs and NOT NULLs of the table: only one with more of them is looked at closely.
-- Catalogue: https://www.postgresql.org/docs/current/catalogs.html
WITH RECURSIVE root AS MATERIALIZED (
    SELECT
        class.oid,
        class.relchecks,
        (
            SELECT count(*)
            FROM pg_catalog.pg_attribute AS attribute
            WHERE attribute.attrelid = class.oid
                AND attribute.attnum > 0
                AND attribute.attnotnull
        ) AS not_nulls,
        (
            SELECT count(*)
            FROM pg_catalog.pg_index AS index
            WHERE index.indrelid = class.oid
                AND index.indisvalid
                AND (index.indisunique OR index.indisexclusion)
        ) AS unique_indexes
    FROM jsonb_array_elements_text($1::jsonb) AS number
    JOIN pg_catalog.pg_class AS class
        ON class.oid = number::oid
),
-- pg_partition_tree would lock each of them, and wait for who changes one.
below AS MATERIALIZED (
    SELECT root.oid AS root, root.oid
    FROM root
    UNION ALL
    SELECT below.root, inheritance.inhrelid
    FROM below
    JOIN pg_catalog.pg_inherits AS inheritance
        ON inheritance.inhparent = below.oid
        -- One that DETACH CONCURRENTLY began to detach is no part of the table (since 14).
        -- Its flag is the last column, which earlier versions lack.
        AND inheritance::text NOT LIKE '%,t)'
),
partition AS MATERIALIZED (
    SELECT
        root.oid AS root,
        class.oid,
        class.relkind,
        class.relhastriggers,
        class.relchecks > root.relchecks AS has_more_checks,
        (
            SELECT count(*)
            FROM pg_catalog.pg_attribute AS attribute
            WHERE attribute.attrelid = class.oid
                AND attribute.attnum > 0
                AND attribute.attnotnull
        ) > root.not_nulls AS has_more_not_nulls,
        (
            SELECT count(*)
            FROM pg_catalog.pg_index AS index
            WHERE index.indrelid = class.oid
                AND (index.indisunique OR index.indisexclusion)
        ) > root.unique_indexes AS has_more_unique_indexes
    -- The planner expects few rows of arrays, and reads the catalogue by its indexes, not all of it.
    FROM unnest(
        ARRAY(SELECT root FROM below WHERE oid <> root),
        ARRAY(SELECT oid FROM below WHERE oid <> root)
    ) AS part (root, oid)
    JOIN root
        ON root.oid = part.root
    JOIN pg_catalog.pg_class AS class
        ON class.oid = part.oid
)
SELECT own.root::bigint AS root, own.what || ' on ' || own.partition::regclass::text || CASE WHEN own.is_foreign THEN ', a foreign table' ELSE '' END AS what, own.is_foreign
FROM (
    SELECT partition.root, 'trigger ' || trigger_.tgname, partition.oid, false
    FROM partition
    JOIN pg_catalog.pg_trigger AS trigger_
        ON trigger_.tgrelid = partition.oid
        AND NOT trigger_.tgisinternal
        AND trigger_.tgparentid = 0
        AND trigger_.tgenabled::text IN (
            'A', CASE pg_catalog.current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END
        )
        AND trigger_.tgtype & 28 <> 0
    WHERE partition.relhastriggers
    UNION ALL
    -- A foreign key has triggers.
    SELECT
        partition.root,
        CASE constraint_.contype WHEN 'c' THEN 'CHECK ' ELSE 'foreign key ' END || constraint_.conname,
        partition.oid,
        false
    FROM partition
    JOIN pg_catalog.pg_constraint AS constraint_
        ON constraint_.conrelid = partition.oid
        AND constraint_.contype IN ('c', 'f')
        AND constraint_.conislocal
        AND constraint_.coninhcount = 0
    WHERE partition.has_more_checks OR partition.relhastriggers
    UNION ALL
    SELECT partition.root, 'NOT NULL of ' || attribute.attname, partition.oid, false
    FROM partition
    JOIN pg_catalog.pg_attribute AS attribute
        ON attribute.attrelid = partition.oid
        AND attribute.attnum > 0
        AND attribute.attnotnull
    JOIN pg_catalog.pg_attribute AS of_table
        ON of_table.attrelid = partition.root
        AND of_table.attname = attribute.attname
        AND NOT of_table.attnotnull
    WHERE partition.has_more_not_nulls
    UNION ALL
    SELECT
        partition.root,
        CASE WHEN index.indisexclusion THEN 'constraint ' ELSE 'unique index ' END || index_relation.relname,
        partition.oid,
        false
    FROM partition
    JOIN pg_catalog.pg_index AS index
        ON index.indrelid = partition.oid
        AND (index.indisunique OR index.indisexclusion)
    JOIN pg_catalog.pg_class AS index_relation
        ON index_relation.oid = index.indexrelid
        -- It is no part of an index of the table.
        AND NOT index_relation.relispartition
    WHERE partition.has_more_unique_indexes
    UNION ALL
    SELECT partition.root, 'its rows', partition.oid, true
    FROM partition
    WHERE partition.relkind = 'f'
) AS own (root, what, partition, is_foreign)
ORDER BY own.root, own.partition::regclass::text, own.what

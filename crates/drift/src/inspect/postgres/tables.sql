-- Everything about the relations asked for: one row for each, with what the catalogue knows of it as JSON.
-- $1: JSON as written by `as_json`. A table without a schema is looked up along the search_path, as a query would.
-- What a domain is over is asked for in `domains.sql`, where there is one.
-- Catalogue: https://www.postgresql.org/docs/current/catalogs.html
WITH locked AS MATERIALIZED (
    SELECT lock.relation
    FROM pg_catalog.pg_locks AS lock
    WHERE lock.mode = 'AccessExclusiveLock'
        AND lock.database = (SELECT database.oid FROM pg_catalog.pg_database AS database WHERE database.datname = current_database())
)
SELECT
    wanted.ordinal AS ordinal,
    current_user::text AS role,
    CASE WHEN relation.oid IS NULL THEN (
        SELECT json_agg(namespace.nspname ORDER BY namespace.nspname)
        FROM pg_catalog.pg_class AS other
        JOIN pg_catalog.pg_namespace AS namespace
            ON namespace.oid = other.relnamespace
        WHERE other.relname = wanted.table_name::name
            AND other.relkind IN ('r', 'p', 'v', 'm', 'f')
    ) END::text AS elsewhere,
    CASE WHEN relation.oid IS NOT NULL THEN json_build_object(
        'kind', relation.relkind,
        'is_unlogged', relation.relpersistence = 'u',
        'sql_name', relation.oid::regclass,
        -- Whether its rows can be looked at, all of them, without waiting; an empty table has none.
        'is_askable', CASE
            WHEN NOT pg_catalog.has_schema_privilege(relation.relnamespace, 'USAGE') THEN false
            WHEN pg_catalog.row_security_active(relation.oid) THEN false
            WHEN relation.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery() THEN false
            WHEN EXISTS (SELECT FROM locked WHERE locked.relation = relation.oid) THEN false
            ELSE relation.relkind = 'p' OR relation.relkind = 'r' AND pg_catalog.pg_relation_size(relation.oid) > 0
        END,
        'lacks_usage', NOT pg_catalog.has_schema_privilege(relation.relnamespace, 'USAGE'),
        -- Bits: 4 updates, 8 inserts. Triggers and rules count.
        'updatable', CASE WHEN relation.relkind IN ('v', 'f')
            THEN pg_catalog.pg_relation_is_updatable(relation.oid, true) END,
        'columns', (
            SELECT json_agg(json_build_object(
                'name', attribute.attname,
                'sql_name', pg_catalog.quote_ident(attribute.attname),
                'type_text', CASE
                    WHEN element.typnamespace <> 'pg_catalog'::regnamespace THEN element.typname || '[]'
                    WHEN type.typtype <> 'd' AND type.typnamespace <> 'pg_catalog'::regnamespace AND attribute.atttypmod < 0
                        THEN type.typname::text
                    ELSE pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
                END,
                'labels', CASE WHEN type.typtype = 'e' OR element.typtype = 'e' THEN (
                    SELECT json_agg(label.enumlabel ORDER BY label.enumsortorder)
                    FROM pg_catalog.pg_enum AS label
                    WHERE label.enumtypid = COALESCE(element.oid, type.oid)
                ) END,
                'type_schema', CASE WHEN type.typtype = 'e' OR element.typtype = 'e' THEN (
                    SELECT namespace.nspname
                    FROM pg_catalog.pg_namespace AS namespace
                    WHERE namespace.oid = type.typnamespace
                        AND NOT pg_catalog.pg_type_is_visible(COALESCE(element.oid, type.oid))
                ) END,
                'domain', CASE WHEN type.typtype = 'd' THEN type.oid::bigint END,
                'not_null', attribute.attnotnull,
                'default_text', pg_catalog.pg_get_expr(attribute_default.adbin, attribute_default.adrelid),
                'identity_kind', attribute.attidentity,
                'is_computed', attribute.attgenerated <> '',
                'collation', CASE WHEN attribute.attcollation <> type.typcollation THEN (
                    SELECT json_build_object('name', collation_.collname, 'is_deterministic', collation_.collisdeterministic)
                    FROM pg_catalog.pg_collation AS collation_
                    WHERE collation_.oid = attribute.attcollation
                ) END,
                'sequence', CASE WHEN (attribute.attidentity <> '' OR attribute.atthasdef AND attribute.attgenerated = '')
                    AND attribute.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
                THEN (
                    SELECT json_build_object(
                        'name', sequence.seqrelid::regclass,
                        'number', sequence.seqrelid::bigint,
                        'increment', sequence.seqincrement::text,
                        'may_be_asked', pg_catalog.has_sequence_privilege(sequence.seqrelid, 'USAGE, SELECT')
                            AND NOT EXISTS (SELECT FROM locked WHERE locked.relation = sequence.seqrelid),
                        'may_read', pg_catalog.has_sequence_privilege(sequence.seqrelid, 'SELECT'),
                        'last', sequence.seqmax::text,
                        'may_use', attribute.attidentity <> ''
                            OR pg_catalog.has_sequence_privilege(sequence.seqrelid, 'USAGE, UPDATE')
                    )
                    FROM pg_catalog.pg_sequence AS sequence
                    WHERE sequence.seqrelid = CASE
                        WHEN attribute.attidentity <> '' THEN (
                            SELECT dependency.objid
                            FROM pg_catalog.pg_depend AS dependency
                            WHERE dependency.refclassid = 'pg_catalog.pg_class'::regclass
                                AND dependency.refobjid = relation.oid
                                AND dependency.refobjsubid = attribute.attnum
                                AND dependency.deptype = 'i'
                            LIMIT 1
                        )
                        ELSE (
                            SELECT dependency.refobjid
                            FROM pg_catalog.pg_depend AS dependency
                            WHERE dependency.classid = 'pg_catalog.pg_attrdef'::regclass
                                AND dependency.objid = attribute_default.oid
                                AND dependency.refclassid = 'pg_catalog.pg_class'::regclass
                                AND dependency.refobjid <> relation.oid
                            LIMIT 1
                        )
                    END
                        AND NOT sequence.seqcycle
                        AND sequence.seqincrement > 0
                ) END,
                'denied', CASE WHEN NOT role.may_all THEN array_remove(ARRAY[
                    CASE WHEN NOT pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'SELECT') THEN 'SELECT' END,
                    CASE WHEN NOT pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'INSERT') THEN 'INSERT' END,
                    CASE WHEN NOT pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'UPDATE') THEN 'UPDATE' END
                ], NULL) END
            ) ORDER BY attribute.attnum)
            FROM pg_catalog.pg_attribute AS attribute
            JOIN pg_catalog.pg_type AS type
                ON type.oid = attribute.atttypid
            LEFT JOIN pg_catalog.pg_type AS element
                ON element.oid = type.typelem
                AND type.typcategory = 'A'
            LEFT JOIN pg_catalog.pg_attrdef AS attribute_default
                ON attribute_default.adrelid = attribute.attrelid
                AND attribute_default.adnum = attribute.attnum
            WHERE attribute.attrelid = relation.oid
                AND attribute.attnum > 0
                AND NOT attribute.attisdropped
        ),
        'indexes', (
            SELECT json_agg(json_build_object(
                'name', index_relation.relname,
                'is_primary', index.indisprimary,
                'is_unique', index.indisunique OR index.indisexclusion,
                'is_exclusion', index.indisexclusion,
                'predicate', pg_catalog.pg_get_expr(index.indpred, index.indrelid),
                'is_expression', index.indexprs IS NOT NULL,
                'is_deferrable', NOT index.indimmediate,
                'is_invalid', NOT index.indisvalid,
                'is_unbuilt', NOT index.indisready,
                'is_nulls_not_distinct', CASE WHEN index.indisunique AND NOT index.indisprimary
                    THEN (to_jsonb(index) ->> 'indnullsnotdistinct')::boolean END IS TRUE, -- since 15
                'is_other_method', access_method.amname NOT IN ('btree', 'hash'),
                'columns', (
                    SELECT json_agg(
                        COALESCE(
                            attribute.attname::text,
                            pg_catalog.pg_get_indexdef(index.indexrelid, part.position::integer, false)
                        )
                        ORDER BY part.position
                    )
                    FROM unnest(index.indkey) WITH ORDINALITY AS part (attribute_number, position)
                    LEFT JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = relation.oid
                        AND attribute.attnum = part.attribute_number
                        AND part.attribute_number > 0
                    WHERE part.position <= index.indnkeyatts
                )
            ) ORDER BY index_relation.relname)
            FROM pg_catalog.pg_index AS index
            JOIN pg_catalog.pg_class AS index_relation
                ON index_relation.oid = index.indexrelid
            JOIN pg_catalog.pg_am AS access_method
                ON access_method.oid = index_relation.relam
            WHERE index.indrelid = relation.oid
        ),
        -- A foreign key has triggers of its own, unless it is NOT ENFORCED (since 18).
        'foreign_keys', CASE WHEN relation.relhastriggers OR current_setting('server_version_num')::integer >= 180000 THEN (
            SELECT json_agg(json_build_object(
                'name', constraint_.conname,
                'columns', (
                    SELECT json_agg(attribute.attname ORDER BY part.position)
                    FROM unnest(constraint_.conkey) WITH ORDINALITY AS part (attribute_number, position)
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = constraint_.conrelid
                        AND attribute.attnum = part.attribute_number
                ),
                'target_schema', namespace.nspname,
                'target_table', target.relname,
                'target_columns', (
                    SELECT json_agg(attribute.attname ORDER BY part.position)
                    FROM unnest(constraint_.confkey) WITH ORDINALITY AS part (attribute_number, position)
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = constraint_.confrelid
                        AND attribute.attnum = part.attribute_number
                ),
                'on_delete', constraint_.confdeltype,
                'on_update', constraint_.confupdtype,
                'is_validated', constraint_.convalidated,
                'is_enforced', COALESCE((to_jsonb(constraint_) ->> 'conenforced')::boolean, true) -- since 18
            ) ORDER BY constraint_.conname)
            FROM pg_catalog.pg_constraint AS constraint_
            JOIN pg_catalog.pg_class AS target
                ON target.oid = constraint_.confrelid
            JOIN pg_catalog.pg_namespace AS namespace
                ON namespace.oid = target.relnamespace
            WHERE constraint_.conrelid = relation.oid
                AND constraint_.contype = 'f'
                -- Not those that a key to a partitioned table has for each partition.
                AND NOT EXISTS (
                    SELECT
                    FROM pg_catalog.pg_constraint AS parent
                    WHERE parent.oid = constraint_.conparentid
                        AND parent.conrelid = constraint_.conrelid
                )
        ) END,
        'checks', CASE WHEN relation.relchecks > 0 THEN (
            SELECT json_agg(json_build_object(
                'name', constraint_.conname,
                'is_enforced', COALESCE((to_jsonb(constraint_) ->> 'conenforced')::boolean, true), -- since 18
                'is_validated', constraint_.convalidated,
                'text', pg_catalog.pg_get_expr(constraint_.conbin, constraint_.conrelid),
                'columns', (
                    SELECT json_agg(attribute.attname ORDER BY attribute.attnum)
                    FROM pg_catalog.pg_attribute AS attribute
                    WHERE attribute.attrelid = constraint_.conrelid
                        AND attribute.attnum = ANY (constraint_.conkey)
                )
            ) ORDER BY constraint_.conname)
            FROM pg_catalog.pg_constraint AS constraint_
            WHERE constraint_.conrelid = relation.oid
                AND constraint_.contype = 'c'
        ) END,
        'triggers', CASE WHEN relation.relhastriggers OR relation.relhasrules THEN (
            SELECT json_agg(name ORDER BY name)
            FROM (
                SELECT 'trigger ' || trigger_.tgname
                FROM pg_catalog.pg_trigger AS trigger_
                WHERE trigger_.tgrelid = relation.oid
                    AND NOT trigger_.tgisinternal
                    AND trigger_.tgenabled IN ('O', 'A')
                UNION ALL
                SELECT 'rule ' || rule.rulename
                FROM pg_catalog.pg_rewrite AS rule
                WHERE rule.ev_class = relation.oid
                    AND rule.rulename <> '_RETURN'
                    AND rule.ev_enabled IN ('O', 'A')
            ) AS reaction (name)
        ) END,
        'policies', CASE WHEN relation.relrowsecurity AND pg_catalog.row_security_active(relation.oid) THEN (
            SELECT COALESCE(json_agg(json_build_object(
                'command', policy.polcmd,
                'is_permissive', policy.polpermissive,
                'is_open', COALESCE(pg_catalog.pg_get_expr(policy.polqual, relation.oid), 'true') = 'true'
                    AND COALESCE(pg_catalog.pg_get_expr(policy.polwithcheck, relation.oid), 'true') = 'true'
            )), '[]')
            FROM pg_catalog.pg_policy AS policy
            WHERE policy.polrelid = relation.oid
                AND EXISTS (
                    SELECT
                    FROM unnest(policy.polroles) AS member (oid)
                    WHERE member.oid = 0
                        OR pg_catalog.pg_has_role(member.oid, 'USAGE')
                )
        ) END
    ) END::text AS relation
FROM jsonb_to_recordset($1::jsonb) AS wanted (ordinal integer, schema_name text, table_name text)
LEFT JOIN pg_catalog.pg_class AS relation
    ON relation.relname = wanted.table_name::name
    -- The last four take the name from a table.
    AND relation.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I', 'c')
    AND CASE
        WHEN wanted.schema_name IS NULL THEN pg_catalog.pg_table_is_visible(relation.oid)
        ELSE relation.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = wanted.schema_name)
    END
LEFT JOIN LATERAL (
    SELECT pg_catalog.has_table_privilege(relation.oid, 'SELECT')
        AND pg_catalog.has_table_privilege(relation.oid, 'INSERT')
        AND pg_catalog.has_table_privilege(relation.oid, 'UPDATE') AS may_all
) AS role ON true
ORDER BY wanted.ordinal

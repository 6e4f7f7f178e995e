-- Everything about the relations asked for: one row for each, with what the catalogue knows of it as JSON.
-- $1: JSON as written by `as_json`. A table without a schema is looked up along the search_path, as a query would.
-- What a domain is over is asked for in `domains.sql`, and what partitions have of their own in `partitions.sql`, where there are any.
--
-- A column and an index are arrays in the order of the fields of `ColumnFacts` and `IndexFacts`, because objects cost more
-- than what is in them. What few columns and indexes have is looked up only for those.
-- Catalogue: https://www.postgresql.org/docs/current/catalogs.html
WITH locked AS MATERIALIZED (
    SELECT lock.relation
    FROM pg_catalog.pg_locks AS lock
    WHERE lock.mode = 'AccessExclusiveLock'
        AND lock.database = (SELECT database.oid FROM pg_catalog.pg_database AS database WHERE database.datname = current_database())
),
-- Versions of the database's collation are known since 15. Its actual one is that of a collation of the same locale.
database AS MATERIALIZED (
    SELECT
        this.encoding,
        pg_catalog.current_setting('server_version_num')::integer AS server_version,
        -- The triggers and rules that fire: in a session that plays a replica, those of a replica do, and the usual ones do not.
        CASE pg_catalog.current_setting('session_replication_role')
            WHEN 'replica' THEN '{A,R}' ELSE '{A,O}'
        END::"char"[] AS firing,
        -- What is computed of a text and may be as long. Where the text has a limit, so has this.
        '^[(]*(lower|upper|btrim|ltrim|rtrim|reverse|initcap|COALESCE|replace|translate)[(]|[|][|]' AS as_long,
        COALESCE(this.version <> CASE WHEN this.version IS NOT NULL THEN (
            SELECT pg_catalog.pg_collation_actual_version(alike.oid)
            FROM pg_catalog.pg_collation AS alike
            WHERE alike.collprovider::text = this.provider
                AND lower(replace(CASE WHEN alike.collprovider = 'c' THEN alike.collcollate
                    ELSE COALESCE(to_jsonb(alike) ->> 'colllocale', to_jsonb(alike) ->> 'colliculocale')
                END, '-', '')) = this.locale
            LIMIT 1
        ) END, false) AS has_outdated_collation
    FROM (
        SELECT
            row.encoding,
            facts ->> 'datcollversion' AS version,
            COALESCE(facts ->> 'datlocprovider', 'c') AS provider,
            lower(replace(COALESCE(facts ->> 'datlocale', facts ->> 'daticulocale', facts ->> 'datcollate'), '-', '')) AS locale
        FROM pg_catalog.pg_database AS row
        CROSS JOIN LATERAL to_jsonb(row) AS facts
        WHERE row.datname = current_database()
    ) AS this
),
-- Functions of the server itself that somebody denied: what uses them does not depend on them. Those that initdb denies are in
-- pg_init_privs, so that there are none as a rule.
denied AS MATERIALIZED (
    SELECT function.oid, function.oid::regproc::text AS name
    FROM pg_catalog.pg_proc AS function
    WHERE function.oid < 10000
        AND function.proacl IS NOT NULL
        AND NOT pg_catalog.has_function_privilege(function.oid, 'EXECUTE')
        AND NOT EXISTS (
            SELECT
            FROM pg_catalog.pg_init_privs AS initial
            WHERE initial.classoid = 'pg_catalog.pg_proc'::regclass
                AND initial.objoid = function.oid
        )
),
-- Tables whose updates or deletes are published, and the columns that a publication sends (since 15; NULL for all).
published AS MATERIALIZED (
    SELECT
        publication.oid AS publication,
        publication.pubupdate,
        published_.relid,
        -- JSON has an int2vector as [1, 2].
        string_to_array(translate(to_jsonb(published_) ->> 'attrs', '[,]', ''), ' ') AS columns
    FROM pg_catalog.pg_publication AS publication
    CROSS JOIN LATERAL pg_catalog.pg_get_publication_tables(publication.pubname::text) AS published_
    WHERE (publication.pubupdate OR publication.pubdelete)
        AND NOT pg_catalog.pg_is_in_recovery()
)
SELECT
    wanted.ordinal AS ordinal,
    current_user::text AS role,
    CASE
        WHEN pg_catalog.pg_is_in_recovery() THEN 'replica'
        WHEN pg_catalog.current_setting('default_transaction_read_only') = 'on' THEN 'setting'
    END AS read_only,
    CASE WHEN pg_catalog.getdatabaseencoding() NOT IN ('UTF8', 'SQL_ASCII')
        THEN pg_catalog.getdatabaseencoding()::text END AS encoding,
    CASE WHEN relation.oid IS NULL THEN (
        SELECT json_agg(namespace.nspname ORDER BY namespace.nspname)
        FROM pg_catalog.pg_class AS other
        JOIN pg_catalog.pg_namespace AS namespace
            ON namespace.oid = other.relnamespace
        WHERE other.relname = wanted.table_name::name
            AND other.relkind IN ('r', 'p', 'v', 'm', 'f')
    ) WHEN wanted.schema_name IS NULL THEN (
        SELECT json_agg(namespace.nspname ORDER BY namespace.nspname)
        FROM pg_catalog.pg_class AS other
        JOIN pg_catalog.pg_namespace AS namespace
            ON namespace.oid = other.relnamespace
        WHERE other.relname = relation.relname
            AND other.oid <> relation.oid
            AND other.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND namespace.nspname = ANY (pg_catalog.current_schemas(false))
    ) END::text AS other_schemas,
    CASE WHEN relation.oid IS NOT NULL THEN json_build_object(
        'kind', relation.relkind,
        'is_unlogged', relation.relpersistence = 'u',
        'is_populated', relation.relispopulated,
        'has_children', relation.relkind = 'r' AND relation.relhassubclass AND EXISTS (
            SELECT FROM pg_catalog.pg_inherits AS inheritance WHERE inheritance.inhparent = relation.oid
        ),
        'sql_name', relation.oid::regclass,
        -- Whether its rows can be looked at, all of them, without waiting; an empty table has none.
        'is_askable', CASE
            WHEN NOT pg_catalog.has_schema_privilege(relation.relnamespace, 'USAGE') THEN false
            WHEN pg_catalog.row_security_active(relation.oid) THEN false
            WHEN relation.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery() THEN false
            WHEN EXISTS (SELECT FROM locked WHERE locked.relation = relation.oid) THEN false
            ELSE relation.relkind = 'p' OR relation.relkind = 'r' AND pg_catalog.pg_relation_size(relation.oid) > 0
        END,
        'may_ask_sequences', NOT (relation.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery()),
        'lacks_usage', NOT pg_catalog.has_schema_privilege(relation.relnamespace, 'USAGE'),
        -- A partition, a table that inherits, or one of a type: its columns are those of another object.
        'is_child', relation.relispartition OR relation.reloftype <> 0 OR EXISTS (
            SELECT FROM pg_catalog.pg_inherits AS inheritance WHERE inheritance.inhrelid = relation.oid
        ),
        -- Bits: 4 updates, 8 inserts. Triggers and rules count.
        'updatable', CASE WHEN relation.relkind IN ('v', 'f')
            THEN pg_catalog.pg_relation_is_updatable(relation.oid, true) END,
        -- A table of the view that its owner may not read, or write; or the connected role, if it asks for itself.
        'denied_base', CASE WHEN relation.relkind = 'v' THEN (
            SELECT json_build_object(
                'unreadable', min(base.name) FILTER (WHERE NOT base.may_read),
                'unwritable', min(base.name) FILTER (WHERE NOT base.may_write)
            )
            FROM (
                SELECT
                    dependency.refobjid::regclass::text AS name,
                    pg_catalog.has_table_privilege(reader.oid, dependency.refobjid, 'SELECT')
                        OR pg_catalog.has_any_column_privilege(reader.oid, dependency.refobjid, 'SELECT') AS may_read,
                    pg_catalog.has_any_column_privilege(reader.oid, dependency.refobjid, 'INSERT')
                        AND pg_catalog.has_any_column_privilege(reader.oid, dependency.refobjid, 'UPDATE') AS may_write
                FROM pg_catalog.pg_rewrite AS query
                JOIN pg_catalog.pg_depend AS dependency
                    ON dependency.classid = 'pg_catalog.pg_rewrite'::regclass
                    AND dependency.objid = query.oid
                    AND dependency.refclassid = 'pg_catalog.pg_class'::regclass
                    AND dependency.refobjid <> relation.oid
                JOIN pg_catalog.pg_class AS read
                    ON read.oid = dependency.refobjid
                    AND read.relkind IN ('r', 'p', 'v', 'm', 'f')
                CROSS JOIN LATERAL (
                    SELECT CASE
                        -- Since 15.
                        WHEN relation.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1}'
                            THEN pg_catalog.to_regrole(pg_catalog.quote_ident(current_user))::oid
                        ELSE relation.relowner
                    END AS oid
                ) AS reader
                WHERE query.ev_class = relation.oid
                    AND query.rulename = '_RETURN'
            ) AS base
        ) END,
        -- A function in a view is called as the connected role, whoever owns the view.
        'denied_function', CASE WHEN relation.relkind = 'v' THEN (
            SELECT min(called.name)
            FROM pg_catalog.pg_rewrite AS query
            CROSS JOIN LATERAL (
                SELECT dependency.refobjid::regproc::text AS name
                FROM pg_catalog.pg_depend AS dependency
                WHERE dependency.classid = 'pg_catalog.pg_rewrite'::regclass
                    AND dependency.objid = query.oid
                    AND dependency.refclassid = 'pg_catalog.pg_proc'::regclass
                    AND NOT pg_catalog.has_function_privilege(dependency.refobjid, 'EXECUTE')
                UNION ALL
                SELECT denied.name
                FROM denied
                WHERE query.ev_action::text LIKE '%funcid ' || denied.oid || ' %'
            ) AS called
            WHERE query.ev_class = relation.oid
                AND query.rulename = '_RETURN'
        ) END,
        'columns', columns.facts,
        'kept_in_row', columns.kept_in_row,
        -- NOT NULL ... NOT VALID, since 18; earlier servers have no such constraints.
        'identity_columns', CASE WHEN relation.relreplident = 'i' THEN (
            SELECT json_agg(part.number)
            FROM pg_catalog.pg_index AS identity
            CROSS JOIN unnest(identity.indkey::smallint[]) AS part (number)
            WHERE identity.indrelid = relation.oid
                AND identity.indisreplident
        ) END,
        'unproven_not_nulls', CASE WHEN database.server_version >= 180000 THEN (
            SELECT json_agg(not_null.conkey[1])
            FROM pg_catalog.pg_constraint AS not_null
            WHERE not_null.conrelid = relation.oid
                AND not_null.contype = 'n'
                AND NOT not_null.convalidated
        ) END,
        'indexes', (
            SELECT json_agg(json_build_array(
                index.name,
                index.indkey::smallint[],
                index.indnkeyatts,
                index.indisprimary,
                index.indisunique OR index.indisexclusion,
                CASE WHEN NOT index.is_ordinary THEN json_build_object(
                    'exclusion', CASE WHEN index.indisexclusion THEN (
                        SELECT
                            CASE
                                WHEN bool_and(operator.oprname = '=') THEN 'equals'
                                WHEN bool_or(operator.oprname = '&&') THEN 'overlaps'
                                ELSE 'other'
                            END
                        FROM pg_catalog.pg_constraint AS exclusion
                        INNER JOIN pg_catalog.pg_operator AS operator ON operator.oid = ANY(exclusion.conexclop)
                        WHERE exclusion.conindid = index.indexrelid AND exclusion.contype = 'x'
                    ) END,
                    'predicate', pg_catalog.pg_get_expr(index.indpred, index.indrelid),
                    'expressions', CASE WHEN index.indexprs IS NOT NULL THEN (
                        SELECT json_agg(
                            pg_catalog.pg_get_indexdef(index.indexrelid, part.position::integer, false) ORDER BY part.position
                        )
                        FROM unnest(index.indkey) WITH ORDINALITY AS part (attribute_number, position)
                        WHERE part.position <= index.indnkeyatts
                            AND part.attribute_number = 0
                    ) END,
                    'is_deferrable', NOT index.indimmediate,
                    'is_invalid', NOT index.indisvalid,
                    'is_unbuilt', NOT index.indisready,
                    -- GiST, GIN and SP-GiST find equal values by an operator class that has one for it.
                    'is_other_method', index.is_other_method AND (index.relam NOT IN (783, 2742, 4000) OR EXISTS (
                        SELECT
                        FROM unnest(index.indclass) AS part (number)
                        JOIN pg_catalog.pg_opclass AS class
                            ON class.oid = part.number
                        WHERE NOT EXISTS (
                            SELECT
                            FROM pg_catalog.pg_amop AS search
                            JOIN pg_catalog.pg_operator AS operator_
                                ON operator_.oid = search.amopopr
                            WHERE search.amopfamily = class.opcfamily
                                AND search.amoppurpose = 's'
                                AND operator_.oprname = '='
                        )
                    )),
                    -- A column without an operator that compares texts has the collation 0.
                    'other_collation', (
                        SELECT CASE WHEN bool_and(collation_.collisdeterministic) THEN 'order' ELSE 'equality' END
                        FROM unnest(index.indcollation) WITH ORDINALITY AS part (number, position)
                        JOIN pg_catalog.pg_attribute AS attribute
                            ON attribute.attrelid = relation.oid
                            AND attribute.attnum = index.indkey[part.position - 1]
                            AND attribute.attcollation <> part.number
                        JOIN pg_catalog.pg_collation AS collation_
                            ON collation_.oid = part.number
                        WHERE part.position <= index.indnkeyatts
                        HAVING count(*) > 0
                    ),
                    -- The rows that sort otherwise since the library was updated are not found any more.
                    'outdated_collation', (
                        SELECT min(collation_.collname::text)
                        FROM unnest(index.indcollation) AS part (number)
                        JOIN pg_catalog.pg_collation AS collation_
                            ON collation_.oid = part.number
                        WHERE CASE
                            WHEN collation_.collprovider = 'd' THEN database.has_outdated_collation
                            ELSE collation_.collversion <> pg_catalog.pg_collation_actual_version(collation_.oid)
                        END
                    )
                ) END,
                -- Since 15.
                index.indisunique
                    AND NOT index.indisprimary
                    AND database.server_version >= 150000
                    AND (to_jsonb(index) ->> 'indnullsnotdistinct')::boolean,
                -- A btree holds at most a third of a page for each row, which a text without a limit may exceed.
                CASE
                    WHEN index.relam = 403 THEN (
                        SELECT sum(CASE
                            WHEN part.attlen > 0 THEN part.attlen
                            WHEN part.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND part.atttypmod > 4
                                THEN (part.atttypmod - 4) * pg_catalog.pg_encoding_max_length(database.encoding)
                            WHEN part.atttypid IN ('varchar'::regtype, 'text'::regtype, 'bytea'::regtype, 'jsonb'::regtype)
                                AND (index.indkey[part.attnum - 1] > 0
                                    OR pg_catalog.pg_get_indexdef(index.indexrelid, part.attnum, false) ~ database.as_long)
                                THEN 1000000
                            ELSE 16
                        END)
                        FROM pg_catalog.pg_attribute AS part
                        WHERE part.attrelid = index.indexrelid
                            AND part.attnum > 0
                    ) > 2704
                    -- GIN holds as much, GiST and BRIN hold a page. Of a text, some operator classes keep only numbers or bits of a hash.
                    WHEN index.relam IN (783, 2742, 3580) THEN EXISTS (
                        SELECT
                        FROM unnest(index.indclass) WITH ORDINALITY AS part (number, position)
                        JOIN pg_catalog.pg_opclass AS class
                            ON class.oid = part.number
                            AND class.opcintype IN ('varchar'::regtype, 'text'::regtype, 'bytea'::regtype)
                            AND class.opckeytype <> 'integer'::regtype
                            AND class.opcname::text NOT LIKE '%bloom%'
                        LEFT JOIN pg_catalog.pg_attribute AS attribute
                            ON attribute.attrelid = relation.oid
                            AND attribute.attnum = index.indkey[part.position - 1]
                        WHERE CASE
                            WHEN attribute.attnum IS NULL
                                THEN pg_catalog.pg_get_indexdef(index.indexrelid, part.position::integer, false) ~ database.as_long
                            ELSE attribute.atttypmod = -1
                        END
                    )
                    ELSE false
                END
            ))
            FROM (
                SELECT
                    row.*,
                    index_relation.relname AS name,
                    index_relation.relam,
                    index_relation.relam NOT IN (403, 405) AS is_other_method, -- btree, hash
                    row.indisvalid
                        AND row.indisready
                        AND row.indimmediate
                        AND NOT row.indisexclusion
                        AND row.indpred IS NULL
                        AND row.indexprs IS NULL
                        AND index_relation.relam IN (403, 405)
                        AND row.indcollation::oid[] <@ '{0, 100}'::oid[]
                        AND NOT columns.have_collations
                        AND NOT database.has_outdated_collation AS is_ordinary
                FROM pg_catalog.pg_index AS row
                JOIN pg_catalog.pg_class AS index_relation
                    ON index_relation.oid = row.indexrelid
                WHERE row.indrelid = relation.oid
                ORDER BY index_relation.relname
            ) AS index
        ),
        -- A foreign key has triggers of its own, unless it is NOT ENFORCED (since 18), or of a partitioned table (before 15).
        'foreign_keys', CASE WHEN relation.relhastriggers OR relation.relkind = 'p' OR database.server_version >= 180000 THEN (
            SELECT json_agg(json_build_object(
                'name', constraint_.conname,
                'columns', constraint_.conkey,
                'target_schema', namespace.nspname,
                'target_table', target.relname,
                'is_target_visible', pg_catalog.pg_table_is_visible(target.oid),
                'target_columns', (
                    SELECT json_agg(attribute.attname ORDER BY part.position)
                    FROM unnest(constraint_.confkey) WITH ORDINALITY AS part (attribute_number, position)
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = constraint_.confrelid
                        AND attribute.attnum = part.attribute_number
                ),
                'on_delete', constraint_.confdeltype,
                'on_update', constraint_.confupdtype,
                'is_match_full', constraint_.confmatchtype = 'f' AND cardinality(constraint_.conkey) > 1,
                'is_validated', constraint_.convalidated,
                'is_enforced', database.server_version < 180000 OR (to_jsonb(constraint_) ->> 'conenforced')::boolean,
                'is_disabled', EXISTS (
                    SELECT
                    FROM pg_catalog.pg_trigger AS trigger_
                    WHERE trigger_.tgconstraint = constraint_.oid
                        AND trigger_.tgenabled <> ALL (database.firing)
                )
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
        -- The referenced table of a foreign key has triggers of its own.
        'referrers', CASE WHEN relation.relhastriggers THEN (
            SELECT json_agg(json_build_object(
                'name', constraint_.conname,
                'schema', CASE WHEN NOT pg_catalog.pg_table_is_visible(constraint_.conrelid) THEN (
                    SELECT namespace.nspname
                    FROM pg_catalog.pg_namespace AS namespace
                    WHERE namespace.oid = constraint_.connamespace
                ) END,
                'table', referring.relname,
                'columns', own.names,
                'target_columns', (
                    SELECT json_agg(attribute.attname ORDER BY part.position)
                    FROM unnest(constraint_.confkey) WITH ORDINALITY AS part (attribute_number, position)
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = relation.oid
                        AND attribute.attnum = part.attribute_number
                ),
                'on_delete', constraint_.confdeltype,
                'on_update', constraint_.confupdtype,
                'not_null', own.not_null,
                'required', own.required,
                'has_default', own.has_default
            ) ORDER BY referring.relname, constraint_.conname)
            FROM (
                SELECT DISTINCT trigger_.tgconstraint
                FROM pg_catalog.pg_trigger AS trigger_
                WHERE trigger_.tgrelid = relation.oid
                    AND trigger_.tgconstraint <> 0
                    AND trigger_.tgenabled = ANY (database.firing)
            ) AS acting
            JOIN pg_catalog.pg_constraint AS constraint_
                ON constraint_.oid = acting.tgconstraint
                AND constraint_.contype = 'f'
                AND constraint_.confrelid = relation.oid
                AND constraint_.conparentid = 0
            JOIN pg_catalog.pg_class AS referring
                ON referring.oid = constraint_.conrelid
            CROSS JOIN LATERAL (
                SELECT
                    json_agg(attribute.attname ORDER BY part.position) AS names,
                    json_agg(attribute.attname ORDER BY part.position) FILTER (WHERE attribute.attnotnull) AS not_null,
                    json_agg(attribute.attname ORDER BY part.position)
                        FILTER (WHERE attribute.attnotnull AND NOT attribute.atthasdef) AS required,
                    bool_or(attribute.atthasdef) AS has_default
                FROM unnest(constraint_.conkey) WITH ORDINALITY AS part (attribute_number, position)
                JOIN pg_catalog.pg_attribute AS attribute
                    ON attribute.attrelid = constraint_.conrelid
                    AND attribute.attnum = part.attribute_number
            ) AS own
        ) END,
        'checks', CASE WHEN relation.relchecks > 0 THEN (
            SELECT json_agg(json_build_object(
                'name', constraint_.conname,
                'is_enforced', database.server_version < 180000 OR (to_jsonb(constraint_) ->> 'conenforced')::boolean,
                'is_validated', constraint_.convalidated,
                'text', pg_catalog.pg_get_expr(constraint_.conbin, constraint_.conrelid),
                'columns', constraint_.conkey
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
                    AND trigger_.tgenabled = ANY (database.firing)
                    -- Inserts, deletes and updates; no program truncates a table.
                    AND trigger_.tgtype & 28 <> 0
                    AND (trigger_.tgqual IS NULL OR pg_catalog.pg_get_triggerdef(trigger_.oid) NOT LIKE '% WHEN (false) EXECUTE %')
                UNION ALL
                SELECT 'rule ' || rule.rulename
                FROM pg_catalog.pg_rewrite AS rule
                WHERE rule.ev_class = relation.oid
                    AND rule.rulename <> '_RETURN'
                    AND rule.ev_enabled = ANY (database.firing)
            ) AS reaction (name)
        ) END,
        -- Bits: 4 inserts, 8 deletes.
        'columns_of_triggers', CASE WHEN relation.relhastriggers THEN (
            SELECT json_object_agg('trigger ' || trigger_.tgname, (
                SELECT json_agg(attribute.attname ORDER BY attribute.attnum)
                FROM pg_catalog.pg_attribute AS attribute
                WHERE attribute.attrelid = relation.oid
                    AND attribute.attnum = ANY (trigger_.tgattr::smallint[])
            ))
            FROM pg_catalog.pg_trigger AS trigger_
            WHERE trigger_.tgrelid = relation.oid
                AND NOT trigger_.tgisinternal
                AND trigger_.tgtype & 12 = 0
                AND cardinality(trigger_.tgattr::smallint[]) > 0
        ) END,
        -- Bits: 1 for each row, 2 before, 4 inserts.
        'has_before_insert_trigger', CASE WHEN relation.relhastriggers THEN EXISTS (
            SELECT
            FROM pg_catalog.pg_trigger AS trigger_
            WHERE trigger_.tgrelid = relation.oid
                AND trigger_.tgtype & 7 = 7
                AND trigger_.tgenabled = ANY (database.firing)
        ) END,
        'rules', CASE WHEN relation.relhasrules THEN (
            SELECT json_agg(json_build_object(
                'name', rule.rulename,
                -- 2 for UPDATE, 3 for INSERT, 4 for DELETE
                'event', rule.ev_type,
                'is_instead', rule.is_instead,
                'fires', rule.ev_enabled = ANY (database.firing),
                'text', pg_catalog.pg_get_ruledef(rule.oid)
            ) ORDER BY rule.rulename)
            FROM pg_catalog.pg_rewrite AS rule
            WHERE rule.ev_class = relation.oid
                AND rule.rulename <> '_RETURN'
                AND (
                    rule.ev_enabled = ANY (database.firing)
                    -- One for UPDATE counts against upserts although it is disabled.
                    OR rule.ev_type = '2'
                )
        ) END,
        'partition_constraint', CASE WHEN relation.relispartition
            THEN pg_catalog.pg_get_partition_constraintdef(relation.oid) END,
        'partitions', (
            SELECT json_build_object(
                'number', relation.oid::bigint,
                'method', partitioned.partstrat,
                'key', pg_catalog.pg_get_partkeydef(relation.oid),
                'columns', CASE WHEN partitioned.partexprs IS NULL THEN (
                    SELECT json_agg(attribute.attname ORDER BY part.position)
                    FROM unnest(partitioned.partattrs) WITH ORDINALITY AS part (attribute_number, position)
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = relation.oid
                        AND attribute.attnum = part.attribute_number
                ) END,
                'bounds', (
                    -- Of one that is itself partitioned it depends on its own.
                    SELECT COALESCE(json_agg(CASE
                        WHEN partition.relkind = 'p' THEN 'divided'
                        ELSE pg_catalog.pg_get_expr(partition.relpartbound, 0)
                    END), '[]')
                    FROM pg_catalog.pg_inherits AS inheritance
                    JOIN pg_catalog.pg_class AS partition
                        ON partition.oid = inheritance.inhrelid
                    WHERE inheritance.inhparent = relation.oid
                        -- One that DETACH CONCURRENTLY began to detach takes no rows (since 14).
                        -- Its flag is the last column, which earlier versions lack.
                        AND inheritance::text NOT LIKE '%,t)'
                        AND (partition.relkind <> 'p' OR EXISTS (
                            SELECT FROM pg_catalog.pg_inherits AS below WHERE below.inhparent = partition.oid
                        ))
                ),
                'now', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
                'tomorrow', to_char(now() AT TIME ZONE 'UTC' + interval '1 day', 'YYYY-MM-DD HH24:MI:SS')
            )
            FROM pg_catalog.pg_partitioned_table AS partitioned
            WHERE partitioned.partrelid = relation.oid
        ),
        -- Whether a published update, or else a delete, fails for want of the columns that identify the row.
        -- https://www.postgresql.org/docs/current/logical-replication-publication.html
        'missing_replica_identity', (
            SELECT CASE WHEN bool_or(published.pubupdate) THEN 'updates' ELSE 'deletes' END
            FROM published
            LEFT JOIN pg_catalog.pg_index AS identity
                ON identity.indrelid = relation.oid
                AND identity.indimmediate
                AND CASE relation.relreplident
                    WHEN 'd' THEN identity.indisprimary
                    WHEN 'i' THEN identity.indisreplident
                END
            WHERE published.relid = relation.oid
                AND relation.relkind IN ('r', 'p')
                AND CASE relation.relreplident
                    WHEN 'f' THEN published.columns IS NOT NULL AND EXISTS (
                        SELECT
                        FROM pg_catalog.pg_attribute AS attribute
                        WHERE attribute.attrelid = relation.oid
                            AND attribute.attnum > 0
                            AND NOT attribute.attisdropped
                            -- Generated columns count since 18.
                            AND (attribute.attgenerated = '' OR database.server_version >= 180000)
                            AND NOT attribute.attnum::text = ANY (published.columns)
                    )
                    ELSE identity.indexrelid IS NULL
                        OR NOT published.columns @> string_to_array(identity.indkey::text, ' ')
                        OR EXISTS (
                            -- Columns of a row filter, which the publication depends on.
                            SELECT
                            FROM pg_catalog.pg_publication_rel AS filtered
                            JOIN pg_catalog.pg_depend AS dependency
                                ON dependency.classid = 'pg_catalog.pg_publication_rel'::regclass
                                AND dependency.objid = filtered.oid
                                AND dependency.refclassid = 'pg_catalog.pg_class'::regclass
                                AND dependency.refobjid = relation.oid
                                AND dependency.refobjsubid > 0
                            WHERE filtered.prrelid = relation.oid
                                AND filtered.prpubid = published.publication
                                AND to_jsonb(filtered) ->> 'prqual' IS NOT NULL -- since 15
                                AND to_jsonb(filtered) ->> 'prattrs' IS NULL
                                AND NOT dependency.refobjsubid = ANY (string_to_array(identity.indkey::text, ' ')::integer[])
                        )
                END
            HAVING count(*) > 0
        ),
        'may_delete', pg_catalog.has_table_privilege(relation.oid, 'DELETE'),
        -- Functions of its CHECKs, domains, defaults, generated columns and indexes. That of a CHECK depends on the table, too.
        'denied_functions', CASE WHEN relation.relkind IN ('r', 'p') THEN (
            SELECT json_agg(json_build_object('name', used.name, 'used_by', used.used_by) ORDER BY used.name)
            FROM (
                SELECT dependency.refobjid::regproc::text AS name, min(parts.used_by) AS used_by
                FROM (
                    SELECT 'pg_catalog.pg_constraint'::regclass AS class, constraint_.oid, 'the CHECK ' || constraint_.conname AS used_by
                    FROM pg_catalog.pg_constraint AS constraint_
                    WHERE relation.relchecks > 0
                        AND constraint_.conrelid = relation.oid
                        AND constraint_.contype = 'c'
                    UNION ALL
                    SELECT 'pg_catalog.pg_attrdef'::regclass, column_default.oid, 'the column ' || attribute.attname
                    FROM pg_catalog.pg_attrdef AS column_default
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = relation.oid
                        AND attribute.attnum = column_default.adnum
                    WHERE column_default.adrelid = relation.oid
                    UNION ALL
                    SELECT 'pg_catalog.pg_class'::regclass, index.indexrelid, 'the index ' || index.indexrelid::regclass::text
                    FROM pg_catalog.pg_index AS index
                    WHERE index.indrelid = relation.oid
                        AND (index.indexprs IS NOT NULL OR index.indpred IS NOT NULL)
                    UNION ALL
                    -- Smaller numbers are of the server's own types, of which none is a domain with a CHECK.
                    SELECT 'pg_catalog.pg_constraint'::regclass, of_domain.oid, 'the domain of ' || attribute.attname
                    FROM pg_catalog.pg_attribute AS attribute
                    JOIN pg_catalog.pg_constraint AS of_domain
                        ON of_domain.contypid = attribute.atttypid
                    WHERE attribute.attrelid = relation.oid
                        AND attribute.attnum > 0
                        AND attribute.atttypid >= 10000
                ) AS parts
                JOIN pg_catalog.pg_depend AS dependency
                    ON dependency.classid = parts.class
                    AND dependency.objid = parts.oid
                    AND dependency.refclassid = 'pg_catalog.pg_proc'::regclass
                WHERE NOT pg_catalog.has_function_privilege(dependency.refobjid, 'EXECUTE')
                GROUP BY dependency.refobjid
                UNION ALL
                SELECT denied.name, min(parts.used_by)
                FROM denied
                CROSS JOIN LATERAL (
                    SELECT 'the CHECK ' || constraint_.conname, constraint_.conbin::text
                    FROM pg_catalog.pg_constraint AS constraint_
                    WHERE constraint_.conrelid = relation.oid
                        AND constraint_.contype = 'c'
                    UNION ALL
                    SELECT 'the column ' || attribute.attname, column_default.adbin::text
                    FROM pg_catalog.pg_attrdef AS column_default
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = relation.oid
                        AND attribute.attnum = column_default.adnum
                    WHERE column_default.adrelid = relation.oid
                    UNION ALL
                    SELECT 'the index ' || index.indexrelid::regclass::text, concat(index.indexprs::text, index.indpred::text)
                    FROM pg_catalog.pg_index AS index
                    WHERE index.indrelid = relation.oid
                ) AS parts (used_by, tree)
                WHERE parts.tree LIKE '%funcid ' || denied.oid || ' %'
                GROUP BY denied.name
            ) AS used
        ) END,
        'is_row_security_off', relation.relrowsecurity
            AND pg_catalog.row_security_active(relation.oid)
            AND pg_catalog.current_setting('row_security') = 'off',
        'policies', CASE WHEN relation.relrowsecurity AND pg_catalog.row_security_active(relation.oid) THEN (
            SELECT COALESCE(json_agg(json_build_object(
                'command', policy.polcmd,
                'is_permissive', policy.polpermissive,
                'shows_none', pg_catalog.pg_get_expr(policy.polqual, relation.oid) = 'false',
                'takes_none', pg_catalog.pg_get_expr(COALESCE(policy.polwithcheck, policy.polqual), relation.oid) = 'false',
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
FROM (
    -- All of them. Of a limit that is not known before it runs, the planner expects a tenth of the rows: here one table, of the hundred
    -- that it expects of the function. Else the cost of many comes above `jit_above_cost`, and the statement is compiled, which takes
    -- much longer than to run it.
    SELECT *
    FROM (
        SELECT *
        FROM jsonb_to_recordset($1::jsonb) AS recordset (ordinal integer, schema_name text, table_name text)
        LIMIT (SELECT jsonb_array_length($1::jsonb))
    ) AS all_of_them
    LIMIT (SELECT jsonb_array_length($1::jsonb))
) AS wanted
CROSS JOIN database
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
LEFT JOIN LATERAL (
    SELECT
        json_agg(json_build_array(
            attribute.attnum,
            attribute.attname,
            attribute.type_text,
            attribute.attnotnull,
            attribute.default_text,
            attribute.attidentity,
            -- A column of a view that can be written is written to its table, or is computed.
            attribute.attgenerated <> '' OR relation.relkind = 'v'
                AND pg_catalog.pg_relation_is_updatable(relation.oid, true) & 12 = 12
                AND NOT pg_catalog.pg_column_is_updatable(relation.oid, attribute.attnum, true),
            attribute.attgenerated = 'v', -- since 18
            CASE WHEN attribute.has_own_type THEN (
                SELECT json_build_object(
                    'text', CASE
                        WHEN element.typnamespace <> 'pg_catalog'::regnamespace THEN element.typname || '[]'
                        WHEN type.typtype <> 'd' AND type.typnamespace <> 'pg_catalog'::regnamespace AND attribute.atttypmod < 0
                            THEN type.typname::text
                        ELSE attribute.type_text
                    END,
                    'labels', CASE WHEN type.typtype = 'e' OR element.typtype = 'e' THEN (
                        SELECT json_agg(label.enumlabel ORDER BY label.enumsortorder)
                        FROM pg_catalog.pg_enum AS label
                        WHERE label.enumtypid = COALESCE(element.oid, type.oid)
                    ) END,
                    'schema', CASE WHEN type.typtype = 'e' OR element.typtype = 'e' THEN (
                        SELECT namespace.nspname
                        FROM pg_catalog.pg_namespace AS namespace
                        WHERE namespace.oid = type.typnamespace
                            AND NOT pg_catalog.pg_type_is_visible(COALESCE(element.oid, type.oid))
                    ) END,
                    'domain', CASE WHEN type.typtype = 'd' THEN type.oid::bigint END
                )
                FROM pg_catalog.pg_type AS type
                LEFT JOIN pg_catalog.pg_type AS element
                    ON element.oid = type.typelem
                    AND type.typcategory = 'A'
                WHERE type.oid = attribute.atttypid
            ) END,
            CASE WHEN attribute.has_own_collation THEN (
                SELECT json_build_object('name', collation_.collname, 'is_deterministic', collation_.collisdeterministic)
                FROM pg_catalog.pg_type AS type
                JOIN pg_catalog.pg_collation AS collation_
                    ON collation_.oid = attribute.attcollation
                WHERE type.oid = attribute.atttypid
                    -- A domain may have a collation of its own, which is no default.
                    AND CASE WHEN type.typtype = 'd' THEN 100 ELSE type.typcollation END <> attribute.attcollation
            ) END,
            -- The default names the sequence: 'call_log_id_seq'::regclass.
            CASE WHEN attribute.has_generator AND (attribute.attidentity <> '' OR attribute.default_text LIKE '%::%') THEN (
                SELECT json_build_object(
                    'column', pg_catalog.quote_ident(attribute.attname),
                    'is_cut', attribute.attidentity <> '',
                    'name', sequence.seqrelid::regclass,
                    'number', sequence.seqrelid::bigint,
                    'increment', sequence.seqincrement::text,
                    'first', sequence.seqmin::text,
                    'cycles', sequence.seqcycle,
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
                            AND dependency.objid = attribute.default_oid
                            AND dependency.refclassid = 'pg_catalog.pg_class'::regclass
                            AND dependency.refobjid <> relation.oid
                        LIMIT 1
                    )
                END
            ) END,
            CASE WHEN NOT role.may_all THEN array_remove(ARRAY[
                CASE WHEN NOT pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'SELECT') THEN 'SELECT' END,
                CASE WHEN NOT pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'INSERT') THEN 'INSERT' END,
                CASE WHEN NOT pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'UPDATE') THEN 'UPDATE' END
            ], NULL) END
        )) AS facts,
        bool_or(attribute.has_own_collation) AS have_collations,
        json_agg(attribute.attname) FILTER (WHERE attribute.is_kept_in_row) AS kept_in_row
    FROM (
        SELECT
            column_.attnum,
            column_.attname,
            column_.atttypid,
            column_.atttypmod,
            column_.attcollation,
            column_.attnotnull,
            column_.attidentity,
            column_.attgenerated,
            column_default.oid AS default_oid,
            pg_catalog.format_type(column_.atttypid, column_.atttypmod) AS type_text,
            pg_catalog.pg_get_expr(column_default.adbin, column_default.adrelid) AS default_text,
            -- Smaller numbers are of the server's own types, of which none is an enum or a domain.
            column_.atttypid >= 10000 AS has_own_type,
            -- https://www.postgresql.org/docs/current/storage-toast.html
            column_.attstorage = 'p'
                AND column_.atttypmod = -1
                AND column_.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bytea'::regtype, 'json'::regtype, 'jsonb'::regtype)
                AS is_kept_in_row,
            -- The default collation is 100, and of most types.
            column_.attcollation <> 0 AND NOT (
                column_.attcollation = 100
                AND column_.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
            ) AS has_own_collation,
            column_.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) AND (
                column_.attidentity <> ''
                OR column_.atthasdef AND column_.attgenerated = ''
            ) AS has_generator
        FROM pg_catalog.pg_attribute AS column_
        LEFT JOIN pg_catalog.pg_attrdef AS column_default
            ON column_default.adrelid = column_.attrelid
            AND column_default.adnum = column_.attnum
        WHERE column_.attrelid = relation.oid
            AND column_.attnum > 0
            AND NOT column_.attisdropped
        ORDER BY column_.attnum
    ) AS attribute
) AS columns ON true
ORDER BY wanted.ordinal

SELECT count(*) > 0 AS "is_partitioned"
FROM pg_catalog.pg_class AS class
WHERE class.oid = to_regclass(quote_ident($1)) AND class.relkind = 'p'

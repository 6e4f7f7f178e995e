SELECT count(*) > 0 AS "has_index"
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
WHERE index.indrelid = to_regclass(quote_ident($1)) AND class.relname = $2

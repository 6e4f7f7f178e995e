SELECT namespace.nspname::text AS schema, index.indisvalid AS is_valid
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE index.indrelid = to_regclass(quote_ident($1)) AND class.relname = $2
ORDER BY schema

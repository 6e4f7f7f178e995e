SELECT
    version(),
    EXISTS (SELECT FROM pg_catalog.pg_extension AS extension WHERE extension.extname = 'citus') AS is_citus,
    EXISTS (SELECT FROM pg_catalog.pg_proc AS function WHERE function.proname = 'aurora_version') AS is_aurora

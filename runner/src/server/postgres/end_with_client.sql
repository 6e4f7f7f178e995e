-- From PostgreSQL 14, and where the server's system can tell: a statement does not outlive a client that was killed.
SELECT pg_catalog.set_config(name, '1s', {is_local})
FROM pg_catalog.pg_settings
WHERE name = 'client_connection_check_interval' AND version() LIKE '%linux%'

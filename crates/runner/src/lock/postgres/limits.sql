-- The run, not the role or the server, limits how long a migration takes, and no timeout between two statements may end the
-- session and release the lock. From PostgreSQL 14, if the system supports it, a statement ends when its client is killed.
-- https://www.postgresql.org/docs/current/runtime-config-client.html
SELECT pg_catalog.set_config(
    name,
    CASE name
        WHEN 'client_connection_check_interval' THEN '1s'
        WHEN 'statement_timeout' THEN '{statement_timeout}'
        ELSE '0'
    END,
    {is_local}
)
FROM pg_catalog.pg_settings
WHERE (name = 'client_connection_check_interval' AND version() LIKE '%linux%')
    OR name IN (
        'idle_in_transaction_session_timeout', 'idle_session_timeout', 'statement_timeout', 'transaction_timeout'
    )

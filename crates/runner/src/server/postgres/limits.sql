-- How long a migration takes is for the run to say, not for the role or the server; and between two statements nobody should
-- lose patience, and the lock. From PostgreSQL 14, and where the server's system can tell: a statement does not outlive a
-- client that was killed.
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

-- From PostgreSQL 14, and where the server's system can tell: a statement does not outlive a client that was killed. And a
-- session is not ended because it pauses.
SELECT pg_catalog.set_config(name, CASE name WHEN 'idle_session_timeout' THEN '0' ELSE '1s' END, {is_local})
FROM pg_catalog.pg_settings
WHERE (name = 'client_connection_check_interval' AND version() LIKE '%linux%') OR name = 'idle_session_timeout'

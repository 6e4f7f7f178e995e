-- The timeouts to restore for an outer transaction. Some versions have fewer.
SELECT name::text AS name, pg_catalog.current_setting(name) AS timeout
FROM pg_catalog.pg_settings
WHERE name IN ('idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout', 'transaction_timeout')
ORDER BY name

-- What a transaction around a run gets back; some versions know fewer.
SELECT name::text AS name, pg_catalog.current_setting(name) AS timeout
FROM pg_catalog.pg_settings
WHERE name IN ('idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout', 'transaction_timeout')
ORDER BY name

-- https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
SELECT
    (pg_catalog.pg_current_wal_lsn() - '0/0'::pg_lsn)::int8 AS written,
    min(replay_lsn - '0/0'::pg_lsn)::int8 AS replayed,
    count(*) FILTER (WHERE state IS NULL) AS hidden
FROM pg_catalog.pg_stat_replication

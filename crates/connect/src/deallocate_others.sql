-- Left behind by others of whom a pooler gave us the session: they have the names that this driver chooses, too.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_catalog.pg_prepared_statements WHERE name LIKE 'sqlx\_s\_%') THEN
        DEALLOCATE ALL;
    END IF;
END $$

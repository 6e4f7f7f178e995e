-- Behind a pooler other clients may have prepared statements in this session, under the names that this driver uses.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_catalog.pg_prepared_statements WHERE name LIKE 'sqlx\_s\_%') THEN
        DEALLOCATE ALL;
    END IF;
END $$

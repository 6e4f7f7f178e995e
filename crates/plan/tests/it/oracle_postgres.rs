//! Compares plans with PostgreSQL: the locks that the statement holds, whether it replaces the table's file, and whether it
//! reads or changes rows.

use std::collections::BTreeMap;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbConn, Statement, TransactionTrait};
use sea_orm_plan::{Lock, LockMode, Work};
use test_servers::{Database, Server::Postgres};

use super::{all, one, predicted, predicted_after};

const TABLES: &str = include_str!("../fixtures/postgres.sql");

async fn tables() -> Option<(Database, DbConn)> {
    let database = Postgres.empty_database().await?;
    let db = database.connect().await;
    db.execute_unprepared(TABLES).await.unwrap();
    Some((database, db))
}

/// A relation in the catalog and the statistics of this transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    name: String,
    file: i64,
    read: i64,
    changed: i64,
}

async fn look(db: &DatabaseTransaction) -> BTreeMap<i64, Seen> {
    let sql = "SELECT relation.oid::int8, relation.relname::text, relfilenode::int8, COALESCE(seq_scan + idx_scan, seq_scan, 0)::int8, \
               COALESCE(n_tup_ins + n_tup_upd + n_tup_del, 0)::int8 \
               FROM pg_class AS relation LEFT JOIN pg_stat_xact_user_tables AS counted ON counted.relid = relation.oid \
               WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let mut seen = BTreeMap::new();
    for row in &rows {
        let (name, file): (String, i64) = (row.try_get_by_index(1).unwrap(), row.try_get_by_index(2).unwrap());
        let (read, changed) = (row.try_get_by_index(3).unwrap(), row.try_get_by_index(4).unwrap());
        seen.insert(row.try_get_by_index(0).unwrap(), Seen { name, file, read, changed });
    }
    seen
}

/// The strongest lock of this session on each relation that was there before.
async fn locks(db: &DatabaseTransaction, before: &BTreeMap<i64, Seen>) -> BTreeMap<String, LockMode> {
    let sql =
        "SELECT relation::int8 || ' ' || mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'";
    let mut strongest: BTreeMap<String, LockMode> = BTreeMap::new();
    for line in all::<String>(db, sql).await {
        let (relation, mode) = line.split_once(' ').unwrap();
        let Some(seen) = before.get(&relation.parse().unwrap()) else { continue };
        let known = strongest.entry(seen.name.clone()).or_insert(LockMode::AccessShare);
        *known = self::mode(mode).max(*known);
    }
    strongest
}

fn mode(name: &str) -> LockMode {
    match name {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        other => panic!("{other}"),
    }
}

async fn work(db: &DatabaseTransaction, before: &BTreeMap<i64, Seen>, after: &BTreeMap<i64, Seen>) -> Work {
    let both: Vec<_> = before.iter().filter_map(|(relation, before)| Some((before, after.get(relation)?))).collect();
    if both.iter().any(|(before, after)| after.changed > before.changed) {
        return Work::ChangesRows;
    }
    if let Some((_, after)) = both.iter().find(|(before, after)| after.file != before.file) {
        // An empty file is not a copy.
        let has_rows: bool = one(db, &format!("SELECT EXISTS (SELECT FROM \"{}\")", after.name)).await;
        return if has_rows { Work::RewritesTable } else { Work::ChangesRows };
    }
    let is_read = both.iter().any(|(before, after)| after.read > before.read);
    if is_read { Work::ReadsTable } else { Work::Metadata }
}

/// The plan may leave out locks that only schema changes wait for.
fn matters(mode: LockMode) -> bool {
    mode > LockMode::RowShare
}

fn planned(locks: &[Lock]) -> BTreeMap<String, LockMode> {
    let named = locks.iter().map(|lock| (lock.table.clone().unwrap(), lock.mode));
    named.filter(|(_, mode)| matters(*mode)).collect()
}

#[rstest]
#[case::a_table("CREATE TABLE x (id int PRIMARY KEY)")]
#[case::a_table_that_refers("CREATE TABLE x (id int PRIMARY KEY, o int REFERENCES other (id))")]
#[case::a_table_that_refers_at_its_end("CREATE TABLE x (o int, FOREIGN KEY (o) REFERENCES other (id))")]
#[case::a_table_that_inherits("CREATE TABLE x (extra int) INHERITS (other)")]
#[case::a_table_from_another("CREATE TABLE x AS SELECT * FROM t")]
#[case::a_table_that_is_there("CREATE TABLE IF NOT EXISTS t (id int)")]
#[case::an_index("CREATE INDEX x ON t (b)")]
#[case::a_unique_index(r#"CREATE UNIQUE INDEX "x" ON "t" ("u")"#)]
#[case::an_index_on_an_expression("CREATE INDEX x ON t (lower(b)) WHERE a > 3")]
#[case::an_index_that_is_there("CREATE INDEX IF NOT EXISTS ix_t_a ON t (a)")]
#[case::dropping_an_index("DROP INDEX ix_t_a")]
#[case::dropping_an_index_that_is_not_there("DROP INDEX IF EXISTS ix_nowhere")]
#[case::renaming_an_index("ALTER INDEX ix_t_a RENAME TO ix_t_a_2")]
#[case::dropping_a_table("DROP TABLE spare")]
#[case::dropping_a_table_that_refers("DROP TABLE child")]
#[case::dropping_a_table_that_is_referred_to("DROP TABLE other CASCADE")]
#[case::dropping_a_table_that_is_not_there("DROP TABLE IF EXISTS nowhere")]
#[case::dropping_a_view("DROP VIEW lonely_view")]
#[case::emptying_a_table("TRUNCATE TABLE lonely")]
#[case::a_view("CREATE VIEW x AS SELECT id FROM t")]
#[case::a_trigger("CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION nothing()")]
#[case::dropping_a_trigger("DROP TRIGGER idle ON t")]
#[case::a_function("CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
#[case::a_type("CREATE TYPE x AS ENUM ('a', 'b')")]
#[case::a_value_of_a_type("ALTER TYPE mood ADD VALUE 'indifferent'")]
#[case::a_domain("CREATE DOMAIN x AS int CHECK (VALUE > 0)")]
#[case::a_sequence("CREATE SEQUENCE x")]
#[case::a_comment_on_a_table("COMMENT ON TABLE t IS 'x'")]
#[case::a_comment_on_a_column("COMMENT ON COLUMN t.a IS 'x'")]
#[case::a_privilege("GRANT SELECT ON t TO PUBLIC")]
#[case::a_policy("CREATE POLICY x ON t USING (true)")]
#[case::a_row("INSERT INTO t (id, u, nn, proven, c) VALUES (1000, 1000, 1, 1, 'x')")]
#[case::changed_rows("UPDATE t SET a = 2 WHERE id < 10")]
#[case::all_rows_changed("UPDATE t SET a = a + 1")]
#[case::rows_gone("DELETE FROM lonely")]
#[tokio::test]
async fn a_statement_does_what_was_planned(#[case] statement: &str) {
    compare(statement).await;
}

#[rstest]
#[case::a_column_that_takes_null("ADD COLUMN x int")]
#[case::a_column_of_an_own_type("ADD COLUMN x mood")]
#[case::a_column_of_a_free_domain("ADD COLUMN x anything")]
#[case::a_column_of_a_checked_domain("ADD COLUMN x positive")]
#[case::a_column_of_a_domain_over_it("ADD COLUMN x very_positive")]
#[case::a_column_of_a_domain_with_a_default("ADD COLUMN x five")]
#[case::a_column_of_a_domain_with_a_default_that_is_required("ADD COLUMN x five NOT NULL")]
#[case::a_column_of_a_domain_with_a_volatile_default("ADD COLUMN x numbered")]
#[case::a_default_instead_of_that_of_the_domain("ADD COLUMN x numbered DEFAULT 5")]
#[case::a_constant_default("ADD COLUMN x int DEFAULT 5")]
#[case::a_constant_default_that_is_required("ADD COLUMN x int NOT NULL DEFAULT 5")]
#[case::a_default_of_null("ADD COLUMN x int DEFAULT NULL")]
#[case::a_cast_default("ADD COLUMN x jsonb NOT NULL DEFAULT '{}'::jsonb")]
#[case::a_default_of_an_own_type("ADD COLUMN x mood NOT NULL DEFAULT 'glad'")]
#[case::the_time_of_the_statement("ADD COLUMN x timestamptz NOT NULL DEFAULT now()")]
#[case::the_time_in_other_words("ADD COLUMN x timestamp DEFAULT CURRENT_TIMESTAMP")]
#[case::the_time_of_each_row("ADD COLUMN x timestamptz DEFAULT clock_timestamp()")]
#[case::a_random_number("ADD COLUMN x double precision DEFAULT random()")]
#[case::a_random_number_in_an_expression("ADD COLUMN x int DEFAULT (1 + floor(random() * 5))::int")]
#[case::a_random_uuid("ADD COLUMN x uuid DEFAULT gen_random_uuid()")]
#[case::a_number_of_a_sequence("ADD COLUMN x int DEFAULT nextval('numbers')")]
#[case::an_own_function_that_is_volatile("ADD COLUMN x int DEFAULT wild()")]
#[case::an_own_function_that_is_constant("ADD COLUMN x int DEFAULT tame()")]
#[case::a_serial_column("ADD COLUMN x serial")]
#[case::an_identity_column("ADD COLUMN x int GENERATED BY DEFAULT AS IDENTITY")]
#[case::a_generated_column("ADD COLUMN x int GENERATED ALWAYS AS (a + 1) STORED")]
#[case::a_unique_column("ADD COLUMN x int UNIQUE")]
#[case::a_checked_column("ADD COLUMN x int CHECK (x > 0)")]
#[case::a_column_that_refers("ADD COLUMN x int REFERENCES other (id)")]
#[case::a_column_that_refers_by_default("ADD COLUMN x int DEFAULT 1 REFERENCES other (id)")]
#[case::a_column_that_is_there("ADD COLUMN IF NOT EXISTS a int")]
#[case::several_columns("ADD COLUMN x int, ADD COLUMN y text DEFAULT 'y', ADD COLUMN z date")]
#[case::one_that_rewrites_among_several("ADD COLUMN x int, ADD COLUMN y double precision DEFAULT random()")]
#[case::dropping_a_column("DROP COLUMN b")]
#[case::dropping_an_indexed_column("DROP COLUMN a CASCADE")]
#[case::dropping_a_column_that_refers("DROP COLUMN o")]
#[case::renaming_a_column("RENAME COLUMN b TO bb")]
#[case::renaming_the_table("RENAME TO tt")]
#[case::renaming_a_constraint("RENAME CONSTRAINT t_pkey TO t_key")]
#[case::setting_a_default("ALTER COLUMN a SET DEFAULT 3")]
#[case::dropping_a_default("ALTER COLUMN a DROP DEFAULT")]
#[case::refusing_null("ALTER COLUMN a SET NOT NULL")]
#[case::refusing_null_that_a_check_refuses("ALTER COLUMN proven SET NOT NULL")]
#[case::refusing_null_twice("ALTER COLUMN nn SET NOT NULL")]
#[case::taking_null("ALTER COLUMN nn DROP NOT NULL")]
#[case::a_longer_text("ALTER COLUMN v TYPE varchar(64)")]
#[case::a_longer_text_that_is_indexed("ALTER COLUMN b TYPE varchar(64)")]
#[case::a_text_of_any_length("ALTER COLUMN v TYPE text")]
#[case::any_length_in_other_words("ALTER COLUMN c TYPE varchar")]
#[case::a_text_of_any_length_that_is_indexed("ALTER COLUMN b TYPE text")]
#[case::a_shorter_text("ALTER COLUMN v TYPE varchar(16)")]
#[case::a_limited_text("ALTER COLUMN c TYPE varchar(100)")]
#[case::the_same_text("ALTER COLUMN v TYPE varchar(32)")]
#[case::a_padded_text("ALTER COLUMN v TYPE char(40)")]
#[case::a_text_that_was_padded("ALTER COLUMN padded TYPE text")]
#[case::a_wider_number("ALTER COLUMN a TYPE bigint")]
#[case::a_number_as_text("ALTER COLUMN u TYPE text")]
#[case::a_text_made_otherwise("ALTER COLUMN v TYPE varchar(64) USING v || 'x'")]
#[case::a_text_made_as_always("ALTER COLUMN v TYPE varchar(64) USING v::varchar(64)")]
#[case::more_digits("ALTER COLUMN n TYPE numeric(12,2)")]
#[case::other_digits("ALTER COLUMN n TYPE numeric(12,3)")]
#[case::any_digits("ALTER COLUMN n TYPE numeric")]
#[case::a_time_zone("ALTER COLUMN d TYPE timestamptz")]
#[case::a_time_zone_that_is_indexed("ALTER COLUMN since TYPE timestamptz")]
#[case::no_time_zone_beside_an_index("ALTER COLUMN kept TYPE timestamp")]
#[case::a_text_in_an_indexed_expression("ALTER COLUMN name TYPE varchar(64)")]
#[case::a_text_in_the_condition_of_an_index("ALTER COLUMN part TYPE varchar(64)")]
#[case::a_coarser_time("ALTER COLUMN d TYPE timestamp(0)")]
#[case::a_finer_time("ALTER COLUMN coarse TYPE timestamp")]
#[case::a_document("ALTER COLUMN doc TYPE jsonb")]
#[case::a_checked_text("ALTER COLUMN checked TYPE varchar(64)")]
#[case::a_text_that_refers("ALTER COLUMN o TYPE bigint")]
#[case::a_key_that_is_referred_to("ALTER COLUMN id TYPE bigint")]
#[case::an_identity("ALTER COLUMN nn ADD GENERATED BY DEFAULT AS IDENTITY")]
#[case::a_foreign_key("ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES other (id)")]
#[case::a_foreign_key_for_new_rows("ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES other (id) NOT VALID")]
#[case::a_check("ADD CONSTRAINT x CHECK (a > 0)")]
#[case::a_check_for_new_rows("ADD CONSTRAINT x CHECK (a > 0) NOT VALID")]
#[case::a_unique_constraint("ADD CONSTRAINT x UNIQUE (u)")]
#[case::a_unique_constraint_from_an_index("ADD CONSTRAINT x UNIQUE USING INDEX ix_t_u")]
#[case::validating_a_check("VALIDATE CONSTRAINT unproven")]
#[case::validating_a_foreign_key("VALIDATE CONSTRAINT unreferred")]
#[case::dropping_a_check("DROP CONSTRAINT unproven")]
#[case::dropping_a_foreign_key("DROP CONSTRAINT unreferred")]
#[case::a_setting("SET (fillfactor = 70)")]
#[case::a_trigger_off("DISABLE TRIGGER idle")]
#[case::row_security("ENABLE ROW LEVEL SECURITY")]
#[case::a_check_and_a_column("ADD COLUMN x int, ADD CONSTRAINT y CHECK (a > 0)")]
#[tokio::test]
async fn an_alteration_does_what_was_planned(#[case] operation: &str) {
    compare(&format!("ALTER TABLE t {operation}")).await;
}

#[rstest]
#[case::a_primary_key("ALTER TABLE lonely ADD PRIMARY KEY (id)")]
#[case::an_exclusion("ALTER TABLE lonely ADD EXCLUDE USING btree (id WITH =)")]
#[case::an_odd_name(r#"ALTER TABLE "Mixed Case" ADD COLUMN x int"#)]
#[case::an_odd_name_that_refers(r#"ALTER TABLE "Mixed Case" DROP COLUMN "Other Id""#)]
#[case::an_odd_name_that_is_referred_to(r#"ALTER TABLE "Mixed Case" ALTER COLUMN id TYPE bigint"#)]
#[case::an_odd_name_that_goes(r#"DROP TABLE "Mixed Case" CASCADE"#)]
#[case::an_index_of_an_odd_name(r#"DROP INDEX "Mixed Index""#)]
#[case::a_name_in_capitals("ALTER TABLE LONELY ADD COLUMN X int DEFAULT Random()")]
#[case::no_log("ALTER TABLE lonely SET UNLOGGED")]
#[case::a_partition("CREATE TABLE x PARTITION OF parted FOR VALUES IN (3)")]
#[case::a_partition_beside_the_default("CREATE TABLE x PARTITION OF parted_by_default FOR VALUES IN (3000)")]
#[case::a_table_as_partition("ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES IN (2)")]
#[case::a_partition_as_table("ALTER TABLE parted DETACH PARTITION parted_1")]
#[case::a_partition_that_gets_a_foreign_key("ALTER TABLE parted_refers ATTACH PARTITION without_key FOR VALUES IN (2)")]
#[case::a_partition_that_has_the_foreign_key("ALTER TABLE parted_refers ATTACH PARTITION with_key FOR VALUES IN (3)")]
#[case::a_partition_that_has_another_foreign_key(
    "ALTER TABLE parted_refers ATTACH PARTITION with_another_key FOR VALUES IN (4)"
)]
#[case::a_new_partition_that_gets_a_foreign_key("CREATE TABLE x PARTITION OF parted_refers FOR VALUES IN (5)")]
#[case::a_partition_that_loses_a_foreign_key("ALTER TABLE parted_refers DETACH PARTITION parted_refers_1")]
#[case::a_partition_that_is_referred_to(
    "ALTER TABLE parted_referred ATTACH PARTITION parted_referred_2 FOR VALUES IN (2)"
)]
#[case::a_new_partition_that_is_referred_to("CREATE TABLE x PARTITION OF parted_referred FOR VALUES IN (3)")]
#[case::a_partition_that_is_no_longer_referred_to("ALTER TABLE parted_referred DETACH PARTITION parted_referred_1")]
#[tokio::test]
async fn other_tables_are_locked_as_planned(#[case] statement: &str) {
    compare(statement).await;
}

/// Plans the statement, runs it, and compares.
async fn compare(statement: &str) {
    if let Some((_database, db)) = tables().await {
        compare_in(&db, statement).await;
    }
}

/// The same in this database. Returns the work that was done.
async fn compare_in(db: &DbConn, statement: &str) -> Work {
    let predicted = predicted(db, statement).await;

    let transaction = db.begin().await.unwrap();
    let before = look(&transaction).await;
    transaction.execute_unprepared(statement).await.unwrap();
    let after = look(&transaction).await;
    let locks = locks(&transaction, &before).await;
    let done = work(&transaction, &before, &after).await;
    transaction.rollback().await.unwrap();

    let expected = planned(predicted.locks.as_deref().expect("the locks are known"));
    let held: BTreeMap<String, LockMode> = locks.into_iter().filter(|(_, mode)| matters(*mode)).collect();
    assert_eq!(expected, held, "{statement}");
    let is_idle = predicted.work == Work::Nothing;
    let said = if is_idle { Work::Metadata } else { predicted.work };
    assert_eq!(said, done, "{statement}: {:?}", predicted.reason);
    done
}

#[rstest]
#[case::a_proof_that_is_validated(
    &["ALTER TABLE t ADD CONSTRAINT x CHECK (a IS NOT NULL) NOT VALID", "ALTER TABLE t VALIDATE CONSTRAINT x"],
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL"
)]
#[case::a_proof_that_is_not(
    &["ALTER TABLE t ADD CONSTRAINT x CHECK (a IS NOT NULL) NOT VALID"],
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL"
)]
#[case::a_proof_at_once(
    &["ALTER TABLE t ADD CONSTRAINT x CHECK (a IS NOT NULL)"],
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL"
)]
#[case::a_proof_that_was_there_to_be_validated(
    &["ALTER TABLE t VALIDATE CONSTRAINT unproven_c"],
    "ALTER TABLE t ALTER COLUMN c SET NOT NULL"
)]
#[case::another_check(&["ALTER TABLE t ADD CONSTRAINT x CHECK (v <> 'x')"], "ALTER TABLE t ALTER COLUMN v TYPE text")]
#[case::another_column(&["ALTER TABLE t ALTER COLUMN a TYPE bigint"], "ALTER TABLE t ALTER COLUMN v TYPE text")]
#[case::a_column_that_is_gone(
    &["ALTER TABLE t DROP COLUMN a"],
    "ALTER TABLE t ADD COLUMN IF NOT EXISTS a double precision DEFAULT random()"
)]
#[case::a_column_that_has_come(&["ALTER TABLE t ADD COLUMN x int"], "ALTER TABLE t ADD COLUMN IF NOT EXISTS x serial")]
#[case::a_table_that_is_gone(&["DROP TABLE spare"], "DROP TABLE IF EXISTS spare")]
#[case::a_table_that_has_come(&["CREATE TABLE x (id int)"], "CREATE TABLE IF NOT EXISTS x (id int)")]
#[case::an_index_that_has_come(&["CREATE INDEX x ON t (a)"], "CREATE INDEX IF NOT EXISTS x ON t (b)")]
#[tokio::test]
async fn earlier_statements_are_taken_into_account(#[case] before: &[&str], #[case] statement: &str) {
    let Some((_database, db)) = tables().await else { return };
    let predicted = predicted_after(&db, before, statement).await;
    let transaction = db.begin().await.unwrap();
    for statement in before {
        transaction.execute_unprepared(statement).await.unwrap();
    }
    let seen = look(&transaction).await;
    transaction.execute_unprepared(statement).await.unwrap();
    let after = look(&transaction).await;
    let done = work(&transaction, &seen, &after).await;
    transaction.rollback().await.unwrap();
    let said = if predicted.work == Work::Nothing { Work::Metadata } else { predicted.work };
    assert_eq!(said, done, "{:?}", predicted.reason);
}

#[rstest]
#[case::an_index_that_is_made(&["CREATE INDEX x ON t (lower(v))"], "ALTER TABLE t ALTER COLUMN v TYPE text")]
#[case::a_type_that_is_changed(&["ALTER TABLE t ALTER COLUMN v TYPE text"], "ALTER TABLE t ALTER COLUMN v TYPE varchar")]
#[case::a_proof_that_goes(&["ALTER TABLE t DROP CONSTRAINT proof"], "ALTER TABLE t ALTER COLUMN proven SET NOT NULL")]
#[case::another_name(&["ALTER TABLE t RENAME COLUMN v TO vv"], "ALTER TABLE t ALTER COLUMN vv TYPE text")]
#[tokio::test]
async fn what_the_catalog_cannot_tell_is_unknown(#[case] before: &[&str], #[case] statement: &str) {
    let Some((_database, db)) = tables().await else { return };
    let predicted = predicted_after(&db, before, statement).await;
    assert_eq!(predicted.work, Work::Unknown, "{:?}", predicted.reason);
}

/// The statement does not name the tables that it also empties.
#[tokio::test]
async fn what_truncate_cascade_empties_is_unknown() {
    let Some((_database, db)) = tables().await else { return };
    let statement = "TRUNCATE TABLE other CASCADE";
    let predicted = predicted(&db, statement).await;
    assert_eq!((predicted.work, predicted.locks), (Work::ChangesRows, None));
    let transaction = db.begin().await.unwrap();
    let before = look(&transaction).await;
    transaction.execute_unprepared(statement).await.unwrap();
    let locks = locks(&transaction, &before).await;
    assert_eq!(
        locks.get("child"),
        Some(&LockMode::AccessExclusive),
        "it refers to a table that refers to it: {locks:?}"
    );
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn a_foreign_key_that_is_made_before_is_locked_with() {
    let Some((_database, db)) = tables().await else { return };
    let before = ["ALTER TABLE lonely ADD CONSTRAINT x FOREIGN KEY (id) REFERENCES other (id) NOT VALID"];
    for statement in ["ALTER TABLE lonely DROP CONSTRAINT x", "DROP TABLE lonely CASCADE"] {
        let predicted = predicted_after(&db, &before, statement).await;
        let both = ["lonely", "other"].map(|table| (table.to_owned(), LockMode::AccessExclusive));
        assert_eq!(planned(predicted.locks.as_deref().unwrap()), BTreeMap::from(both), "{statement}");
    }
}

#[tokio::test]
async fn the_time_zone_that_counts_is_that_of_the_session() {
    let Some((database, db)) = tables().await else { return };
    db.execute_unprepared(&format!("ALTER DATABASE {} SET TimeZone = 'Asia/Jerusalem'", database.name()))
        .await
        .unwrap();
    db.close().await.unwrap();
    let done = compare_in(&database.connect().await, "ALTER TABLE t ALTER COLUMN d TYPE timestamptz").await;
    assert_eq!(done, Work::Metadata, "the driver asks for UTC");
}

/// A statement that cannot run in a transaction waits for an older writer while it holds its lock.
#[rstest]
#[case::an_index("CREATE INDEX CONCURRENTLY x ON t (c)", Work::ReadsTable)]
#[case::dropping_an_index("DROP INDEX CONCURRENTLY ix_t_a", Work::Metadata)]
#[case::dropping_an_index_that_is_there("drop index concurrently if exists ix_t_a", Work::Metadata)]
#[tokio::test]
async fn a_concurrent_statement_takes_the_planned_lock(#[case] statement: &str, #[case] work: Work) {
    let Some((database, db)) = tables().await else { return };
    let predicted = predicted(&db, statement).await;
    let writer = db.begin().await.unwrap();
    writer.execute_unprepared("UPDATE t SET v = 'x' WHERE id = 1").await.unwrap();
    let other = database.connect().await;
    let running = {
        let statement = statement.to_owned();
        tokio::spawn(async move { other.execute_unprepared(&statement).await.unwrap() })
    };
    let held = format!(
        "SELECT mode FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE query = '{statement}' AND granted \
         AND relation = 't'::regclass AND pid <> pg_backend_pid()"
    );
    let modes = loop {
        let modes: Vec<String> = all(&db, &held).await;
        let is_waiting = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) \
                          WHERE NOT granted AND datname = current_database()";
        if !modes.is_empty() && one::<i64>(&db, is_waiting).await > 0 {
            break modes;
        }
        assert!(!running.is_finished(), "it did not wait");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    writer.rollback().await.unwrap();
    running.await.unwrap();
    let strongest = modes.iter().map(|name| mode(name)).max().unwrap();
    assert_eq!(planned(predicted.locks.as_deref().unwrap()), BTreeMap::from([("t".to_owned(), strongest)]));
    assert_eq!(predicted.work, work);
}

/// Before PostgreSQL 18 the server rejects it.
#[rstest]
#[case::by_default("ADD COLUMN x int GENERATED ALWAYS AS (a + 1)")]
#[case::explicitly("ADD COLUMN x int GENERATED ALWAYS AS (a + 1) VIRTUAL")]
#[case::and_refuses_null("ADD COLUMN x int GENERATED ALWAYS AS (a + 1) VIRTUAL NOT NULL")]
#[tokio::test]
async fn a_generated_column_is_virtual_from_postgresql_18_on(#[case] operation: &str) {
    let Some((_database, db)) = tables().await else { return };
    let statement = format!("ALTER TABLE t {operation}");
    if one::<i32>(&db, "SELECT current_setting('server_version_num')::int").await >= 180_000 {
        compare_in(&db, &statement).await;
    } else {
        assert_eq!(predicted(&db, &statement).await.work, Work::Unknown);
        db.execute_unprepared(&statement).await.unwrap_err();
    }
}

#[tokio::test]
async fn many_rows_are_counted() {
    let Some((_database, db)) = tables().await else { return };
    db.execute_unprepared("INSERT INTO lonely SELECT generate_series(1, 20000); ANALYZE lonely, spare").await.unwrap();
    let predicted_rows = async |statement| predicted(&db, statement).await.rows;
    assert_eq!(predicted_rows("CREATE INDEX x ON lonely (id)").await, Some(20_500));
    assert_eq!(predicted_rows("ALTER TABLE lonely ADD COLUMN x int").await, None, "they are not gone through");
    assert_eq!(predicted_rows("CREATE INDEX x ON spare (id)").await, None, "they are few");
}

#[rstest]
#[case::a_block("DO $$ BEGIN PERFORM 1; END $$")]
#[case::what_a_function_does("SELECT setval('numbers', 5)")]
#[case::an_extension("CREATE EXTENSION plpgsql")]
#[case::a_function_whose_body_decides("ALTER TABLE t ADD COLUMN x int DEFAULT perhaps_wild()")]
#[case::a_type_that_is_not_there("ALTER TABLE t ADD COLUMN x no_such_type")]
#[case::a_column_that_is_not_there("ALTER TABLE t ALTER COLUMN nowhere TYPE text")]
#[case::what_cannot_be_read("ALTER TABLE t FROBNICATE")]
#[tokio::test]
async fn a_statement_without_a_rule_is_unknown(#[case] statement: &str) {
    let Some((_database, db)) = tables().await else { return };
    let predicted = predicted(&db, statement).await;
    assert_eq!(predicted.work, Work::Unknown);
    assert!(predicted.reason.is_some(), "with a reason");
}

#[tokio::test]
async fn a_column_that_is_there_is_rejected_unless_it_may_be() {
    let Some((_database, db)) = tables().await else { return };
    for (statement, is_accepted) in
        [("ALTER TABLE t ADD COLUMN a int", false), ("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int", true)]
    {
        let predicted = predicted(&db, statement).await;
        assert_eq!(predicted.work, Work::Nothing);
        let rejects = predicted.reason.unwrap().ends_with("so the server rejects the statement");
        assert_eq!(
            (rejects, db.execute_unprepared(statement).await.is_ok()),
            (!is_accepted, is_accepted),
            "{statement}"
        );
    }
}

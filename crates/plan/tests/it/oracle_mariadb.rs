//! Compares plans with MariaDB: which algorithms and locks it accepts, and whether it rebuilds the table.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, TransactionTrait};
use sea_orm_plan::{LockMode, PlannedStatement, Work};
use test_servers::{Database, Server::MySqlOrMariaDb, not_applicable};

use super::{one, predicted, predicted_after};

const TABLES: &str = include_str!("../fixtures/mariadb.sql");

async fn tables() -> Option<(Database, DbConn)> {
    let database = MySqlOrMariaDb.empty_database().await?;
    let db = database.connect().await;
    if !one::<String>(&db, "SELECT VERSION()").await.contains("MariaDB") {
        not_applicable("MySQL does not say all of this");
        return None;
    }
    db.execute_unprepared(TABLES).await.unwrap();
    Some((database, db))
}

/// The algorithms of the server, fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Instant,
    NoCopy,
    InPlace,
    Copy,
}

/// The fastest algorithm that the server accepts for `operation`, and the weakest lock.
async fn accepted(db: &DbConn, table: &str, operation: &str) -> (Algorithm, LockMode) {
    for (algorithm, word) in [
        (Algorithm::Instant, "INSTANT"),
        (Algorithm::NoCopy, "NOCOPY"),
        (Algorithm::InPlace, "INPLACE"),
        (Algorithm::Copy, "COPY"),
    ] {
        for (mode, lock) in
            [(LockMode::OnlineDdl, "NONE"), (LockMode::SharedDdl, "SHARED"), (LockMode::OnlineDdl, "EXCLUSIVE")]
        {
            let statement = format!("ALTER TABLE {table} {operation}, ALGORITHM={word}, LOCK={lock}");
            let answer = db.execute_unprepared(&statement).await;
            db.execute_unprepared(TABLES).await.unwrap();
            match answer {
                Ok(_) => return (algorithm, mode),
                Err(error) => assert!(error.to_string().contains("is not supported"), "{statement}: {error}"),
            }
        }
    }
    panic!("the server does not accept {operation} at all");
}

async fn table_number(db: &DbConn, table: &str) -> u64 {
    let sql = format!(
        "SELECT CAST(TABLE_ID AS UNSIGNED) FROM information_schema.INNODB_SYS_TABLES \
         WHERE NAME = CONCAT(DATABASE(), '/{table}')"
    );
    one(db, &sql).await
}

#[rstest]
#[case::a_column("ADD COLUMN n int")]
#[case::a_column_that_is_required("ADD COLUMN n int NOT NULL")]
#[case::a_constant_default("ADD COLUMN n int NOT NULL DEFAULT 5")]
#[case::a_negative_default("ADD COLUMN n int DEFAULT -5")]
#[case::a_text_default("ADD COLUMN n text DEFAULT 'x'")]
#[case::the_time("ADD COLUMN n datetime DEFAULT CURRENT_TIMESTAMP")]
#[case::the_time_of_changes("ADD COLUMN n timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")]
#[case::a_document("ADD COLUMN n json")]
#[case::a_column_in_front("ADD COLUMN n int FIRST")]
#[case::a_column_in_between("ADD COLUMN n int AFTER b")]
#[case::a_computed_column("ADD COLUMN n int GENERATED ALWAYS AS (a + 1) VIRTUAL")]
#[case::a_computed_column_that_is_stored("ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED")]
#[case::a_unique_column("ADD COLUMN n int UNIQUE")]
#[case::a_number_for_each_row("ADD COLUMN n int AUTO_INCREMENT UNIQUE")]
#[case::a_checked_column("ADD COLUMN n int CHECK (n > 0)")]
#[case::a_column_that_refers("ADD COLUMN n int REFERENCES other (id)")]
#[case::two_columns("ADD COLUMN n int, ADD COLUMN m int DEFAULT 4")]
#[case::a_column_and_an_index("ADD COLUMN n int, ADD INDEX ix_b (b)")]
#[case::a_column_without_an_index("ADD COLUMN n int, DROP INDEX ix_alone")]
#[case::a_column_for_another("ADD COLUMN n int, DROP COLUMN b")]
#[case::a_column_and_a_new_name("ADD COLUMN n int, RENAME COLUMN b TO bb")]
#[case::a_column_and_a_required_one("ADD COLUMN n int, MODIFY COLUMN b int NOT NULL")]
#[case::dropping_a_column("DROP COLUMN b")]
#[case::dropping_an_indexed_column("DROP COLUMN alone")]
#[case::dropping_one_of_an_index("DROP COLUMN first")]
#[case::dropping_all_of_an_index("DROP COLUMN first, DROP COLUMN second")]
#[case::an_index_for_a_column("DROP COLUMN b, ADD INDEX ix_a (a)")]
#[case::renaming_a_column("RENAME COLUMN b TO bb")]
#[case::renaming_it_in_other_words("CHANGE COLUMN b bb int")]
#[case::renaming_and_indexing("RENAME COLUMN b TO bb, ADD INDEX ix_a (a)")]
#[case::a_default("ALTER COLUMN c SET DEFAULT 5")]
#[case::no_default("ALTER COLUMN c DROP DEFAULT")]
#[case::a_default_in_other_words("MODIFY COLUMN b int DEFAULT 5")]
#[case::a_comment("MODIFY COLUMN b int COMMENT 'x'")]
#[case::the_same("MODIFY COLUMN b int")]
#[case::another_place("MODIFY COLUMN b int FIRST")]
#[case::refusing_null("MODIFY COLUMN b int NOT NULL")]
#[case::taking_null("MODIFY COLUMN c int")]
#[case::a_wider_number("MODIFY COLUMN b bigint")]
#[case::a_number_without_a_sign("MODIFY COLUMN b int unsigned")]
#[case::a_number_as_text("MODIFY COLUMN b varchar(32)")]
#[case::a_longer_text("MODIFY COLUMN v varchar(60)")]
#[case::a_longer_long_text("MODIFY COLUMN w varchar(300)")]
#[case::a_text_whose_length_needs_two_bytes("MODIFY COLUMN x varchar(100)")]
#[case::a_text_whose_length_needs_two_bytes_and_was_short("MODIFY COLUMN v varchar(300)")]
#[case::a_text_of_124_bytes("MODIFY COLUMN short varchar(64)")]
#[case::a_text_of_128_bytes("MODIFY COLUMN longer varchar(64)")]
#[case::a_text_of_128_bytes_that_needs_one_byte("MODIFY COLUMN longer varchar(63)")]
#[case::a_shorter_text("MODIFY COLUMN w varchar(20)")]
#[case::a_text_of_any_length("MODIFY COLUMN v text")]
#[case::a_padded_text("MODIFY COLUMN ch char(8)")]
#[case::another_member("MODIFY COLUMN e enum('x', 'y', 'z')")]
#[case::another_member_in_front("MODIFY COLUMN e enum('w', 'x', 'y')")]
#[case::more_text("MODIFY COLUMN txt mediumtext")]
#[case::an_index("ADD INDEX ix_b (b)")]
#[case::a_unique_index("ADD UNIQUE INDEX ix_a (a)")]
#[case::a_unique_index_on_a_text("ADD UNIQUE INDEX ix_txt (txt)")]
#[case::a_unique_index_on_the_start_of_a_text("ADD UNIQUE INDEX ix_txt (txt(10))")]
#[case::an_index_for_searching("ADD FULLTEXT INDEX ix_txt (txt)")]
#[case::dropping_an_index("DROP INDEX ix_alone")]
#[case::one_index_for_another("ADD INDEX ix_b (b), DROP INDEX ix_alone")]
#[case::dropping_the_primary_key("DROP PRIMARY KEY")]
#[case::another_primary_key("DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)")]
#[case::a_foreign_key("ADD CONSTRAINT x FOREIGN KEY (b) REFERENCES other (id)")]
#[case::dropping_a_foreign_key("DROP FOREIGN KEY refers")]
#[case::a_check("ADD CONSTRAINT x CHECK (a < 100000)")]
#[case::dropping_a_check("DROP CONSTRAINT checks")]
#[case::where_numbers_go_on("AUTO_INCREMENT = 1000")]
#[tokio::test]
async fn an_alteration_does_what_was_planned(#[case] operation: &str) {
    compare("t", operation).await;
}

#[rstest]
#[case::a_column("ADD COLUMN n int")]
#[case::an_index("ADD INDEX ix_b (b)")]
#[case::dropping_an_index("DROP INDEX ix_a")]
#[case::a_default("ALTER COLUMN a SET DEFAULT 5")]
#[case::renaming_a_column("RENAME COLUMN b TO bb")]
#[case::a_comment("MODIFY COLUMN a int COMMENT 'x'")]
#[case::where_numbers_go_on("AUTO_INCREMENT = 1000")]
#[case::dropping_the_hash("DROP INDEX whole")]
#[tokio::test]
async fn a_table_with_unique_on_a_whole_text_is_copied_as_planned(#[case] operation: &str) {
    compare("hashed", operation).await;
}

#[rstest]
#[case::an_index("CREATE INDEX ix_b ON hashed (b)")]
#[case::dropping_an_index("DROP INDEX ix_a ON hashed")]
#[tokio::test]
async fn an_index_of_a_table_with_unique_on_a_whole_text_copies_it(#[case] statement: &str) {
    let Some((_database, db)) = tables().await else { return };
    let predicted = predicted(&db, statement).await;
    let before = table_number(&db, "hashed").await;
    db.execute_unprepared(statement).await.unwrap();
    assert_ne!(table_number(&db, "hashed").await, before);
    assert_eq!((predicted.work, modes(&predicted)), (Work::RewritesTable, vec![LockMode::SharedDdl]));
}

/// Plans the operation, runs it, and asks the server which algorithms and locks it accepts.
async fn compare(table: &str, operation: &str) {
    let Some((_database, db)) = tables().await else { return };
    let statement = format!("ALTER TABLE {table} {operation}");
    let predicted = predicted(&db, &statement).await;

    let before = table_number(&db, table).await;
    db.execute_unprepared(&statement).await.unwrap();
    let is_rebuilt = table_number(&db, table).await != before;
    db.execute_unprepared(TABLES).await.unwrap();
    let (algorithm, mode) = accepted(&db, table, operation).await;

    let builds = operation.contains("ADD INDEX") || operation.contains("ADD UNIQUE INDEX");
    let work = match algorithm {
        Algorithm::Instant => Work::Metadata,
        Algorithm::NoCopy if builds => Work::ReadsTable,
        // Only the manual tells that dropping an index does not read it.
        Algorithm::NoCopy => Work::Metadata,
        Algorithm::InPlace | Algorithm::Copy => Work::RewritesTable,
    };
    assert_eq!((predicted.work, modes(&predicted)), (work, vec![mode]), "{algorithm:?}: {:?}", predicted.impact_reason);
    assert_eq!(is_rebuilt, work == Work::RewritesTable);
}

fn modes(statement: &PlannedStatement) -> Vec<LockMode> {
    statement.locks.as_deref().expect("the locks are known").iter().map(|lock| lock.mode).collect()
}

#[rstest]
#[case::a_column_that_is_changed("MODIFY COLUMN v varchar(20)", "MODIFY COLUMN v varchar(30)")]
#[case::an_index_that_is_added("ADD INDEX ix_b (b)", "DROP COLUMN b")]
#[case::a_computed_column("ADD COLUMN n int GENERATED ALWAYS AS (a + 1) VIRTUAL", "ADD COLUMN m int FIRST")]
#[tokio::test]
async fn what_the_catalog_cannot_tell_is_unknown(#[case] before: &str, #[case] operation: &str) {
    let Some((_database, db)) = tables().await else { return };
    let before = format!("ALTER TABLE t {before}");
    let predicted = predicted_after(&db, &[&before], &format!("ALTER TABLE t {operation}")).await;
    assert_eq!(predicted.work, Work::Unknown, "{:?}", predicted.impact_reason);
}

#[rstest]
#[case::another_column("ADD COLUMN n int", "ADD COLUMN m int", Work::Metadata)]
#[case::a_column_that_has_come("ADD COLUMN n int", "ADD COLUMN IF NOT EXISTS n int", Work::Nothing)]
#[case::a_column_that_is_gone("DROP COLUMN b", "ADD COLUMN IF NOT EXISTS b int", Work::Metadata)]
#[case::another_type("MODIFY COLUMN v varchar(20)", "MODIFY COLUMN b bigint", Work::RewritesTable)]
#[tokio::test]
async fn earlier_statements_are_taken_into_account(#[case] before: &str, #[case] operation: &str, #[case] work: Work) {
    let Some((_database, db)) = tables().await else { return };
    let before = format!("ALTER TABLE t {before}");
    let predicted = predicted_after(&db, &[&before], &format!("ALTER TABLE t {operation}")).await;
    assert_eq!(predicted.work, work, "{:?}", predicted.impact_reason);
}

#[rstest]
#[case::and_can("ADD COLUMN n int", true)]
#[case::and_cannot("ADD CONSTRAINT x CHECK (a < 100000)", false)]
#[tokio::test]
async fn algorithm_instant_succeeds_or_is_rejected(#[case] operation: &str, #[case] can: bool) {
    let Some((_database, db)) = tables().await else { return };
    let statement = format!("ALTER TABLE t {operation}, ALGORITHM=INSTANT");
    let predicted = predicted(&db, &statement).await;
    assert_eq!((predicted.work, modes(&predicted)), (Work::Metadata, vec![LockMode::OnlineDdl]));
    assert_eq!(predicted.impact_reason.is_none(), can, "{:?}", predicted.impact_reason);
    assert_eq!(db.execute_unprepared(&statement).await.is_ok(), can);
}

#[rstest]
#[case::an_odd_table("ALTER TABLE odd ADD COLUMN n int")]
#[case::another_engine("ALTER TABLE compressed ADD COLUMN n int")]
#[case::an_index_of_another_engine("CREATE INDEX ix ON compressed (a)")]
#[case::an_index_of_another_engine_in_other_words("ALTER TABLE compressed ADD INDEX ix (a)")]
#[case::dropping_an_index_of_another_engine("DROP INDEX ix_a ON compressed")]
#[case::a_default_that_is_computed("ALTER TABLE t ADD COLUMN n varchar(36) DEFAULT (uuid())")]
#[case::another_collation("ALTER TABLE t MODIFY COLUMN latin varchar(20)")]
#[case::what_cannot_be_read("ALTER TABLE t FORCE")]
#[tokio::test]
async fn a_statement_without_a_rule_is_unknown(#[case] statement: &str) {
    let Some((_database, db)) = tables().await else { return };
    let predicted = predicted(&db, statement).await;
    assert_eq!((predicted.work, predicted.locks), (Work::Unknown, None));
    assert!(predicted.impact_reason.is_some(), "with a reason");
}

/// Only `InnoDB` builds an index beside those who write.
#[tokio::test]
async fn another_engine_copies_the_table_for_an_index() {
    let Some((_database, db)) = tables().await else { return };
    for (table, can) in [("t", true), ("compressed", false)] {
        let statement = format!("CREATE INDEX ix ON {table} (a) ALGORITHM=INPLACE LOCK=NONE");
        assert_eq!(db.execute_unprepared(&statement).await.is_ok(), can, "{statement}");
        assert_eq!(predicted(&db, &statement).await.locks.is_some(), can, "{statement}");
    }
}

/// A session that has read the table keeps the statement waiting.
#[rstest]
#[case::one_statement("CREATE TRIGGER x BEFORE INSERT ON odd FOR EACH ROW SET NEW.a = 1")]
#[case::several("CREATE TRIGGER x AFTER UPDATE ON odd FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END")]
#[case::in_other_words(
    "create definer = current_user trigger if not exists `x` before delete on `odd` for each row set @a = 1"
)]
#[case::dropping_one("DROP TRIGGER idle")]
#[case::dropping_one_if_it_is_there("DROP TRIGGER IF EXISTS idle")]
#[tokio::test]
async fn a_trigger_waits_for_the_readers_of_its_table(#[case] statement: &str) {
    let Some((_database, db)) = tables().await else { return };
    db.execute_unprepared("CREATE TRIGGER idle AFTER INSERT ON odd FOR EACH ROW SET @a = 1").await.unwrap();
    let predicted = predicted(&db, statement).await;
    let locks = predicted.locks.as_deref().expect("the lock is known");
    let locked: Vec<(Option<&str>, LockMode)> = locks.iter().map(|lock| (lock.table.as_deref(), lock.mode)).collect();
    assert_eq!((predicted.work, locked), (Work::Metadata, vec![(Some("odd"), LockMode::OnlineDdl)]));

    let reader = db.begin().await.unwrap();
    reader.execute_unprepared("SELECT * FROM odd").await.unwrap();
    let impatient = db.begin().await.unwrap();
    impatient.execute_unprepared("SET SESSION lock_wait_timeout = 1").await.unwrap();
    let refused = impatient.execute_unprepared(statement).await.unwrap_err().to_string();
    assert!(refused.contains("1205"), "{refused}");
    reader.rollback().await.unwrap();
    impatient.execute_unprepared(statement).await.unwrap();
}

#[tokio::test]
async fn a_trigger_that_is_not_there_is_not_dropped() {
    let Some((_database, db)) = tables().await else { return };
    assert_eq!(predicted(&db, "DROP TRIGGER IF EXISTS nowhere").await.work, Work::Nothing);
    assert_eq!(predicted(&db, "DROP TRIGGER nowhere").await.work, Work::Unknown);
}

#[rstest]
#[case::a_table("CREATE TABLE n (id int PRIMARY KEY)", Work::Metadata)]
#[case::a_table_that_is_there("CREATE TABLE IF NOT EXISTS t (id int)", Work::Nothing)]
#[case::an_index("CREATE INDEX ix_b ON t (b)", Work::ReadsTable)]
#[case::an_index_that_is_there("CREATE INDEX IF NOT EXISTS ix_alone ON t (alone)", Work::Nothing)]
#[case::an_index_while_others_write("CREATE INDEX ix_b ON t (b) ALGORITHM=INPLACE LOCK=NONE", Work::ReadsTable)]
#[case::a_column_that_is_there("ALTER TABLE t ADD COLUMN IF NOT EXISTS b int", Work::Nothing)]
#[case::dropping_an_index("DROP INDEX ix_alone ON t", Work::Metadata)]
#[case::another_name("RENAME TABLE odd TO even", Work::Metadata)]
#[case::rows("INSERT INTO t (id, a) VALUES (1000, 1)", Work::ChangesRows)]
#[case::changed_rows("UPDATE t SET b = b + 1", Work::ChangesRows)]
#[case::no_rows("TRUNCATE TABLE odd", Work::ChangesRows)]
#[tokio::test]
async fn other_statements_are_planned_too(#[case] statement: &str, #[case] work: Work) {
    let Some((_database, db)) = tables().await else { return };
    assert_eq!(predicted(&db, statement).await.work, work);
    db.execute_unprepared(statement).await.unwrap();
}

/// The server adds the column, and then rejects updates of rows that violate the `CHECK`.
#[rstest]
#[case::a_default_that_violates("ADD COLUMN n int DEFAULT 0 CHECK (n > 0)")]
#[case::a_default_that_satisfies("ADD COLUMN n int DEFAULT 1 CHECK (n > 0)")]
#[case::null_satisfies("ADD COLUMN n int CHECK (n > 0)")]
#[case::a_default_of_null("ADD COLUMN n int DEFAULT NULL CHECK (n > 0)")]
#[case::an_implicit_number("ADD COLUMN n int NOT NULL CHECK (n > 0)")]
#[case::an_implicit_number_that_satisfies("ADD COLUMN n int NOT NULL CHECK (n >= 0)")]
#[case::an_implicit_text("ADD COLUMN n varchar(5) NOT NULL CHECK (n <> '')")]
#[case::an_implicit_date("ADD COLUMN n date NOT NULL CHECK (n > '2000-01-01')")]
#[case::a_name_that_needs_quotes("ADD COLUMN `group` int DEFAULT 0 CHECK (`group` > 0)")]
#[case::another_column_decides("ADD COLUMN n int DEFAULT 50 CHECK (n > a)")]
#[case::a_check_of_its_own("ADD COLUMN n int DEFAULT 1, ADD CONSTRAINT x CHECK (n > 0)")]
#[tokio::test]
async fn a_check_that_existing_rows_violate_gets_a_warning(#[case] operation: &str) {
    let Some((_database, db)) = tables().await else { return };
    let statement = format!("ALTER TABLE t {operation}");
    let warnings = predicted(&db, &statement).await.warnings;
    db.execute_unprepared(&statement).await.unwrap();
    let update = db.execute_unprepared("UPDATE t SET b = b + 1").await;
    let is_rejected = update.as_ref().is_err_and(|error| error.to_string().contains("4025"));
    assert_eq!(update.is_err(), is_rejected, "{update:?}");
    let rules: Vec<&str> = warnings.iter().map(|warning| warning.rule.as_str()).collect();
    assert_eq!(rules, if is_rejected { vec!["unchecked-rows"] } else { Vec::new() });
}

#[tokio::test]
async fn a_column_that_is_there_is_rejected_unless_it_may_be() {
    let Some((_database, db)) = tables().await else { return };
    for (statement, is_accepted) in
        [("ALTER TABLE t ADD COLUMN b int", false), ("ALTER TABLE t ADD COLUMN IF NOT EXISTS b int", true)]
    {
        let predicted = predicted(&db, statement).await;
        let reason = "the columns already exist, so without IF NOT EXISTS the server rejects the statement";
        assert_eq!((predicted.work, predicted.impact_reason.as_deref()), (Work::Nothing, Some(reason)));
        assert_eq!(db.execute_unprepared(statement).await.is_ok(), is_accepted, "{statement}");
    }
}

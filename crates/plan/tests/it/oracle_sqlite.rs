//! Compares plans with SQLite: whether the statement's bytecode scans the table, and how many pages of the file change.

use std::fs;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, Statement};
use sea_orm_plan::{LockMode, Work};
use test_servers::{Database, Server::Sqlite};

use super::{one, predicted, predicted_after};

const TABLES: &str = include_str!("../fixtures/sqlite.sql");

/// More pages than the description of a schema has, and fewer than a table.
const SOME: usize = 20;

async fn tables() -> (Database, DbConn) {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    db.execute_unprepared(TABLES).await.unwrap();
    (database, db)
}

/// Whether the program of the statement goes through the rows of `t`.
async fn goes_through(db: &DbConn, statement: &str) -> bool {
    let root: i64 = one(db, "SELECT rootpage FROM sqlite_schema WHERE name = 't'").await;
    let program = Statement::from_string(db.get_database_backend(), format!("EXPLAIN {statement}"));
    let instructions = db.query_all_raw(program).await.unwrap();
    let mut cursors = Vec::new();
    let mut is_read = false;
    for instruction in &instructions {
        let code: String = instruction.try_get("", "opcode").unwrap();
        let (first, second): (i64, i64) =
            (instruction.try_get("", "p1").unwrap(), instruction.try_get("", "p2").unwrap());
        match code.as_str() {
            "OpenRead" | "OpenWrite" if second == root => cursors.push(first),
            // `quick_check`, which reads the whole table.
            "VOpen" => is_read = true,
            "Rewind" | "Last" => is_read |= cursors.contains(&first),
            _ => {}
        }
    }
    is_read
}

/// How many pages of the file are others, of those that there were.
async fn changed_pages(database: &Database, db: &DbConn, statement: &str) -> usize {
    let before = fs::read(database.file()).unwrap();
    db.execute_unprepared(statement).await.unwrap();
    let after = fs::read(database.file()).unwrap();
    let size: i64 = one(db, "PRAGMA page_size").await;
    let size = usize::try_from(size).unwrap();
    before.chunks(size).zip(after.chunks(size)).filter(|(before, after)| before != after).count()
}

#[rstest]
#[case::a_table("CREATE TABLE x (id integer PRIMARY KEY)")]
#[case::a_table_that_refers("CREATE TABLE x (id integer PRIMARY KEY, t_id integer REFERENCES t (id))")]
#[case::an_index("CREATE INDEX x ON t (c)")]
#[case::a_unique_index("CREATE UNIQUE INDEX x ON t (a, b)")]
#[case::a_column("ALTER TABLE t ADD COLUMN x integer")]
#[case::a_constant_default("ALTER TABLE t ADD COLUMN x integer NOT NULL DEFAULT 5")]
#[case::a_column_that_refers("ALTER TABLE t ADD COLUMN x integer REFERENCES other (id)")]
#[case::a_checked_column("ALTER TABLE t ADD COLUMN x integer CHECK (x > 0)")]
#[case::a_computed_column("ALTER TABLE t ADD COLUMN x integer GENERATED ALWAYS AS (a + 1) VIRTUAL")]
#[case::a_computed_column_that_is_required(
    "ALTER TABLE t ADD COLUMN x integer NOT NULL GENERATED ALWAYS AS (a + 1) VIRTUAL"
)]
#[case::dropping_a_column("ALTER TABLE t DROP COLUMN b")]
#[case::renaming_a_column("ALTER TABLE t RENAME COLUMN b TO bb")]
#[case::renaming_the_table("ALTER TABLE t RENAME TO tt")]
#[case::dropping_an_index("DROP INDEX ix_t_a")]
#[case::a_view("CREATE VIEW x AS SELECT id FROM t")]
#[case::a_row("INSERT INTO other VALUES (1)")]
#[case::all_rows("UPDATE t SET padding = upper(padding)")]
#[tokio::test]
async fn a_statement_does_what_was_planned(#[case] statement: &str) {
    let (database, db) = tables().await;
    let predicted = predicted(&db, statement).await;

    let is_read = goes_through(&db, statement).await;
    let changed = changed_pages(&database, &db, statement).await;
    assert_eq!(predicted.locks.unwrap().iter().map(|lock| lock.mode).collect::<Vec<_>>(), [LockMode::File]);
    match predicted.work {
        Work::Metadata => assert!(!is_read && changed < SOME, "{is_read}, {changed} pages"),
        Work::ReadsTable => assert!(is_read && changed < SOME, "{is_read}, {changed} pages"),
        Work::RewritesTable => assert!(is_read && changed > SOME, "{is_read}, {changed} pages"),
        // Rows, of this table or of another, and nothing but rows.
        Work::ChangesRows => assert!(statement.starts_with("INSERT") || statement.starts_with("UPDATE")),
        Work::Nothing | Work::Unknown => panic!("{:?}: {:?}", predicted.work, predicted.impact_reason),
    }
}

#[rstest]
#[case::a_pragma("PRAGMA user_version = 5")]
#[case::a_reorganisation("VACUUM")]
#[tokio::test]
async fn a_statement_without_a_rule_is_unknown(#[case] statement: &str) {
    let (_database, db) = tables().await;
    let predicted = predicted(&db, statement).await;
    assert_eq!(predicted.work, Work::Unknown);
    assert!(predicted.impact_reason.is_some(), "with a reason");
}

#[rstest]
#[case::with_a_cascade(&[], "DROP TABLE parent", "DROP TABLE parent deletes its rows first, which also deletes the rows of child that refer to them")]
#[case::without_one(&[], "DROP TABLE plain", "DROP TABLE plain deletes its rows first, which fails if rows of bound refer to them")]
#[case::under_another_name(&["ALTER TABLE parent RENAME TO former"], "DROP TABLE former",
    "DROP TABLE former deletes its rows first, which also deletes the rows of child that refer to them")]
#[case::with_foreign_keys_off(&["PRAGMA foreign_keys = OFF", "CREATE TABLE parent_new (id integer PRIMARY KEY)"],
    "DROP TABLE parent", "rows of child refer to parent, and are orphaned once it is dropped")]
#[case::when_they_are_on_again(&["PRAGMA foreign_keys = OFF; PRAGMA foreign_keys = ON"], "DROP TABLE IF EXISTS parent",
    "DROP TABLE parent deletes its rows first, which also deletes the rows of child that refer to them")]
#[tokio::test]
async fn dropping_a_table_that_others_refer_to_gets_a_warning(
    #[case] before: &[&str],
    #[case] statement: &str,
    #[case] expected: &str,
) {
    let (_database, db) = families().await;
    let planned = predicted_after(&db, before, statement).await;
    let warnings: Vec<_> =
        planned.warnings.iter().map(|warning| (warning.rule.as_str(), warning.message.as_str())).collect();
    assert_eq!(warnings, [("drop-referenced-table", expected)]);
    assert_eq!(planned.work, Work::Metadata);
}

#[rstest]
#[case::which_refers(&[], "DROP TABLE child")]
#[case::whose_child_is_gone(&["DROP TABLE child"], "DROP TABLE parent")]
#[case::which_is_new(&["CREATE TABLE x (id integer PRIMARY KEY)"], "DROP TABLE x")]
#[case::which_is_not_there(&[], "DROP TABLE IF EXISTS nowhere")]
#[tokio::test]
async fn dropping_any_other_table_gets_no_warning(#[case] before: &[&str], #[case] statement: &str) {
    let (_database, db) = families().await;
    assert_eq!(predicted_after(&db, before, statement).await.warnings, []);
}

async fn families() -> (Database, DbConn) {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    let tables = "CREATE TABLE parent (id integer PRIMARY KEY, other integer REFERENCES parent (id));
        CREATE TABLE child (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id) ON DELETE CASCADE);
        CREATE TABLE plain (id integer PRIMARY KEY);
        CREATE TABLE bound (id integer PRIMARY KEY, plain_id integer REFERENCES plain (id))";
    db.execute_unprepared(tables).await.unwrap();
    (database, db)
}

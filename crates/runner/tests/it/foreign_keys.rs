//! SQLite: a migration that switches foreign keys off and on leaves what sea-orm-migration leaves, which runs it on one
//! connection without a transaction.

#![expect(clippy::used_underscore_binding, reason = "a case names the type of its migrator by a value")]

use rstest::rstest;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseExecutor};
use sea_orm_migration::MigratorTrait;
use sea_orm_runner::{Error, Runner};
use test_servers::{Database, Server::Sqlite, all, one};

use super::{history, statements};

/// A parent with two children, which the database deletes with it, and one that refers to nothing.
const FAMILY: &str = "CREATE TABLE parent (id integer PRIMARY KEY, name text);
    CREATE TABLE child (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
    INSERT INTO parent VALUES (1, 'a'), (2, 'b');
    INSERT INTO child VALUES (1, 1), (2, 2);
    PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (3, 77); PRAGMA foreign_keys = ON";

const COPY: &str = "CREATE TABLE parent_new (id integer PRIMARY KEY, name text NOT NULL);
    INSERT INTO parent_new SELECT id, name FROM parent";
const SWAP: &str = "DROP TABLE parent; ALTER TABLE parent_new RENAME TO parent";
const OFF: &str = "PRAGMA foreign_keys = OFF";
const ON: &str = "PRAGMA foreign_keys = ON";
const FAILURE: &str = "SELECT * FROM nowhere";

statements!(InTheMiddle, None, prepared: false, [COPY, OFF, SWAP, ON]);
statements!(Prepared, None, prepared: true, [COPY, OFF, SWAP, ON]);
statements!(AtTheTop, None, prepared: false, [OFF, COPY, SWAP, ON]);
statements!(InOneText, None, prepared: false, [concat!(
    "/* off */ pragma main.foreign_keys(no);",
    "CREATE TABLE parent_new (id integer PRIMARY KEY, name text NOT NULL);",
    "INSERT INTO parent_new SELECT id, name FROM parent;",
    "DROP TABLE parent; ALTER TABLE parent_new RENAME TO parent; PRAGMA foreign_keys=1"
)]);
statements!(LeftOff, None, prepared: false, [COPY, OFF, SWAP]);
statements!(Cleared, None, prepared: false, [OFF, "DELETE FROM parent; INSERT INTO parent VALUES (1, 'x'), (2, 'y')", ON]);
statements!(Cascading, None, prepared: false, ["DELETE FROM parent WHERE id = 1"]);
statements!(CascadingOn, None, prepared: false, [ON, "DELETE FROM parent WHERE id = 1"]);
statements!(CascadesBefore, None, prepared: false, ["DELETE FROM parent WHERE id = 1", COPY, OFF, SWAP, ON]);
statements!(CascadesAfter, None, prepared: false, [COPY, OFF, SWAP, ON, "DELETE FROM parent WHERE id = 1"]);
statements!(Dropping, None, prepared: false, [COPY, SWAP]);

/// What is in the tables, whatever the foreign keys.
async fn family(db: &DatabaseConnection) -> Vec<String> {
    let mut rows = all(db, "SELECT 'parent ' || id || ' ' || name FROM parent ORDER BY id").await;
    rows.extend(all::<String>(db, "SELECT 'child ' || id || ' of ' || parent_id FROM child ORDER BY id").await);
    rows.extend(
        all::<String>(
            db,
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'seaql_migrations' ORDER BY name",
        )
        .await,
    );
    rows
}

/// A database with a family, on so many connections.
async fn with_family(connections: u32) -> (Database, DatabaseConnection) {
    let database = Sqlite.empty_database().await.expect("SQLite needs nothing installed");
    let mut options = ConnectOptions::new(database.url.as_str());
    options.max_connections(connections);
    let db = sea_orm::Database::connect(options).await.unwrap();
    db.execute_unprepared(FAMILY).await.unwrap();
    (database, db)
}

async fn run<M: MigratorTrait>(db: &DatabaseConnection) -> Result<(), Error> {
    Runner::new().up::<M>(&DatabaseExecutor::Connection(db), None).await
}

#[rstest]
#[case::in_the_middle(InTheMiddle)]
#[case::prepared(Prepared)]
#[case::at_the_top(AtTheTop)]
#[case::in_one_text(InOneText)]
#[case::left_off(LeftOff)]
#[case::cleared(Cleared)]
#[case::a_cascade(Cascading)]
#[case::a_cascade_that_is_asked_for(CascadingOn)]
#[case::a_cascade_before(CascadesBefore)]
#[case::a_cascade_after(CascadesAfter)]
#[case::a_table_that_is_dropped_with_foreign_keys_on(Dropping)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_is_what_sea_orm_migration_leaves<M: MigratorTrait>(
    #[case] _migrator: M,
    #[values(1, 4)] connections: u32,
) {
    let (_plain, plain) = with_family(1).await;
    M::up(&plain, None).await.unwrap();
    let (_ours, ours) = with_family(connections).await;
    run::<M>(&ours).await.unwrap();
    assert_eq!(family(&ours).await, family(&plain).await);
    assert_eq!(history(&ours).await, ["m1_statements"]);
    assert_eq!(one::<i32>(&ours, "PRAGMA foreign_keys").await, 1, "foreign keys are as before");
    ours.execute_unprepared("CREATE TABLE afterwards (id integer)").await.unwrap();
}

/// So that the test above does not compare one loss with another.
#[tokio::test]
async fn no_child_is_lost_in_a_rebuild() {
    let (_database, db) = with_family(1).await;
    run::<InTheMiddle>(&db).await.unwrap();
    assert_eq!(all::<i32>(&db, "SELECT id FROM child ORDER BY id").await, [1, 2, 3]);
}

statements!(Whole, Some(true), prepared: false, [COPY, OFF, SWAP, ON]);
statements!(WholeCascading, Some(true), prepared: false, ["DELETE FROM parent WHERE id = 1"]);
statements!(WholeBoth, Some(true), prepared: false, ["DELETE FROM parent WHERE id = 1", COPY, OFF, SWAP, ON]);

#[tokio::test]
async fn a_rebuild_that_wants_a_transaction_loses_no_child() {
    let (_database, db) = with_family(1).await;
    run::<Whole>(&db).await.unwrap();
    assert_eq!(all::<i32>(&db, "SELECT id FROM child ORDER BY id").await, [1, 2, 3]);
    assert_eq!(all::<String>(&db, "SELECT name FROM sqlite_master WHERE name LIKE 'parent%'").await, ["parent"]);

    let (_database, db) = with_family(1).await;
    run::<WholeCascading>(&db).await.unwrap();
    assert_eq!(all::<i32>(&db, "SELECT id FROM child ORDER BY id").await, [2, 3], "and a cascade is one");
}

#[tokio::test]
async fn what_no_transaction_can_do_is_refused_and_changes_nothing() {
    let (_database, db) = with_family(1).await;
    let before = family(&db).await;
    let error = run::<WholeBoth>(&db).await.unwrap_err();
    assert!(
        matches!(&error, Error::Failed { source, .. } if source.to_string().contains("in one transaction")),
        "{error:?}"
    );
    assert_eq!(family(&db).await, before);
    assert_eq!(one::<i32>(&db, "PRAGMA foreign_keys").await, 1);
}

statements!(Failing, None, prepared: false, [COPY, OFF, SWAP, FAILURE, ON]);
statements!(Orphaning, None, prepared: false, [OFF, COPY, "DELETE FROM parent_new WHERE id = 1", SWAP, ON]);

#[tokio::test]
async fn a_rebuild_that_fails_leaves_everything_as_it_was() {
    let (_database, db) = with_family(1).await;
    let before = family(&db).await;
    assert!(matches!(run::<Failing>(&db).await, Err(Error::Failed { .. })));
    assert_eq!(family(&db).await, before);
    assert_eq!(one::<i32>(&db, "PRAGMA foreign_keys").await, 1);
}

#[tokio::test]
async fn rows_that_a_migration_leaves_without_a_parent_are_told_and_rolled_back() {
    let (_database, db) = with_family(1).await;
    let before = family(&db).await;
    let error = run::<Orphaning>(&db).await.unwrap_err();
    let told = "migration m1_statements switches foreign keys off and leaves orphaned rows: from child to parent";
    assert_eq!((error.to_string().as_str(), error.exit_code()), (told, 1));
    assert_eq!(family(&db).await, before);
    assert_eq!(one::<i32>(&db, "PRAGMA foreign_keys").await, 1);
}

/// Foreign keys that the program has switched off stay so, and are on where the migration switches them on.
#[tokio::test]
async fn a_connection_without_foreign_keys_stays_one() {
    for connections in [1, 4] {
        let database = Sqlite.empty_database().await.expect("SQLite needs nothing installed");
        let mut options = ConnectOptions::new(database.url.as_str());
        options.max_connections(connections).map_sqlx_sqlite_opts(|options| options.foreign_keys(false));
        let db = sea_orm::Database::connect(options).await.unwrap();
        db.execute_unprepared(&FAMILY.replace("= ON", "= OFF")).await.unwrap();
        run::<CascadingOn>(&db).await.unwrap();
        assert_eq!(all::<i32>(&db, "SELECT id FROM child ORDER BY id").await, [2, 3]);
        assert_eq!(one::<i32>(&db, "PRAGMA foreign_keys").await, 0);
    }
}

/// Several at once do it once, with a transaction and without.
#[rstest]
#[case::in_a_transaction(InTheMiddle)]
#[case::without_one(CascadesBefore)]
#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_rebuild_once<M: MigratorTrait>(#[case] _migrator: M) {
    let (_plain, plain) = with_family(1).await;
    M::up(&plain, None).await.unwrap();
    let (ours, db) = with_family(1).await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        let db = ours.connect().await;
        runs.push(async move { run::<M>(&db).await });
    }
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }
    assert_eq!(family(&db).await, family(&plain).await);
    assert_eq!(history(&db).await, ["m1_statements"]);
}

/// Somebody else writes for longer than a run waits.
#[tokio::test]
async fn foreign_keys_are_as_before_where_the_file_is_not_to_be_had() {
    use sea_orm::TransactionTrait;
    let (ours, db) = with_family(1).await;
    let other = ours.connect().await.begin().await.unwrap();
    other.execute_unprepared("INSERT INTO parent VALUES (9, 'i')").await.unwrap();
    let settings = sea_orm_runner::Settings { lock_wait: std::time::Duration::from_millis(300), ..Default::default() };
    let busy = Runner::new().with_settings(settings).up::<InTheMiddle>(&DatabaseExecutor::Connection(&db), None).await;
    assert!(matches!(busy, Err(Error::Busy { .. })), "{busy:?}");
    other.rollback().await.unwrap();
    assert_eq!(one::<i32>(&db, "PRAGMA foreign_keys").await, 1);
    run::<InTheMiddle>(&db).await.unwrap();
}

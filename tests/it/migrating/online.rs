//! Changes to a table that is in use: an index is built while others write, and what would keep them from it is refused.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{Running, history, known, legacy, pid_of, rows, sleep};
use crate::{
    it::program::call_log,
    servers::{
        Server::{MySqlOrMariaDb, Postgres},
        one,
    },
};

/// A table with an index over words cannot be changed at once: MariaDB says so, and nothing is done.
#[tokio::test]
async fn a_table_that_would_be_copied_is_refused() {
    let Some(database) = legacy(MySqlOrMariaDb).await else { return };
    let db = database.connect().await;
    db.execute_unprepared("ALTER TABLE call_log ADD FULLTEXT INDEX (summary)").await.unwrap();
    let before = rows(&db).await;
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!((up.code, up.stdout.as_str()), (1, ""), "{}", up.stderr);
    let last = up.stderr.lines().last().unwrap();
    for words in ["it would copy the table", "pt-online-schema-change", "ALTER TABLE `call_log` ADD COLUMN"] {
        assert!(last.contains(words), "{last}");
    }
    assert_eq!(history(&db).await, ["m20251227_000050_create_call_log"]);

    // What it says to type, typed: for each migration that adds columns.
    let mut told = up.stderr;
    for _ in 0..2 {
        let sql = told.trim_end().rsplit_once("which finds it done: ").unwrap_or_else(|| panic!("{told}")).1;
        db.execute_unprepared(sql).await.unwrap();
        told = call_log(&["migrate", "up"], &database.url).stderr;
    }
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0, "{told}");
    assert_eq!(history(&db).await, known());
    assert_eq!(rows(&db).await, before);
}

/// Where each row still has a place for columns that were dropped at once, some day there is none left for another.
#[tokio::test]
async fn a_table_that_was_changed_at_once_too_often_is_rebuilt_first() {
    let Some(database) = legacy(MySqlOrMariaDb).await else { return };
    let db = database.connect().await;
    let mut refused = None;
    for _ in 0..200 {
        Migrator::up(&db, Some(1)).await.unwrap();
        match Migrator::up(&db, None).await {
            Ok(()) => Migrator::down(&db, None).await.unwrap(),
            Err(error) => {
                refused = Some(error.to_string());
                break;
            }
        }
    }
    let refused = refused.expect("MariaDB keeps the place of dropped columns");
    assert!(refused.contains("rebuilt first") && refused.contains("OPTIMIZE TABLE"), "{refused}");
    db.execute_unprepared("OPTIMIZE TABLE call_log").await.unwrap();
    Migrator::up(&db, None).await.unwrap();
}

/// The building waits for what others may still look at, whatever they have used, and need not be waited for itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_an_index_that_waits_for_others() {
    let Some(database) = legacy(Postgres).await else { return };
    let db = database.connect().await;
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    assert_eq!(call_log(&["migrate", "down"], &database.url).code, 0);
    let before = history(&db).await;
    db.execute_unprepared("CREATE TABLE elsewhere (id integer)").await.unwrap();
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    let pid = pid_of(&holder).await;
    holder.execute_unprepared("SELECT * FROM elsewhere").await.unwrap();

    let mut up = Running::start(&["migrate", "up"], &database.url);
    let told = up.line();
    let words =
        "waiting  m20261125_000053_index_call_log_lists: older transactions must end first, blocking nobody: pid ";
    assert!(told.starts_with(&format!("{words}{pid} (")) && told.contains("FROM elsewhere"), "{told}");
    up.signal("TERM");
    let up = up.end().await;
    assert_eq!(up.code, 143, "{}", up.stderr);
    let building = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND state = 'active' \
                    AND datname = current_database()";
    while one::<i64>(&db, building).await > 0 {
        sleep(20).await;
    }
    assert_eq!(history(&db).await, before);
    let left = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    assert_eq!(one::<i64>(&db, left).await, 1, "something is left of the index");

    holder.commit().await.unwrap();
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!((up.code, one::<i64>(&db, left).await), (0, 0), "{}", up.stderr);
    assert_eq!(history(&db).await, known());
}

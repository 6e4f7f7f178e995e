//! What SQLite asks, whichever way a statement comes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait};
use sqlite_authorizer::{Action, Authorizer, Decision};

/// A connection whose pragmas are written down, and refused where they switch something off.
async fn watched() -> (DatabaseConnection, Authorizer, Arc<Mutex<Vec<String>>>) {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seeing = Arc::clone(&seen);
    let mut connection = db.get_sqlite_connection_pool().acquire().await.unwrap();
    let authorizer = Authorizer::install(&mut connection, move |action| {
        let Action::Pragma { name, value: Some(value) } = action else { return Decision::Allow };
        seeing.lock().unwrap().push(format!("{name} {value}"));
        if value.eq_ignore_ascii_case("off") { Decision::Deny } else { Decision::Allow }
    });
    let authorizer = authorizer.await.unwrap();
    drop(connection);
    (db, authorizer, seen)
}

#[tokio::test]
async fn a_pragma_is_seen_however_it_is_sent() {
    let (db, _authorizer, seen) = watched().await;
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared("CREATE TABLE t (id integer); PRAGMA foreign_keys = 1;").await.unwrap();
    transaction.execute_unprepared("/* on */ pragma main.foreign_keys(yes)").await.unwrap();
    let prepared = Statement::from_string(db.get_database_backend(), "PRAGMA foreign_keys = ON");
    transaction.execute_raw(prepared.clone()).await.unwrap();
    transaction.execute_raw(prepared).await.unwrap();
    let mut seen = seen.lock().unwrap().clone();
    // SQLite compiles one again whenever it finds that it must.
    seen.dedup();
    assert_eq!(seen, ["foreign_keys 1", "foreign_keys yes", "foreign_keys ON"]);
}

#[tokio::test]
async fn what_is_refused_is_not_done() {
    let (db, _authorizer, _) = watched().await;
    let refused = db.execute_unprepared("CREATE TABLE a (id integer); PRAGMA foreign_keys = OFF; CREATE TABLE b (id)");
    assert!(refused.await.unwrap_err().to_string().contains("not authorized"));
    assert!(db.execute_unprepared("SELECT * FROM a").await.is_ok(), "what came before it was");
    assert!(db.execute_unprepared("SELECT * FROM b").await.is_err(), "what came after it was not");
}

#[tokio::test]
async fn one_that_is_removed_or_dropped_lets_everything_through() {
    let (db, authorizer, _) = watched().await;
    drop(authorizer);
    db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();

    let (db, _authorizer, _) = watched().await;
    Authorizer::remove(&mut db.get_sqlite_connection_pool().acquire().await.unwrap()).await.unwrap();
    db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
}

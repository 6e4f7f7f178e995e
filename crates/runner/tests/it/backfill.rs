//! Changing many rows in batches.

use std::num::NonZeroU32;

use rstest::rstest;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    prelude::{Expr, ExprTrait, Query},
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr},
};
use sea_orm_runner::{Backfill, Event, Runner};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{Library, count, migrator, recording};

migrator!(Reading {
    m3_minutes(Some(false)) = async |manager| {
        let update = Query::update().table("book").value("minutes", Expr::col("pages").mul(2)).take();
        Backfill::new("book", "id").in_batches_of(NonZeroU32::new(3).unwrap()).run(manager, &update).await
    } undo {
        let _ = manager;
        Ok(())
    }
});

#[rstest]
#[tokio::test]
async fn each_row_is_changed_once(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    Runner::new().up::<Library>(&executor, None).await.unwrap();
    let books: Vec<String> = (1..=10).map(|id| format!("({}, {id})", id * 7)).collect();
    db.execute_unprepared(&format!("INSERT INTO book (id, pages) VALUES {}", books.join(", "))).await.unwrap();
    let (runner, events) = recording();
    // The history of another migrator on the same table: its migrations are unknown to this one.
    runner.up::<Reading>(&executor, None).await.unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM book WHERE minutes = pages * 2").await, 10);
    let events = events.lock().unwrap();
    let last = events.iter().rev().find_map(|event| match event {
        Event::Rows { rows, percent, .. } => Some((*rows, *percent)),
        _ => None,
    });
    assert_eq!(last, Some((10, 100)));
    assert!(
        events.iter().any(|event| matches!(event, Event::AppliedByAnother { migrations } if migrations.len() == 2))
    );
}

#[tokio::test]
async fn it_needs_a_runner() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    Runner::new().up::<Library>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    let migrations = Reading::migrations();
    let error = migrations[0].up(&SchemaManager::new(&db)).await.unwrap_err();
    assert!(error.to_string().contains("`Runner`"), "{error}");
}

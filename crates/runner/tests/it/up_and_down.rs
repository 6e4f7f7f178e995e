//! Applying and undoing migrations.

use rstest::rstest;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr},
};
use sea_orm_runner::{
    Error, Event, Runner,
    history::{State, named},
};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    one,
};

use super::{Library, Told, migrator, run};

#[rstest]
#[tokio::test]
async fn all_are_applied_and_all_are_undone(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    let runner = Runner::new();
    runner.up::<Library>(&executor, Some(1)).await.unwrap();
    let steps = runner.history::<Library>(&executor).await.unwrap();
    assert_eq!(
        (named(&steps, State::Applied), named(&steps, State::Pending)),
        (vec!["m1_authors".to_owned()], vec!["m2_books".to_owned()])
    );
    runner.up::<Library>(&executor, None).await.unwrap();
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM book").await, 0);
    runner.down::<Library>(&executor, None).await.unwrap();
    db.execute_unprepared("SELECT 1 FROM author").await.unwrap_err();
}

#[rstest]
#[tokio::test]
async fn nothing_is_written_where_nothing_is_pending(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    Runner::new().up::<Library>(&executor, None).await.unwrap();
    let told = Told::default();
    let runner = told.by(Runner::new());
    runner.up::<Library>(&executor, None).await.unwrap();
    assert_eq!(told.events(), [Event::NothingToApply]);
}

migrator!(Failing {
    m1_half(None) = async |manager| {
        run(manager, "CREATE TABLE half (id integer)").await?;
        run(manager, "INSERT INTO nowhere VALUES (1)").await
    } undo { run(manager, "DROP TABLE half").await }
});

#[rstest]
#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_where_the_database_can(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let error = Runner::new().up::<Failing>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(matches!(&error, Error::Failed { migration, .. } if migration == "m1_half"), "{error:?}");
    let is_left = db.execute_unprepared("SELECT 1 FROM half").await.is_ok();
    assert_eq!(is_left, server == MySqlOrMariaDb, "only MySQL and MariaDB commit each schema change");
}

#[rstest]
#[tokio::test]
async fn unknown_migrations_are_not_undone(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    Runner::new().up::<Library>(&executor, None).await.unwrap();
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9_newer', 0)").await.unwrap();
    let error = Runner::new().down::<Library>(&executor, Some(1)).await.unwrap_err();
    assert!(matches!(&error, Error::Ahead { migrations, .. } if migrations == &["m9_newer"]), "{error:?}");
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM book").await, 0);
}

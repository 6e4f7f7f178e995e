//! A migration that changes where names lead, as a dump does which somebody takes for his first migration: the record of it
//! is where the others are, and what comes next finds everything.

#![expect(clippy::used_underscore_binding, reason = "a case names the type of its migrator by a value")]

use rstest::rstest;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseExecutor};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use sea_orm_runner::Runner;

use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres},
    one,
};

use super::{history, statements};

/// As each file of `pg_dump` begins.
const HEAD: &str = "SET statement_timeout = 0;
    SET client_encoding = 'UTF8';
    SELECT pg_catalog.set_config('search_path', '', false)";

statements!(Dump, None, prepared: false, [HEAD, "CREATE TABLE public.dumped (id integer)"]);
statements!(DumpOutside, Some(false), prepared: false, [HEAD, "CREATE TABLE public.dumped (id integer)"]);
statements!(OtherDatabase, None, prepared: false, ["USE mysql", "SELECT 1 FROM user"]);

/// The migration, and one more.
struct Then<M>(std::marker::PhantomData<M>);

statements!(Next, None, prepared: false, ["CREATE TABLE following (id integer)"]);

struct Second;

impl sea_orm_migration::MigrationName for Second {
    fn name(&self) -> &'static str {
        "m2_next"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Second {
    async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
        MigrationTrait::up(&Next, manager).await
    }
}

impl<M: MigratorTrait> MigratorTrait for Then<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = M::migrations();
        migrations.push(Box::new(Second));
        migrations
    }
}

async fn one_connection(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

async fn runs<M: MigratorTrait>(server: Server, path: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = one_connection(&database.url).await;
    let before: String = one(&db, path).await;
    for step in 1..=2 {
        Runner::new().up::<Then<M>>(&DatabaseExecutor::Connection(&db), Some(1)).await.unwrap();
        assert_eq!(one::<String>(&db, path).await, before, "after step {step}");
    }
    assert_eq!(history(&db).await, ["m1_statements", "m2_next"]);
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM following").await, 0, "the next one finds its place");
}

#[rstest]
#[case::in_a_transaction(Dump)]
#[case::outside_one(DumpOutside)]
#[tokio::test]
async fn a_dump_that_empties_the_search_path_is_recorded<M: MigratorTrait>(#[case] _migrator: M) {
    runs::<M>(Postgres, "SHOW search_path").await;
}

#[tokio::test]
async fn a_migration_that_uses_another_database_is_recorded_in_this_one() {
    runs::<OtherDatabase>(MySqlOrMariaDb, "SELECT DATABASE()").await;
}

#[tokio::test]
async fn a_path_that_is_empty_in_a_transaction_around_it_is_as_it_was() {
    use sea_orm::TransactionTrait;
    let Some(database) = Postgres.empty_database().await else { return };
    let db = one_connection(&database.url).await;
    let transaction = db.begin().await.unwrap();
    Runner::new().up::<Dump>(&DatabaseExecutor::Transaction(&transaction), None).await.unwrap();
    transaction.execute_unprepared("SELECT * FROM dumped").await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(history(&db).await, ["m1_statements"]);
}

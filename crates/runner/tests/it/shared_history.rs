//! Two programs on one database: with one history, and each with its own.

use rstest::rstest;
use sea_orm::{
    ConnectionTrait, DatabaseExecutor, DynIden,
    sea_query::{Alias, IntoIden},
};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use sea_orm_runner::{Runner, history};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    all,
};

use super::statements;

statements!(Program, None, prepared: false, ["CREATE TABLE of_program (id integer)"]);

/// The same with a history of its own.
struct Apart;

impl MigratorTrait for Apart {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Program::migrations()
    }

    fn migration_table_name() -> DynIden {
        Alias::new("program_migrations").into_iden()
    }
}

const OTHERS: &str = "INSERT INTO seaql_migrations VALUES ('m9_of_another_program', 0)";

#[rstest]
#[tokio::test]
async fn down_names_the_table_that_is_shared_and_blames_no_version(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    Runner::new().up::<Program>(&executor, None).await.unwrap();
    db.execute_unprepared(OTHERS).await.unwrap();
    let error = Runner::new().down::<Program>(&executor, Some(1)).await.unwrap_err().to_string();
    for said in
        ["`seaql_migrations`", "m9_of_another_program", "If another program shares the table", "`migration_table_name`"]
    {
        assert!(error.contains(said), "{error}");
    }
    assert!(!error.contains("were applied by another version"), "{error}");
}

#[rstest]
#[tokio::test]
async fn a_history_of_its_own_is_in_nobodys_way(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    db.execute_unprepared("CREATE TABLE seaql_migrations (version varchar(255) PRIMARY KEY, applied_at bigint)")
        .await
        .unwrap();
    db.execute_unprepared(OTHERS).await.unwrap();
    Runner::new().up::<Apart>(&executor, None).await.unwrap();
    let own = "SELECT version FROM program_migrations";
    assert_eq!(all::<String>(&db, own).await, ["m1_statements"]);
    assert_eq!(history::read::<Apart>(&db).await.unwrap().len(), 1);
    assert_eq!(all::<String>(&db, "SELECT version FROM seaql_migrations").await, ["m9_of_another_program"]);
    Runner::new().reset::<Apart>(&executor).await.unwrap();
    assert!(db.execute_unprepared(own).await.is_err(), "the own history is gone");
    assert_eq!(all::<String>(&db, "SELECT version FROM seaql_migrations").await, ["m9_of_another_program"]);
}

//! The plan is true: each statement does on a real server what the plan says, and planning changes nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod as_it_runs;
mod comparison;
mod incomplete;
mod oracle_mariadb;
mod oracle_postgres;
mod oracle_sqlite;
mod read_only;
mod text;
mod unsafe_statements;

use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbConn, DbErr, Statement, TryGetable},
};
use sea_orm_plan::{Plan, PlannedStatement};
use sea_orm_runner::Settings;

/// Defines a migrator: the name of each migration, what `use_transaction` returns, and the body of `up`.
macro_rules! migrator {
    ($migrator:ident { $($name:ident ($transaction:expr) = async |$manager:ident| $up:block)* }) => {
        struct $migrator;

        impl MigratorTrait for $migrator {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$({
                    struct Migration;

                    impl MigrationName for Migration {
                        fn name(&self) -> &'static str {
                            stringify!($name)
                        }
                    }

                    #[async_trait::async_trait]
                    impl MigrationTrait for Migration {
                        async fn up(&self, $manager: &SchemaManager) -> Result<(), DbErr> $up

                        fn use_transaction(&self) -> Option<bool> {
                            $transaction
                        }
                    }

                    Box::new(Migration) as Box<dyn MigrationTrait>
                }),*]
            }
        }
    };
}
use migrator;

/// A migrator whose one migration runs the statements in the table `script`.
struct Scripted;

struct Script;

impl MigrationName for Script {
    fn name(&self) -> &'static str {
        "m00000000_000000_script"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Script {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let script = Statement::from_string(db.get_database_backend(), "SELECT line FROM script ORDER BY number");
        for row in db.query_all_raw(script).await? {
            db.execute_unprepared(&row.try_get_by_index::<String>(0)?).await?;
        }
        Ok(())
    }
}

impl MigratorTrait for Scripted {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Script)]
    }
}

/// The plan for one statement.
async fn predicted(db: &DbConn, statement: &str) -> PlannedStatement {
    predicted_after(db, &[], statement).await
}

/// The plan for one statement that runs after others.
async fn predicted_after(db: &DbConn, before: &[&str], statement: &str) -> PlannedStatement {
    db.execute_unprepared("CREATE TABLE script (number integer, line text)").await.unwrap();
    for (number, line) in before.iter().chain([&statement]).enumerate() {
        let line = line.replace('\'', "''");
        db.execute_unprepared(&format!("INSERT INTO script VALUES ({number}, '{line}')")).await.unwrap();
    }
    let plan = plan::<Scripted>(db).await;
    db.execute_unprepared("DROP TABLE script").await.unwrap();
    let [migration] = plan.migrations.as_slice() else { panic!("{plan:#?}") };
    assert_eq!((migration.incomplete_reason.as_deref(), migration.statements.len()), (None, before.len() + 1));
    migration.statements[before.len()].clone()
}

async fn plan<M: MigratorTrait + 'static>(db: &DbConn) -> Plan {
    sea_orm_plan::plan::<M>(db, &Settings::default()).await.unwrap()
}

/// The statements of one migration of a plan.
fn sql(plan: &Plan, migration: usize) -> Vec<&str> {
    plan.migrations[migration].statements.iter().map(|statement| statement.sql.as_str()).collect()
}

async fn all<T: TryGetable>(db: &impl ConnectionTrait, sql: &str) -> Vec<T> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn one<T: TryGetable>(db: &impl ConnectionTrait, sql: &str) -> T {
    all(db, sql).await.pop().unwrap()
}

//! The runner on real servers, with migrations of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backfill;
mod concurrent_runs;
mod dump;
mod foreign_keys;
mod fresh;
mod index_progress;
mod limits;
mod log;
mod lost_session;
mod online_index;
mod pooler;
mod rebuild;
mod shared_history;
mod stopped;
mod tables_in_use;
mod up_and_down;
mod widen_key;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbConn, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use sea_orm_runner::{Event, Runner};
use test_servers::{Database, Server, all};

/// Defines a migrator: the name of each migration, what `use_transaction` returns, and the bodies of `up` and `down`.
macro_rules! migrator {
    ($migrator:ident { $($name:ident ($transaction:expr) = async |$manager:ident| $up:block undo $down:block)* }) => {
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

                        async fn down(&self, $manager: &SchemaManager) -> Result<(), DbErr> $down

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

/// Defines a migrator with one migration: what `use_transaction` returns, whether the statements are prepared, and the statements.
macro_rules! statements {
    ($migrator:ident, $transaction:expr, prepared: $prepared:expr, $statements:expr) => {
        struct $migrator;

        #[sea_orm_migration::async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for $migrator {
            async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm::DbErr> {
                let statements: &[&str] = &$statements;
                for statement in statements {
                    use sea_orm::ConnectionTrait as _;
                    let db = manager.get_connection();
                    if $prepared {
                        db.execute_raw(sea_orm::Statement::from_string(db.get_database_backend(), *statement)).await?;
                    } else {
                        db.execute_unprepared(statement).await?;
                    }
                }
                Ok(())
            }

            async fn down(&self, _manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm::DbErr> {
                Ok(())
            }

            fn use_transaction(&self) -> Option<bool> {
                $transaction
            }
        }

        impl sea_orm_migration::MigrationName for $migrator {
            fn name(&self) -> &'static str {
                "m1_statements"
            }
        }

        impl sea_orm_migration::MigratorTrait for $migrator {
            fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
                vec![Box::new(Self)]
            }
        }
    };
}
use statements;

migrator!(Library {
    m1_authors(None) = async |manager| {
        run(manager, "CREATE TABLE author (id integer PRIMARY KEY, name varchar(64))").await
    } undo {
        run(manager, "DROP TABLE author").await
    }
    m2_books(None) = async |manager| {
        run(manager, "CREATE TABLE book (id integer PRIMARY KEY, pages integer, minutes integer)").await
    } undo {
        run(manager, "DROP TABLE book").await
    }
});

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

/// A database with a table that is in use.
async fn jobs(server: Server) -> Option<Database> {
    let database = server.empty_database().await?;
    let id = match server {
        Server::Postgres => "id serial PRIMARY KEY",
        Server::MySqlOrMariaDb => "id integer AUTO_INCREMENT PRIMARY KEY",
        Server::Sqlite => "id integer PRIMARY KEY",
    };
    let table = format!("CREATE TABLE job ({id}, priority integer NOT NULL, status varchar(32))");
    database.connect().await.execute_unprepared(&table).await.unwrap();
    Some(database)
}

/// The events of a run, kept.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Event>>>);

impl Told {
    fn by(&self, runner: Runner) -> Runner {
        let told = self.clone();
        runner.with_listener(move |event| told.0.lock().unwrap().push(event.clone()))
    }

    /// Those that say more than that a migration begins.
    fn events(&self) -> Vec<Event> {
        let begins = |event: &Event| matches!(event, Event::Applying { .. } | Event::Undoing { .. });
        self.0.lock().unwrap().iter().filter(|event| !begins(event)).cloned().collect()
    }
}

/// What is on record, in the order of the names.
async fn history(db: &DbConn) -> Vec<String> {
    all(db, "SELECT version FROM seaql_migrations ORDER BY version").await
}

/// The number of the session that this transaction runs in.
async fn pid_of(transaction: &DatabaseTransaction) -> i64 {
    let sql = match transaction.get_database_backend() {
        sea_orm::DbBackend::Postgres => "SELECT pg_backend_pid()::int8",
        _ => "SELECT CAST(CONNECTION_ID() AS SIGNED)",
    };
    let asked = Statement::from_string(transaction.get_database_backend(), sql);
    transaction.query_one_raw(asked).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// What a person who runs the test with `--nocapture` wants to know.
#[expect(clippy::print_stdout, reason = "the figures of the documentation come from here")]
fn print(line: &str) {
    println!("{line}");
}

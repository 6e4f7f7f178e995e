//! The runner on real servers, with migrations of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backfill;
mod concurrent_runs;
mod log;
mod rebuild;
mod up_and_down;

use std::sync::{Arc, Mutex};

use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbConn, DbErr, Statement},
};
use sea_orm_runner::{Event, Runner};

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

/// A runner whose events are kept.
fn recording() -> (Runner, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&events);
    (Runner::new().with_listener(move |event| listener.lock().unwrap().push(event.clone())), events)
}

async fn count(db: &DbConn, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

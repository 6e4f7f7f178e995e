//! `generate`: entities of version 1, an edit, and the migration that is written for it.

mod comments;
mod compiled;
mod documented;
mod edits;
mod enums;
mod fields;
mod keys;
mod left;
mod length;
mod objects;
mod on_a_server;
mod program;
mod random;
mod rolling;
mod types;
mod values;

use sea_orm_drift::Entities;
use sea_orm_kit::generate::{Ask, Decisions, GenerateError, MissingMigrations, find_missing_migrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbConn,
    sea_query::{IndexCreateStatement, TableCreateStatement},
};
use test_servers::{Database, Server};

/// What entities declare: tables, each with its indexes.
pub(super) type Declared = Vec<(TableCreateStatement, Vec<IndexCreateStatement>)>;

pub(super) fn entities(declared: &Declared) -> Entities {
    let add = |entities: Entities, (table, indexes): &(TableCreateStatement, Vec<IndexCreateStatement>)| {
        entities.add_table(table.clone(), indexes.clone())
    };
    declared.iter().fold(Entities::new(), add)
}

/// A scratch database; the server's is dropped with it.
pub(super) async fn scratch(server: Server) -> Option<(DbConn, Option<Database>)> {
    if server == Server::Sqlite {
        return Some((sea_orm_connect::in_memory().await.unwrap(), None));
    }
    let database = server.empty_database().await?;
    Some((database.connect().await, Some(database)))
}

/// Writes what is missing for version 1, then what is missing for version 2, and tries both ways once more, with `check` as the
/// judge.
pub(super) async fn from_one_to_two(
    db: &DbConn,
    one: &Declared,
    two: &Declared,
    decisions: Decisions,
    ask: Option<&mut Ask<'_>>,
) -> Result<MissingMigrations, GenerateError> {
    let (one, two) = (entities(one), entities(two));
    if !one.is_empty() {
        find_missing_migrations(db, &one, Decisions::default(), &[], None).await?;
        let report = one.check(db).await.unwrap();
        assert!(report.is_in_sync(), "version 1 as it was created\n\n{report}");
    }
    let found = find_missing_migrations(db, &two, decisions, &[], ask).await?;
    for migration in found.migrations.iter().rev() {
        migration.down(db).await.map_err(|error| GenerateError::Unproven(format!("down by the test: {error}")))?;
    }
    if !one.is_empty() {
        let report = one.check(db).await.unwrap();
        assert!(report.is_in_sync(), "version 1 after `down`\n\n{report}");
    }
    for migration in &found.migrations {
        migration.up(db).await.map_err(|error| GenerateError::Unproven(format!("up by the test: {error}")))?;
    }
    Ok(found)
}

/// Drops every table, whatever refers to it.
pub(super) async fn clear(db: &DbConn, server: Server) {
    match server {
        Server::Postgres => {
            db.execute_unprepared("DROP SCHEMA public CASCADE").await.unwrap();
            db.execute_unprepared("CREATE SCHEMA public").await.unwrap();
        }
        Server::MySqlOrMariaDb | Server::Sqlite => {
            let list = if server == Server::Sqlite {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            } else {
                "SELECT CAST(table_name AS CHAR) FROM information_schema.tables WHERE table_schema = DATABASE()"
            };
            let statement = sea_orm_migration::sea_orm::Statement::from_string(db.get_database_backend(), list);
            let rows = db.query_all_raw(statement).await.unwrap();
            let mut names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            // A table that others refer to goes after them.
            for _ in 0..=names.len() {
                let mut left = Vec::new();
                for name in names {
                    let quote = if server == Server::Sqlite { '"' } else { '`' };
                    if db.execute_unprepared(&format!("DROP TABLE {quote}{name}{quote}")).await.is_err() {
                        left.push(name);
                    }
                }
                names = left;
            }
            assert!(names.is_empty(), "{names:?} stay");
        }
    }
}

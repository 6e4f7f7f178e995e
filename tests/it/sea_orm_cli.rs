//! The migrations under the tools that run them: the real `sea-orm-cli`, cargo, and the other runtime.

use std::{fs, path::Path, process::Command};

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{
    cargo::{alone, migration, migration_on_async_std, sea_orm_cli, workspace},
    program::{call_log, call_log_with},
};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn up_status_down_and_the_rest(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let settings = [("DATABASE_URL", database.url.as_str())];
    let all = Migrator::migrations().len();
    for (arguments, words, pending) in [
        (&["up"][..], "applied  m20261125_000053_index_call_log_lists", 0),
        (&["status"], "applied  m20261125_000053_index_call_log_lists", 0),
        (&["down"], "undone   m20261125_000053_index_call_log_lists", 1),
        (&["status"], "pending  m20261125_000053_index_call_log_lists", 1),
        (&["refresh"], "applied  m20261125_000053_index_call_log_lists", 0),
        (&["fresh"], "applied  m20261125_000053_index_call_log_lists", 0),
        (&["reset"], "undone   m20251227_000050_create_call_log", all),
        (&[], "applied  m20261125_000053_index_call_log_lists", 0),
        (&["up", "-v"], "nothing to apply", 0),
    ] {
        let Some(run) = sea_orm_cli(arguments, workspace(), &settings) else { return };
        let told = format!("{}{}", run.stdout, run.stderr);
        // What is pending is told by the exit code, too.
        let is_told = arguments == ["status"] && pending > 0;
        assert_eq!(run.code, i32::from(is_told), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
        let status = call_log(&["migrate", "status"], &database.url);
        assert_eq!(status.stdout.matches("pending").count(), pending, "{arguments:?}: {}", status.stdout);
    }
    assert_eq!(call_log(&["check"], &database.url).code, 0);
}

/// It tells the migrations what was typed by setting `DATABASE_URL`, so that nothing shows which one is meant.
#[tokio::test]
async fn no_database_is_lost_to_a_setting() {
    let (production, test) = (Sqlite.empty_database().await.unwrap(), Sqlite.empty_database().await.unwrap());
    for database in [&production, &test] {
        assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    }
    let db = production.connect().await;
    db.execute_unprepared("INSERT INTO call_log (business_id) VALUES (7)").await.unwrap();
    let settings = [("MIGRATION_DATABASE_URL", production.url.as_str())];
    for verb in ["fresh", "refresh", "reset", "down", "up", "status"] {
        let Some(run) = sea_orm_cli(&[verb, "-u", &test.url], workspace(), &settings) else { return };
        assert_ne!(run.code, 0, "{verb}: {}", run.stdout);
        assert!(run.stderr.contains("unset one of them"), "{verb}: {}", run.stderr);
    }
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, "SELECT id FROM call_log")).await.unwrap();
    assert_eq!(rows.len(), 1);

    // The program itself knows what was typed.
    let run = call_log_with(&["migrate", "down", "-u", &test.url], &settings);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(call_log(&["migrate", "status"], &production.url).code, 0);
    let both = ["migrate", "status", "-u", &production.url, "--migration-database-url", &test.url];
    assert_eq!(call_log_with(&both, &[]).code, 1, "the last one was undone");
    assert_eq!(call_log_with(&["migrate", "status", "-u", &production.url], &[("MIGRATION_DATABASE_URL", "")]).code, 0);
}

#[test]
fn an_unreachable_server_is_a_sentence_there_too() {
    let settings = [("DATABASE_URL", "postgres://app:s3cret@127.0.0.1:1/calls")];
    let run = migration(&["up"], &settings);
    assert_eq!(run.code, 69, "{}", run.stderr);
    assert_eq!(
        run.stderr.lines().next(),
        Some(
            "error: no database server answers at postgres://app:***@127.0.0.1:1/calls: connection refused at 127.0.0.1 port 1; does the server run, and listen there?"
        )
    );
}

#[test]
fn a_wrong_command_line_is_usage_there_too() {
    let run = migration(&["destroy"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{}", run.stderr);
}

#[test]
fn generate_leaves_a_workspace_that_builds() {
    let copy = tempfile::TempDir::new().unwrap();
    copy_workspace(copy.path());
    let Some(generated) = sea_orm_cli(&["generate", "add_recording_channels"], copy.path(), &[]) else { return };
    assert_eq!(generated.code, 0, "{}{}", generated.stdout, generated.stderr);

    let library = fs::read_to_string(copy.path().join("migration/src/lib.rs")).unwrap();
    assert_eq!(library.matches("_add_recording_channels").count(), 2, "declared and listed:\n{library}");
    let original = fs::read_to_string(workspace().join("migration/src/lib.rs")).unwrap();
    let added: Vec<&str> = library.lines().filter(|line| !original.contains(line)).collect();
    assert_eq!((library.lines().count(), added.len()), (original.lines().count() + 2, 2), "{library}");
    let build = alone(Command::new(env!("CARGO")).args(["check", "--quiet", "--package", "migration"]), copy.path());
    assert_eq!(build.code, 0, "{}", build.stderr);
}

/// All that cargo needs, without the target folder.
pub(super) fn copy_workspace(to: &Path) {
    for entry in ["Cargo.toml", "Cargo.lock", "clippy.toml", "entity", "migration", "crates", "service", "tests"] {
        copy_all(&workspace().join(entry), &to.join(entry));
    }
}

pub(super) fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy_all(&from.join(&name), &to.join(&name));
    }
}

#[rstest]
#[tokio::test]
async fn the_migrations_run_on_async_std(#[values(Postgres, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let settings = [("DATABASE_URL", database.url.as_str())];
    let up = migration_on_async_std(&["up"], &settings);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let status = migration_on_async_std(&["status"], &settings);
    assert_eq!(
        (status.code, status.stdout.matches("applied  m").count()),
        (0, Migrator::migrations().len()),
        "{}{}",
        status.stdout,
        status.stderr
    );
    assert_eq!(call_log(&["check"], &database.url).code, 0);
}

//! What `call-log` says to bad input, and where a database cannot be reached: one sentence.

use std::fs;

use rstest::rstest;
use sea_orm::ConnectionTrait;

use crate::{
    it::program::{self, Run, call_log, call_log_with},
    servers::{
        NOWHERE,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

/// One sentence on stderr, the documented exit code, no panic, no password.
fn assert_sentence(run: &Run, code: i32, words: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: ") && run.stderr.contains(words), "{}", run.stderr);
    assert!(!run.stderr.contains("s3cret") && !run.stderr.contains("panicked"), "{}", run.stderr);
}

#[rstest]
#[case::no_url("", "`DATABASE_URL` is missing or empty")]
#[case::no_url_at_all("calls", "cannot be read")]
#[case::a_password_with_a_slash("postgres://app:s3cret/x@localhost/calls", "percent-encoded")]
#[case::a_password_like_a_port("postgres://app:12/s3cret@localhost/calls", "percent-encoded")]
#[case::no_database("mysql://app:s3cret@localhost", "names no database")]
#[case::another_service("redis://app:s3cret@localhost", "`redis` databases are not supported")]
#[case::a_missing_file("sqlite:///no/such/folder/calls.db", "there is no such database")]
fn a_wrong_url_is_a_sentence(#[case] url: &str, #[case] words: &str) {
    assert_sentence(&call_log(&["migrate", "status"], url), 78, words);
    assert_sentence(&call_log(&["migrate", "up"], url), 78, words);
    assert_sentence(&call_log(&["check"], url), 78, words);
}

#[rstest]
#[case("postgres")]
#[case("mysql")]
fn a_stopped_server_is_a_sentence(#[case] scheme: &str) {
    let url = format!("{scheme}://app:s3cret@{NOWHERE}/calls");
    assert_sentence(&call_log(&["check"], &url), 69, "no database server answers at");
}

#[rstest]
#[tokio::test]
async fn a_missing_database_is_a_sentence(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let url = format!("{}_missing", database.url);
    assert_sentence(&call_log(&["check"], &url), 78, "there is no such database at");
}

#[rstest]
#[tokio::test]
async fn a_refused_login_is_a_sentence(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let url = database.url_as("nobody_knows", "s3cret");
    assert_sentence(&call_log(&["check"], &url), 78, "refuses the login of");
}

#[rstest]
#[case::no_verb(&[])]
#[case::another_verb(&["destroy"])]
#[case::another_format(&["check", "--format", "yaml"])]
fn a_wrong_command_line_is_usage(#[case] arguments: &[&str]) {
    let run = call_log_with(arguments, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""));
    assert!(run.stderr.contains("--help"), "{}", run.stderr);
}

#[test]
fn settings_may_come_from_an_env_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("calls.db");
    fs::write(folder.path().join(".env"), format!("DATABASE_URL=sqlite://{}?mode=rwc\n", file.display())).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_call-log"));
    let run = program::run(command.args(["migrate", "up"]).env_clear().current_dir(folder.path()));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(file.exists());

    fs::write(folder.path().join(".env"), "postgres://app:s3cret@localhost/calls\n").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_call-log"));
    let run = program::run(command.arg("check").env_clear().current_dir(folder.path()));
    assert_sentence(&run, 78, "`.env` cannot be read");
}

#[tokio::test]
async fn what_is_no_sqlite_database_is_told_apart() {
    let Some(database) = Sqlite.empty_database().await else { return };
    fs::write(database.file(), "a".repeat(4096)).unwrap();
    assert_sentence(&call_log(&["check"], &database.url), 78, "file is not a database");

    fs::remove_file(database.file()).unwrap();
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE t (id integer); BEGIN EXCLUSIVE").await.unwrap();
    let locked = call_log(&["migrate", "up"], &database.url);
    assert!([1, 69].contains(&locked.code) && locked.stderr.contains("database is locked"), "{}", locked.stderr);
}

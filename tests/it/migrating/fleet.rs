//! Many databases with one command: past those that fail, to one table and one exit code.

use std::{fmt::Write as _, fs};

use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tempfile::TempDir;

use super::{Running, known, legacy};
use crate::{
    it::program::{call_log_in, call_log_with},
    servers::{NOWHERE, Server::Postgres},
};

const MANY: usize = 200;

/// 198 that are fine, one that somebody has changed by hand, one that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_databases_one_drifted_one_unreachable() {
    let Some(template) = legacy(Postgres).await else { return };
    let mut members = Vec::new();
    for _ in 0..MANY - 1 {
        members.push(template.copy().await);
    }
    let drifted = &members[100];
    let db = drifted.connect().await;
    db.execute_unprepared("ALTER TABLE call_log ADD COLUMN recording_mode bytea").await.unwrap();
    db.close().await.unwrap();
    let nobody = format!("postgres://app:s3cret@{NOWHERE}/calls");

    let folder = TempDir::new().unwrap();
    let mut list = format!("# tenants\n\n{nobody}\n");
    for member in &members {
        writeln!(list, "{}", member.url).unwrap();
    }
    fs::write(folder.path().join("tenants.txt"), list).unwrap();
    let run = |arguments: &[&str]| call_log_in(folder.path(), arguments, &[]);

    let up = run(&["migrate", "up", "--fleet", "tenants.txt", "--jobs", "16"]);
    let shown = drifted.shown_url();
    assert_eq!(up.code, 1, "{}{}", up.stdout, up.stderr);
    let lines: Vec<&str> = up.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", up.stdout);
    assert!(lines[0].starts_with("unreachable  postgres://app:***@127.0.0.1:"), "{}", lines[0]);
    assert_eq!(lines[1], format!("drifted      {shown}  `type-differs` of `call_log.recording_mode`"));
    assert_eq!(lines[3], "200 databases: 198 in sync, 1 drifted, 1 unreachable");
    assert_eq!(up.stderr.matches("applied  m").count(), known().len() * (MANY - 1));
    assert!(!up.stderr.contains("s3cret") && !up.stdout.contains("s3cret"));

    let check = run(&["check", "--fleet", "tenants.txt", "--jobs", "16"]);
    assert_eq!((check.code, check.stdout), (1, up.stdout));
    let again = run(&["migrate", "up", "--fleet", "tenants.txt", "--jobs", "16"]);
    assert_eq!((again.code, again.stderr.matches("nothing to apply").count()), (1, MANY - 1), "{}", again.stderr);

    let json = run(&["check", "--fleet", "tenants.txt", "--jobs", "16", "--format", "json"]);
    let rows: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((json.code, rows.len()), (1, MANY));
    let of = |state: &str| rows.iter().filter(|row| row["state"] == state).collect::<Vec<_>>();
    assert_eq!((of("in-sync").len(), of("drifted").len(), of("unreachable").len()), (198, 1, 1));
    assert_eq!(of("drifted")[0]["report"]["differences"][0]["rule"], "type-differs");
    assert_eq!(of("unreachable")[0]["exit_code"], 69);
}

#[tokio::test]
async fn the_list_may_come_from_standard_input_and_name_schemas() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE SCHEMA one; CREATE SCHEMA two").await.unwrap();
    let list = format!("{0} one\n{0} two\n", database.url);
    let run = |arguments: &str| with_input(&list, arguments);
    let up = run("migrate up --fleet - --format json");
    assert_eq!(up.0, 0, "{}", up.2);
    let states: Vec<Value> = up.1.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&states[0]["schema"], &states[1]["schema"], states.len()), (&"one".into(), &"two".into(), 2));
    assert!(up.2.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["database"].is_string()), "{}", up.2);
    let check = run("check --fleet - -v");
    let shown = database.shown_url();
    assert_eq!(
        (check.0, check.1),
        (0, format!("in sync      {shown} one\nin sync      {shown} two\n\n2 databases: 2 in sync\n"))
    );
}

fn with_input(input: &str, arguments: &str) -> (i32, String, String) {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command.args(arguments.split(' ')).env_clear();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[rstest]
#[case::no_file(None, "error: the list of databases `tenants.txt` cannot be read: ")]
#[case::no_database(Some("# nobody yet\n\n"), "error: the list of databases `tenants.txt` is empty\n")]
#[case::a_wrong_line(
    Some("sqlite::memory:\npostgres://app:s3cret/x@db/calls\n"),
    "error: cannot use line 2 of the list of databases `tenants.txt`: the database URL cannot be read"
)]
#[case::too_many_words(
    Some("postgres://db/calls one two\n"),
    "error: line 1 of the list of databases `tenants.txt` has more than a URL and a schema\n"
)]
#[case::a_schema_where_there_are_none(
    Some("mysql://root@db/tenants acme\n"),
    "error: line 1 of the list of databases `tenants.txt` names a schema, which only PostgreSQL has"
)]
fn a_list_of_no_use_is_a_sentence(#[case] list: Option<&str>, #[case] words: &str) {
    let folder = TempDir::new().unwrap();
    if let Some(list) = list {
        fs::write(folder.path().join("tenants.txt"), list).unwrap();
    }
    for verb in [&["check"][..], &["migrate", "up"]] {
        let run = call_log_in(folder.path(), &[verb, &["--fleet", "tenants.txt"]].concat(), &[]);
        assert_eq!((run.code, run.stdout.as_str()), (78, ""), "{}", run.stderr);
        assert!(run.stderr.starts_with(words) && !run.stderr.contains("s3cret"), "{}", run.stderr);
    }
}

#[test]
fn what_makes_no_sense_for_a_fleet_is_usage() {
    for arguments in [
        &["check", "--fleet", "tenants.txt", "--write-baseline", "b.json"][..],
        &["check", "--jobs", "4"],
        &["check", "--fleet", "-", "--jobs", "0"],
        &["check", "--fleet", "-", "-u", "sqlite::memory:"],
        &["migrate", "up", "--fleet", "-", "-u", "sqlite::memory:"],
    ] {
        assert_eq!(call_log_with(arguments, &[]).code, 64, "{arguments:?}");
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("tenants.txt"), "sqlite::memory:\n").unwrap();
    let junit = call_log_in(folder.path(), &["check", "--fleet", "tenants.txt", "--format", "junit"], &[]);
    assert_eq!(
        (junit.code, junit.stderr.as_str()),
        (64, "error: a report on several databases is text or JSON: use `--format text` or `--format json`\n")
    );
}

/// What has not begun when somebody wants to stop does not begin.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_fleet() {
    // Nobody answers there, and each of them is waited for.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://app@{}/calls\n", silent.local_addr().unwrap());
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("tenants.txt"), url.repeat(20)).unwrap();
    let list = folder.path().join("tenants.txt");
    let up = Running::start(&["migrate", "up", "--fleet", list.to_str().unwrap(), "--jobs", "1"], "");
    let _first = silent.accept().unwrap();
    up.signal("TERM");
    let up = up.end().await;
    assert_eq!(up.code, 143, "{}{}", up.stdout, up.stderr);
    assert_eq!(up.stdout.lines().last(), Some("20 databases: 1 unreachable, 19 stopped"), "{}", up.stdout);
}

/// Some editors put a mark in front of a file.
#[test]
fn a_list_may_begin_with_a_mark_of_its_encoding() {
    let (code, stdout, stderr) = with_input("\u{feff}sqlite::memory:\n", "migrate up --fleet -");
    assert_eq!((code, stdout.as_str()), (0, "1 database: 1 in sync\n"), "{stderr}");
}

/// Where somebody is looking there is a bar.
#[tokio::test]
async fn on_a_terminal_a_bar_shows_how_far_it_is() {
    let folder = TempDir::new().unwrap();
    let urls = ["one.db", "two.db"].map(|name| format!("sqlite://{}?mode=rwc\n", folder.path().join(name).display()));
    fs::write(folder.path().join("tenants.txt"), urls.concat()).unwrap();
    let command = format!("{} migrate up --fleet tenants.txt", env!("CARGO_BIN_EXE_call-log"));
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &command, "/dev/null"]).current_dir(folder.path()).env("TERM", "xterm");
    let run = crate::it::program::run(&mut script);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("2 of 2 databases") || run.stdout.contains("1 of 2 databases"), "{:?}", run.stdout);
    assert!(run.stdout.contains("2 databases: 2 in sync"), "{}", run.stdout);
}

//! `entities` and `check --rolling`, as a person types them.

use std::fs;

use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::program::{Run, call_log, call_log_in};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// The record of this tree.
fn record() -> Value {
    let ran = call_log(&["entities", "--release", "1.0"], "");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    serde_json::from_str(&ran.stdout).unwrap()
}

/// An older release, that read `state` where this program reads `status`, and did not know the last migration.
fn older() -> Value {
    let mut record = record();
    record["release"] = json!("0.9");
    record["migrations"].as_array_mut().unwrap().pop();
    for tables in record["entities"].as_object_mut().unwrap().values_mut() {
        for column in tables[0]["columns"].as_array_mut().unwrap() {
            if column["name"] == "status" {
                column["name"] = json!("state");
            }
        }
    }
    record
}

fn check(records: &[String], arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let folder = TempDir::new().unwrap();
    let mut all = vec!["check".to_owned()];
    for (number, record) in records.iter().enumerate() {
        let file = folder.path().join(format!("r{number}.json"));
        fs::write(&file, record).unwrap();
        all.extend(["--rolling".to_owned(), format!("r{number}.json")]);
    }
    all.extend(arguments.iter().map(ToString::to_string));
    call_log_in(folder.path(), &all.iter().map(String::as_str).collect::<Vec<_>>(), settings)
}

#[test]
fn a_release_of_this_tree_runs_beside_it() {
    let ran = check(&[record().to_string()], &["--migrations"], &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let last = record()["migrations"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned();
    assert_eq!(
        ran.stdout,
        format!(
            "              schema of release 1.0  new schema\n\
             release 1.0   runs                   runs\n\
             this program  runs                   runs\n\
             \n\
             schema of release 1.0: as the migrations up to {last} build it, on SQLite in memory\n\
             new schema: as the migrations up to {last} build it, on SQLite in memory\n\
             \n\
             OK: release 1.0 and this program run on both schemas: migrate before or after the deploy\n\
             \n\
             this program may start beside release 1.0\n"
        )
    );
}

#[test]
fn a_release_that_a_migration_breaks_fails_the_check_and_is_told_in_steps() {
    let ran = check(&[older().to_string(), record().to_string()], &["--migrations"], &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    for said in [
        "release 0.9   breaks: 1 error        breaks: 1 error\n",
        "release 0.9 on the new schema:\n\nerror[column-missing]: `call_log.state`",
        "every read of call_log fails: no such column: call_log.state",
        "help: expand: a migration that adds `status` beside `call_log.state` and copies its values",
        "contract: drop `state` when release 0.9 has stopped everywhere",
        "\nrelease 1.0   runs ",
        "\n\nthis program must not start beside release 0.9\n",
    ] {
        assert!(ran.stdout.contains(said), "{said}\n{}", ran.stdout);
    }
}

#[rstest]
#[tokio::test]
async fn a_database_is_a_schema_of_its_own(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let url = [("DATABASE_URL", database.url.as_str())];
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let migrated = check(&[record().to_string()], &["--format", "json"], &url);
    assert_eq!((migrated.code, migrated.stderr.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&migrated.stdout).unwrap();
    assert_eq!(document["version"], 1);
    let schemas = document["rolling"][0]["schemas"].as_array().unwrap();
    let of = |number: usize| (&schemas[number]["schema"], &schemas[number]["release"]["in_sync"]);
    assert_eq!(of(0), (&json!("release"), &json!(true)));
    assert_eq!(of(1), (&json!("tree"), &json!(true)));
    assert_eq!(of(2), (&json!("database"), &json!(true)));
    assert_eq!(schemas[2]["program"]["target"], json!(database.shown_url()));
    assert_eq!(document["rolling"][0]["first_to_break"], Value::Null);

    database.connect().await.execute_unprepared("ALTER TABLE call_log DROP COLUMN recording_mode").await.unwrap();
    let broken = check(&[record().to_string()], &[], &url);
    assert_eq!(broken.code, 1);
    assert!(broken.stdout.contains("error: release 1.0 breaks on the database as it is"), "{}", broken.stdout);
}

#[test]
fn a_name_of_migrations_that_are_not_of_this_tree_leaves_its_schema_open() {
    let mut record = record();
    record["migrations"] = json!([]);
    let ran = check(&[record.to_string()], &["--migrations"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let said = "schema of release 1.0: not known, its record names none of the migrations of this tree\n";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn an_accepted_finding_does_not_fail_the_check() {
    let folder = TempDir::new().unwrap();
    let exception = "[[exception]]\nrule = \"column-missing\"\nobject = \"call_log.state\"\nlevel = \"allow\"\nreason = \"0.9 is gone\"\n";
    fs::write(folder.path().join("drift.toml"), exception).unwrap();
    fs::write(folder.path().join("old.json"), older().to_string()).unwrap();
    let ran = call_log_in(folder.path(), &["check", "--migrations", "--rolling", "old.json"], &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[rstest]
#[case::cut_short(record().to_string()[..900].to_owned(), "this is not a record of entities")]
#[case::something_else("{\"version\": 1, \"findings\": []}".to_owned(), "this is not a record of entities")]
#[case::of_a_later_version("{\"version\": 2, \"tables\": []}".to_owned(), "version 2 of a record is not supported")]
#[case::of_another_project(of_another_project(), "it seems to belong to another project")]
fn a_record_that_cannot_be_used_ends_with_a_sentence(#[case] record: String, #[case] said: &str) {
    let ran = check(&[record], &["--migrations"], &[]);
    assert_eq!(ran.code, 78, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: `r0.json`") && ran.stderr.contains(said), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_record_that_is_not_there_ends_with_a_sentence() {
    let ran = call_log(&["check", "--migrations", "--rolling", "gone.json"], "");
    assert_eq!(ran.code, 78);
    assert!(ran.stderr.starts_with("error: `gone.json`: it cannot be read: "), "{}", ran.stderr);
}

fn of_another_project() -> String {
    let mut record = record();
    record["migrations"] = json!([]);
    for tables in record["entities"].as_object_mut().unwrap().values_mut() {
        tables[0]["name"]["name"] = json!("shelf");
    }
    record.to_string()
}

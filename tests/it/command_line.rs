//! `call-log` as a person meets it: what it prints, what it returns, what it says to bad input.

mod bad_input;

use std::fs;

use insta::{allow_duplicates, assert_snapshot};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Iterable, Statement};

use super::{
    growth::{NEWEST_NAMED, downs_through, without_growth},
    program::{Run, call_log, call_log_with},
};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// A whole run in one text, without what changes from run to run.
fn told(run: &Run, url: &str) -> String {
    let told = format!("exit {}\n--- stdout\n{}--- stderr\n{}", run.code, run.stdout, run.stderr);
    let told = without_growth(&told.replace(url, "URL"));
    let mut lines: Vec<String> = told.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if line.ends_with(" ms)") {
            let end = line.rfind('(').unwrap();
            line.replace_range(end.., "(TIME)");
        }
    }
    lines.join("\n")
}

#[test]
fn a_check_without_a_database_is_refused() {
    assert_snapshot!(told(&call_log_with(&["check"], &[("DATABSE_URL", "postgres://app@db/calls")]), "no URL"), @r"
    exit 78
    --- stdout
    --- stderr
    error: there is no database to compare with (`--migrations` compares with what the migrations build): `DATABASE_URL` is missing or empty: set it, or give `--database-url postgres://user:password@host/database`, or sqlite:///path/to/file
    ");
}

#[test]
fn check_migrations_compares_the_entity_with_the_migrations() {
    assert_snapshot!(told(&call_log_with(&["check", "--migrations"], &[]), "no URL"), @r"
    exit 0
    --- stdout
    OK: the schema matches; 4 harmless extras (show them with -v); 1 entity, N columns, N indexes compared against SQLite in memory after N migrations
    this program may start on what the migrations build
    --- stderr
    ");
}

#[rstest]
#[tokio::test]
async fn migrating_and_checking_an_empty_database(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let url = database.url.as_str();
    if server == Sqlite {
        fs::File::create(database.file()).unwrap();
    }

    let check = call_log(&["check"], url);
    assert_eq!(check.code, 1);
    assert!(
        check.stdout.contains("error[table-missing]: the entity's table `call_log` does not exist"),
        "{}",
        check.stdout
    );
    assert!(
        check
            .stdout
            .contains("help: migration m20251227_000050_create_call_log adds it and is pending: call-log migrate up")
    );

    let told = |arguments: &[&str]| told(&call_log(arguments, url), &database.shown_url());
    allow_duplicates! {
        assert_snapshot!(told(&["migrate", "status"]), @r"
        exit 1
        --- stdout
        pending  m20251227_000050_create_call_log
        pending  m20251228_000051_add_call_log_cost_metrics
        pending  m20261125_000052_add_call_log_bookkeeping
        pending  m20261125_000053_index_call_log_lists
        --- stderr
        migrations are pending: run call-log migrate up before this program starts; call-log check says whether it may start without
        ");
        assert_snapshot!(told(&["migrate", "up"]), @r"
        exit 0
        --- stdout
        OK: the schema matches; 4 harmless extras (show them with -v); 1 entity, N columns, N indexes compared against URL
        this program may start
        --- stderr
        applying m20251227_000050_create_call_log ...
        applied  m20251227_000050_create_call_log (TIME)
        applying m20251228_000051_add_call_log_cost_metrics ...
        applied  m20251228_000051_add_call_log_cost_metrics (TIME)
        applying m20261125_000052_add_call_log_bookkeeping ...
        applied  m20261125_000052_add_call_log_bookkeeping (TIME)
        applying m20261125_000053_index_call_log_lists ...
        applied  m20261125_000053_index_call_log_lists (TIME)
        ");
        assert_snapshot!(told(&["migrate", "status"]), @r"
        exit 0
        --- stdout
        applied  m20251227_000050_create_call_log
        applied  m20251228_000051_add_call_log_cost_metrics
        applied  m20261125_000052_add_call_log_bookkeeping
        applied  m20261125_000053_index_call_log_lists
        --- stderr
        nothing is pending; call-log check says whether this program may start
        ");
        assert_snapshot!(told(&["check", "-v"]), @r"
        exit 0
        --- stdout
        info[index-unexpected]: the index `ix_call_log_business_id_created_at_id` on `call_log (business_id, created_at, id)` is not in the entity
          nothing breaks

        info[index-unexpected]: the index `idx_call_log_recent_outbound` on `call_log (business_id, direction, created_at)` is not in the entity
          nothing breaks

        info[index-unexpected]: the index `ix_call_log_created_at_id` on `call_log (created_at, id)` is not in the entity
          nothing breaks

        info[index-unexpected]: the index `ix_call_log_bucket_created_at` on `call_log (estimated_cost_bucket, created_at)` is not in the entity
          nothing breaks

        OK: the schema matches; 4 harmless extras; 1 entity, N columns, N indexes compared against URL
        this program may start
        --- stderr
        ");
        assert_snapshot!(told(&["migrate", "down", "-n", &downs_through(NEWEST_NAMED).to_string()]), @r"
        exit 0
        --- stdout
        --- stderr
        undoing  m20261125_000053_index_call_log_lists ...
        undone   m20261125_000053_index_call_log_lists (TIME)
        ");
        assert_snapshot!(told(&["migrate", "down", "-n", "2"]), @r"
        exit 0
        --- stdout
        --- stderr
        undoing  m20261125_000052_add_call_log_bookkeeping ...
        undone   m20261125_000052_add_call_log_bookkeeping (TIME)
        undoing  m20251228_000051_add_call_log_cost_metrics ...
        undone   m20251228_000051_add_call_log_cost_metrics (TIME)
        ");
    }
    let drifted = call_log(&["check"], url);
    assert_eq!(drifted.code, 1);
    assert!(
        drifted.stdout.matches(" declared columns:").count() >= 2,
        "a block for each migration: {}",
        drifted.stdout
    );
}

#[rstest]
#[tokio::test]
async fn status_and_check_write_nothing(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    for arguments in [&["check"][..], &["migrate", "status"]] {
        assert_eq!(call_log(arguments, &database.url).code, 1);
    }
    let tables = match server {
        Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        MySqlOrMariaDb => "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
        Sqlite => "SELECT name FROM sqlite_master",
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), tables)).await.unwrap();
    assert_eq!(rows.len(), 0, "no table was made, not even the one of the history");
}

#[tokio::test]
async fn a_newer_schema_is_no_error_by_itself() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m20990101_000000_from_the_future', 0)").await.unwrap();
    db.execute_unprepared("ALTER TABLE call_log ADD COLUMN from_the_future integer").await.unwrap();

    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 0, "{}", check.stdout);
    assert!(check.stdout.contains(
        "note: applied by another version or another program, unknown here: m20990101_000000_from_the_future"
    ));
    let status = call_log(&["migrate", "status"], &database.url);
    assert_eq!((status.code, status.stdout.lines().last()), (0, Some("unknown  m20990101_000000_from_the_future")));
}

#[rstest]
#[tokio::test]
async fn of_a_newer_schema_only_what_breaks_is_an_error(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    for statement in [
        "INSERT INTO seaql_migrations VALUES ('m20990101_000000_add_tenants', 0)",
        "ALTER TABLE call_log ADD COLUMN region varchar(8)",
        "CREATE INDEX ix_call_log_region ON call_log (region)",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let causes = |check: &Run| {
        let report: serde_json::Value = serde_json::from_str(&check.stdout).unwrap();
        let said = |found: &serde_json::Value| {
            let words =
                ["object", "severity", "cause", "migration"].map(|key| found[key].as_str().unwrap_or("-").to_owned());
            words.join(" ")
        };
        report["differences"].as_array().unwrap().iter().map(said).collect::<Vec<String>>()
    };
    let harmless = [
        "call_log (business_id, created_at, id) info - -",
        "call_log (business_id, direction, created_at) info - -",
        "call_log (created_at, id) info - -",
        "call_log (estimated_cost_bucket, created_at) info - -",
        "call_log (region) info other-version m20990101_000000_add_tenants",
        "call_log.region info other-version m20990101_000000_add_tenants",
    ];
    let check = call_log(&["check", "--format", "json"], &database.url);
    let mut found = causes(&check);
    found.sort();
    assert_eq!(
        (check.code, found),
        (0, harmless.map(str::to_owned).to_vec()),
        "what is migrated here is no one else's"
    );

    let required = if server == Sqlite { "NOT NULL DEFAULT 0" } else { "NOT NULL" };
    db.execute_unprepared(&format!("ALTER TABLE call_log ADD COLUMN tenant integer {required}")).await.unwrap();
    if server == Sqlite {
        // SQLite adds no such column without a default, and has other ways to lose one.
        db.execute_unprepared(
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL DEFAULT 0)', 'NOT NULL)') \
             WHERE name = 'call_log'; PRAGMA writable_schema = RESET",
        )
        .await
        .unwrap();
    }
    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 1, "{}", check.stdout);
    let tenant = check.stdout.split("\n\n").next().unwrap();
    let (first, rest) = tenant.split_once('\n').unwrap();
    assert!(first.starts_with("error[column-unexpected]: `call_log.tenant`"), "{tenant}");
    assert_eq!(
        rest.lines().last(),
        Some(
            "  help: it may come from m20990101_000000_add_tenants, which another version or another program applied: \
             run the one that has it"
        )
    );
    assert!(
        check.stdout.contains(
            "note: applied by another version or another program, unknown here: m20990101_000000_add_tenants"
        )
    );
}

/// Somebody took a column away: a later version, as far as this one can tell, and no one should put it back.
#[tokio::test]
async fn what_a_newer_version_took_away_is_not_to_be_put_back() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    db.execute_unprepared("ALTER TABLE call_log DROP COLUMN summary").await.unwrap();
    let check = call_log(&["check"], &database.url);
    assert!(check.stdout.contains(r#"  sql:  ALTER TABLE "call_log" ADD COLUMN "summary" text;"#), "{}", check.stdout);

    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m20990101_000000_drop_summary', 0)").await.unwrap();
    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 1, "it breaks all the same");
    assert!(check.stdout.contains("it may come from m20990101_000000_drop_summary"), "{}", check.stdout);
    assert!(!check.stdout.contains("sql:"), "{}", check.stdout);
}

#[tokio::test]
async fn the_json_report_says_the_same() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    database.connect().await.execute_unprepared("ALTER TABLE call_log DROP COLUMN recording_mode").await.unwrap();

    let check = call_log(&["check", "--format", "json"], &database.url);
    assert_eq!(check.code, 1);
    let report: serde_json::Value = serde_json::from_str(&check.stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["in_sync"], false);
    assert_eq!(report["compared"]["entities"], 1);
    assert_eq!(report["compared"]["columns"], entity::call_log::Column::iter().count());
    let finding = &report["differences"][0];
    let said = ["rule", "severity", "consequence", "table", "column", "cause", "migration"].map(|key| &finding[key]);
    assert_eq!(
        said,
        [
            "column-missing",
            "error",
            "reads-fail",
            "call_log",
            "recording_mode",
            "applied-migration",
            "m20251228_000051_add_call_log_cost_metrics",
        ]
    );
}

#[rstest]
#[case::nothing_below_errors(&[], 0)]
#[case::warnings_too(&["--fail-on", "warning"], 1)]
#[case::everything(&["--fail-on", "info"], 1)]
#[case::another_format_changes_nothing(&["--fail-on", "warning", "--format", "json"], 1)]
#[tokio::test]
async fn what_fails_the_check_can_be_chosen(#[case] arguments: &[&str], #[case] code: i32) {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    db.execute_unprepared("ALTER TABLE call_log ALTER COLUMN status DROP DEFAULT").await.unwrap();
    let check = call_log(&[&["check"], arguments].concat(), &database.url);
    assert_eq!(check.code, code, "{}", check.stdout);
}

#[test]
fn the_migrations_are_compared_whatever_database_is_named() {
    let settings = [("DATABASE_URL", "postgres://app:s3cret@127.0.0.1:1/calls")];
    let run = call_log_with(&["check", "--migrations"], &settings);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("compared against SQLite in memory"), "{}", run.stdout);
}

#[test]
fn a_setting_without_a_value_is_not_set() {
    let settings = ["LOCK_WAIT", "LOCK_TIMEOUT", "STATEMENT_TIMEOUT", "MAX_RATE", "MAX_LAG"];
    let names = settings.map(|name| format!("MIGRATION_{name}"));
    let mut variables = vec![("DATABASE_URL", "sqlite::memory:")];
    variables.extend(names.iter().map(|name| (name.as_str(), "")));
    let run = call_log_with(&["migrate", "up"], &variables);
    assert_eq!(run.code, 0, "{run:?}");
    // One that has a value is read.
    let run = call_log_with(&["migrate", "up"], &[variables[0], ("MIGRATION_LOCK_WAIT", "soon")]);
    assert_eq!(run.code, 64);
    assert!(run.stderr.contains("--lock-wait"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_reader_who_leaves_changes_nothing() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let program = env!("CARGO_BIN_EXE_call-log");
    let mut shell = std::process::Command::new("bash");
    let script = format!("set -o pipefail; {program} migrate up 2>/dev/full | true && {program} migrate status | true");
    let run = super::program::run(shell.args(["-c", &script]).env("DATABASE_URL", &database.url));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(call_log(&["check"], &database.url).code, 0, "all migrations were applied");
}

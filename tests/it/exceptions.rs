//! Exceptions and baselines as a person meets them, on databases that have really drifted.

use std::fs;

use insta::assert_snapshot;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_drift::Exceptions;
use service::schema::{self, SchemaError};
use tempfile::TempDir;

use super::{
    cargo::workspace,
    growth::without_growth,
    program::{Run, call_log, call_log_in},
};
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// A migrated database, and a folder to type in.
struct Place {
    database: Database,
    folder: TempDir,
}

impl Place {
    async fn new(server: Server) -> Option<Self> {
        let database = server.empty_database().await?;
        assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
        Some(Self { database, folder: TempDir::new().unwrap() })
    }

    /// With a column dropped, which fails reads, and an index more, which breaks nothing.
    async fn drifted(server: Server) -> Option<Self> {
        let place = Self::new(server).await?;
        place.change("ALTER TABLE call_log DROP COLUMN recording_mode").await;
        place.change("CREATE INDEX ours ON call_log (transcript_source)").await;
        Some(place)
    }

    async fn change(&self, statement: &str) {
        self.database.connect().await.execute_unprepared(statement).await.unwrap();
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    }

    fn run(&self, arguments: &[&str]) -> Run {
        call_log_in(self.folder.path(), arguments, &[("DATABASE_URL", &self.database.url)])
    }

    fn check(&self, arguments: &[&str]) -> Run {
        self.run(&[&["check"], arguments].concat())
    }

    /// The summary, which only the verdict follows.
    fn summary(&self, arguments: &[&str]) -> (i32, String) {
        let run = self.check(arguments);
        let last = run.stdout.lines().rev().nth(1).unwrap_or_default();
        let summary = last.split(" 1 entity").next().unwrap().trim_end_matches([':', ';']);
        (run.code, summary.to_owned())
    }
}

fn exception(rule: &str, object: &str, level: &str, rest: &str) -> String {
    format!(
        "[[exception]]\nrule = \"{rule}\"\nobject = \"{object}\"\nlevel = \"{level}\"\nreason = \"as agreed\"\n{rest}\n"
    )
}

#[rstest]
#[tokio::test]
async fn an_exception_allows_what_breaks(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(place) = Place::drifted(server).await else { return };
    assert_eq!(place.summary(&[]), (1, "6 differences (1 error, 5 info; show all with -v)".to_owned()));

    place.write("drift.toml", &exception("column-missing", "call_log.recording_*", "allow", "expires = 9999-12-31"));
    assert_eq!(
        place.summary(&[]),
        (
            0,
            "OK: the schema matches but for 1 accepted finding, 1 of which would break this program; 5 harmless extras \
             (show them with -v)"
                .to_owned()
        ),
        "`drift.toml` is read without being asked for"
    );
    let verbose = place.check(&["-v"]).stdout;
    assert!(
        verbose.contains("info[column-missing]")
            && verbose.contains("\n  allowed: as agreed (until 9999-12-31; drift.toml, line 1)\n"),
        "{verbose}"
    );
}

#[tokio::test]
async fn an_exception_makes_more_of_what_breaks_nothing() {
    let Some(place) = Place::new(Sqlite).await else { return };
    place.change("CREATE INDEX ours ON call_log (transcript_source)").await;
    let told = |level: &str, arguments: &[&str]| {
        place.write("drift.toml", &exception("index-unexpected", "call_log (transcript_source)", level, ""));
        place.summary(arguments)
    };
    let warning = || "5 differences (1 warning, 4 info; show all with -v)".to_owned();
    assert_eq!(told("warn", &[]), (0, warning()));
    assert_eq!(told("warn", &["--fail-on", "warning"]), (1, warning()));
    assert_eq!(told("deny", &[]), (1, "5 differences (1 error, 4 info; show all with -v)".to_owned()));
}

#[tokio::test]
async fn what_is_of_no_use_any_more_is_reported_and_fails_nothing() {
    let Some(place) = Place::drifted(Sqlite).await else { return };
    let expired = exception("column-missing", "*", "allow", "expires = 2020-02-29");
    let unmatched = exception("foreign-key-*", "call_log*", "deny", "");
    place.write("ours.toml", &format!("{}{expired}{unmatched}", exception("column-missing", "*", "warn", "")));

    let check = place.check(&["--exceptions", "ours.toml"]);
    assert_eq!(check.code, 0);
    assert_snapshot!(without_growth(&check.stdout.replace(&place.database.shown_url(), "URL")), @r#"
    warning[column-missing]: `call_log.recording_mode` is declared varchar(32), the database has no such column
      every read of call_log fails: no such column: call_log.recording_mode
      made a warning: as agreed (ours.toml, line 1)
      help: migration m20251228_000051_add_call_log_cost_metrics is applied, but this table predates it or was edited by hand; write a new migration: call-log migrate generate --empty repair_call_log_recording_mode
      sql:  ALTER TABLE "call_log" ADD COLUMN "recording_mode" varchar(32);
      code: manager.alter_table(Table::alter().table("call_log").add_column(ColumnDef::new("recording_mode").string_len(32)).to_owned()).await?;

    stale: the exception for `column-missing` of `*` (ours.toml, line 7) expired on 2020-02-29 and no longer applies: remove it or renew it

    stale: the exception for `foreign-key-*` of `call_log*` (ours.toml, line 13) matches nothing: remove it

    help: what `column-missing` means: call-log check explain column-missing

    N differences (1 warning, 5 info; show all with -v): 1 entity, N columns, N indexes compared against URL
    this program may start only because 1 error that would break it is accepted
    "#);
    let json: serde_json::Value =
        serde_json::from_str(&place.check(&["--exceptions", "ours.toml", "--format", "json"]).stdout).unwrap();
    let kinds: Vec<_> = json["stale"].as_array().unwrap().iter().map(|stale| &stale["kind"]).collect();
    assert_eq!(kinds, ["expired", "unmatched"]);
}

#[tokio::test]
async fn migrating_accepts_what_the_check_accepts() {
    let Some(place) = Place::drifted(Sqlite).await else { return };
    assert_eq!(place.run(&["migrate", "up"]).code, 1);
    place.write("drift.toml", &exception("column-missing", "*", "allow", ""));
    assert_eq!(place.run(&["migrate", "up"]).code, 0);
}

#[tokio::test]
async fn a_program_starts_on_what_is_allowed() {
    let Some(place) = Place::drifted(Sqlite).await else { return };
    let db = place.database.connect().await;
    assert!(matches!(schema::validate(&db).await, Err(SchemaError::Breaks(_))));

    place.write("drift.toml", &exception("column-missing", "*", "allow", ""));
    let exceptions = Exceptions::read(&place.folder.path().join("drift.toml")).unwrap();
    let report = schema::check(&db).await.unwrap().except(&exceptions, "2027-01-15".parse().unwrap());
    assert!(schema::verdict(report).unwrap().is_in_sync());
}

#[rstest]
#[tokio::test]
async fn a_baseline_accepts_what_is_and_fails_on_what_comes(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(place) = Place::drifted(server).await else { return };
    let written = place.check(&["--write-baseline", "baseline.json"]);
    assert_eq!((written.code, written.stderr.as_str()), (0, "baseline  baseline.json: 6 accepted\n"));
    insta::allow_duplicates! {
        assert_snapshot!(place.read("baseline.json"), @r#"
        {
          "version": 1,
          "findings": [
            {"rule":"column-missing","object":"call_log.recording_mode","consequence":"reads-fail"},
            {"rule":"index-unexpected","object":"call_log (business_id, created_at, id)","consequence":"nothing"},
            {"rule":"index-unexpected","object":"call_log (business_id, direction, created_at)","consequence":"nothing"},
            {"rule":"index-unexpected","object":"call_log (created_at, id)","consequence":"nothing"},
            {"rule":"index-unexpected","object":"call_log (estimated_cost_bucket, created_at)","consequence":"nothing"},
            {"rule":"index-unexpected","object":"call_log (transcript_source)","consequence":"nothing"}
          ]
        }
        "#);
    }
    let known = &["--baseline", "baseline.json", "--fail-on", "info"][..];
    let summary = "OK: the schema matches but for 6 accepted findings, 1 of which would break this program";
    assert_eq!(place.summary(known), (0, summary.to_owned()));
    assert!(place.check(known).stdout.ends_with("may start only because 1 error that would break it is accepted\n"));

    place.change("ALTER TABLE call_log DROP COLUMN stream_duration_sec").await;
    let check = place.check(known);
    assert_eq!(check.code, 1);
    assert_eq!(check.stdout.matches("error[").count(), 1, "{}", check.stdout);
    assert!(check.stdout.starts_with("error[column-missing]: `call_log.stream_duration_sec`"), "{}", check.stdout);
    assert_eq!(place.summary(known).1, "7 differences (1 error, 6 accepted)");
    let json: serde_json::Value =
        serde_json::from_str(&place.check(&[known, &["--format", "json"]].concat()).stdout).unwrap();
    let baseline: Vec<_> = json["differences"].as_array().unwrap().iter().map(|found| &found["baseline"]).collect();
    assert_eq!(baseline, ["new", "known", "known", "known", "known", "known", "known"]);
}

#[tokio::test]
async fn what_gets_worse_is_new_and_what_is_settled_is_reported() {
    let Some(place) = Place::drifted(Sqlite).await else { return };
    assert_eq!(place.check(&["--write-baseline", "baseline.json"]).code, 0);
    place.change("ALTER TABLE call_log ADD COLUMN recording_mode varchar(32)").await;
    place.change("DROP INDEX ours").await;
    place.change("CREATE UNIQUE INDEX ours ON call_log (transcript_source)").await;

    let check = place.check(&["--baseline", "baseline.json", "--fail-on", "warning"]);
    assert_eq!(check.code, 1);
    assert_snapshot!(without_growth(&check.stdout.replace(&place.database.shown_url(), "URL")), @r"
    warning[index-unexpected]: the unique index `ours` on `call_log (transcript_source)` is not in the entity
      the database rejects duplicate transcript_source values; the entity allows them
      worse than in the baseline: then nothing broke
      help: declare it in the entity, or drop it if no other program needs it

    stale: `column-missing` of `call_log.recording_mode` is no longer there: remove it from the baseline

    help: what `index-unexpected` means: call-log check explain index-unexpected

    N differences (1 warning, 4 accepted; show all with -v): 1 entity, N columns, N indexes compared against URL
    this program may start, but the check fails: 1 finding at or above --fail-on warning
    ");
}

#[tokio::test]
async fn what_an_exception_allows_is_not_in_the_baseline() {
    let Some(place) = Place::drifted(Sqlite).await else { return };
    place.write("drift.toml", &exception("index-unexpected", "*", "allow", ""));
    assert_eq!(place.check(&["--write-baseline", "baseline.json"]).code, 0);
    assert_eq!(place.read("baseline.json").matches("rule").count(), 1);
}

#[tokio::test]
async fn a_baseline_is_replaced_and_no_other_file() {
    let Some(place) = Place::drifted(Sqlite).await else { return };
    for findings in [6, 7] {
        let written = place.check(&["--write-baseline", "baseline.json"]);
        assert_eq!(written.code, 0, "{}", written.stderr);
        assert_eq!(place.read("baseline.json").matches("rule").count(), findings);
        place.change("CREATE INDEX IF NOT EXISTS theirs ON call_log (transcript_source, audio_bytes_len)").await;
    }
    place.write("baseline.json", "{\"version\": 0, \"findings\": {}}");
    assert_sentence(
        &place.check(&["--baseline", "baseline.json"]),
        "version 0 is not supported, only version 1: write the baseline again",
    );
    assert_eq!(place.check(&["--write-baseline", "baseline.json"]).code, 0);

    place.write("drift.toml", &exception("column-missing", "*", "warn", ""));
    let refused = place.check(&["--write-baseline", "drift.toml"]);
    assert_sentence(&refused, "`drift.toml`: the file exists and is not a baseline");
    assert!(place.read("drift.toml").starts_with("[[exception]]"));
    place.write("report.json", &place.check(&["--format", "json"]).stdout);
    assert_sentence(&place.check(&["--write-baseline", "report.json"]), "the file exists and is not a baseline");
    assert_sentence(
        &place.check(&["--write-baseline", "no/such/folder.json"]),
        "`no/such/folder.json`: it cannot be written",
    );
    assert_eq!(place.files(), ["baseline.json", "drift.toml", "report.json"], "nothing half-written is left");
}

/// One sentence on stderr, nothing on stdout, the exit code of a wrong configuration.
fn assert_sentence(run: &Run, words: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (78, ""), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: ") && run.stderr.contains(words), "{}", run.stderr);
}

#[rstest]
#[case::an_unknown_rule(&exception("column-mising", "*", "allow", ""), "`drift.toml`, line 2: there is no rule `column-mising`: did you mean `column-missing`?")]
#[case::an_unknown_level(&exception("*", "*", "ignore", ""), "`drift.toml`, line 4: unknown variant `ignore`")]
#[case::a_date_in_quotes(&exception("*", "*", "allow", "expires = \"2027-01-31\""), "`drift.toml`, line 6: `expires` is not a date")]
#[case::a_blank_object(&exception("*", "", "allow", ""), "`drift.toml`, line 3: the object is blank")]
#[case::a_blank_reason(&exception("*", "*", "allow", "").replace("as agreed", " "), "`drift.toml`, line 5: the reason is blank")]
#[case::an_unknown_key(&exception("*", "*", "allow", "until = 2027-01-31"), "`drift.toml`, line 6: unknown field `until`")]
fn a_mistake_in_the_exceptions_is_a_sentence(#[case] text: &str, #[case] words: &str) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("drift.toml"), text).unwrap();
    assert_sentence(&call_log_in(folder.path(), &["check"], &[]), words);
    let up = call_log_in(folder.path(), &["migrate", "up"], &[("DATABASE_URL", "sqlite://calls.db?mode=rwc")]);
    assert_sentence(&up, words);
    assert!(!folder.path().join("calls.db").exists(), "nothing was connected to");
}

#[rstest]
#[case::no_exceptions(&["--exceptions", "missing.toml"], "`missing.toml`: it cannot be read")]
#[case::no_baseline(&["--baseline", "missing.json"], "`missing.json`: it cannot be read")]
#[case::a_folder(&["--exceptions", "."], "`.`: it cannot be read")]
fn an_unreadable_file_is_a_sentence(#[case] arguments: &[&str], #[case] words: &str) {
    let folder = TempDir::new().unwrap();
    assert_sentence(&call_log_in(folder.path(), &[&["check"], arguments].concat(), &[]), words);
}

#[test]
fn a_baseline_is_either_read_or_written() {
    let folder = TempDir::new().unwrap();
    let run = call_log_in(folder.path(), &["check", "--baseline", "a.json", "--write-baseline", "b.json"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""));
}

#[tokio::test]
async fn the_exceptions_of_the_documentation_can_be_used() {
    let Some(place) = Place::new(Sqlite).await else { return };
    let document = fs::read_to_string(workspace().join("docs/check.md")).unwrap();
    let mut blocks = document.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    place.write("drift.toml", blocks.find(|block| block.contains("[[exception]]")).unwrap());
    assert_eq!(place.check(&[]).code, 0);
}

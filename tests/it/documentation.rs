//! The documentation is true: what it says to type is typed, and what it says is printed is printed.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use rstest::rstest;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use super::{
    cargo::{example, migration, workspace},
    growth::{NEWEST_NAMED, downs_through, without_growth},
    program::{call_log, call_log_in, call_log_with, run},
};
use crate::servers::{Server::Postgres, find, skip};

/// How the documentation calls the database.
const URL: &str = "postgres://app:***@db/calls";

/// A command, and the lines that it prints; `...` stands for any lines.
pub(super) struct Shown<'a> {
    pub(super) command: &'a str,
    pub(super) output: Vec<&'a str>,
}

/// The commands in the blocks marked `console`, in their order.
pub(super) fn shown(document: &str) -> Vec<Shown<'_>> {
    let blocks = document.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let mut shown: Vec<Shown<'_>> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ ") {
            Some(command) => shown.push(Shown { command, output: Vec::new() }),
            None => shown.last_mut().unwrap().output.push(line),
        }
    }
    shown
}

pub(super) fn matches(expected: &[&str], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((&"...", rest)) => (0..=actual.len()).any(|skipped| matches(rest, &actual[skipped..])),
        Some((first, rest)) => actual.first().is_some_and(|line| line == first) && matches(rest, &actual[1..]),
    }
}

/// Durations are shown as they were on one machine.
fn without_durations(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once(" (") {
        Some((before, after)) if after.ends_with(" ms)") => format!("{before} (TIME)"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[rstest]
#[case::the_readme("README.md")]
#[case::the_guide_to_the_check("docs/check.md")]
#[case::the_guide_to_two_versions_at_once("docs/rolling.md")]
#[case::the_guide_to_the_rows("docs/rows.md")]
#[case::the_deployment_guide("docs/deployment.md")]
#[case::the_deployment_guide_in_hebrew("docs/deployment.he.md")]
#[tokio::test]
async fn the_commands_print_what_the_document_shows(#[case] document: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    if find("psql", "/usr/lib/postgresql").is_none() {
        return skip("psql");
    }
    let folder = TempDir::new().unwrap();
    symlink(workspace().join("tests"), folder.path().join("tests")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_call-log")).parent().unwrap();

    let document = fs::read_to_string(workspace().join(document)).unwrap();
    let document = without_growth(&without_durations(&document));
    let shown = shown(&document);
    assert!(!shown.is_empty());
    // The documents undo the newest migration that they name.
    let down = format!("migrate down -n {}", downs_through(NEWEST_NAMED));
    for Shown { command, output } in shown {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!(
            "PATH={}:$PATH\n({}) 2>&1",
            programs.display(),
            command.replace("cargo run --", "call-log").replace("migrate down", &down)
        ));
        shell.current_dir(folder.path()).env_remove("DATABASE_URL").env_remove("DATABASE_SCHEMA");
        if !command.starts_with("cargo run") {
            shell.env("DATABASE_URL", &database.url);
        }
        let ran = run(&mut shell);
        let printed = without_growth(&without_durations(&ran.stdout.replace(&database.shown_url(), URL)));
        assert!(matches(&output, &printed.lines().collect::<Vec<_>>()), "$ {command}\n{printed}");
    }
}

#[test]
fn the_readme_is_read_in_one_sitting() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 150);
}

#[tokio::test]
async fn the_steps_of_the_ci_snippet_pass() {
    let Some(database) = Postgres.empty_database().await else { return };
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let snippet = readme.split("```yaml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let lines: Vec<&str> = snippet.lines().collect();
    let mut steps = 0;
    for (number, line) in lines.iter().enumerate() {
        let Some(command) = line.trim().strip_prefix("- run: ") else { continue };
        let command = command.split('#').next().unwrap_or_default().trim();
        let has_url = lines.get(number + 1).is_some_and(|next| next.contains("DATABASE_URL"));
        let settings: &[(&str, &str)] = if has_url { &[("DATABASE_URL", &database.url)] } else { &[] };
        let words: Vec<&str> = command.split(' ').collect();
        let ran = match words.as_slice() {
            ["cargo", "run", "-p", "migration", "--", arguments @ ..] => migration(arguments, settings),
            ["cargo", "run", "--", arguments @ ..] => call_log_with(arguments, settings),
            _ => panic!("the snippet runs something else: {command}"),
        };
        assert_eq!(ran.code, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        steps += 1;
    }
    assert_eq!(steps, 3);
    assert_eq!(call_log(&["migrate", "status"], &database.url).code, 0);
}

#[test]
fn the_example_prints_what_a_night_of_repairs_broke() {
    let ran = example("library");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout, @r#"
    as the migrations left it:

    OK: the schema matches; 3 entities, 11 columns, 5 indexes compared

    after a night of repairs:

    error[column-missing]: `book.title` is declared varchar NOT NULL, the database has no such column; renamed? `full_title` (varchar NOT NULL) is not in the entity
      every read of book fails: no such column: book.title
      sql:  ALTER TABLE "book" RENAME COLUMN "full_title" TO "title";
      code: manager.alter_table(Table::alter().table("book").rename_column("full_title", "title").to_owned()).await?;
      note: only if `full_title` is the same column: other programs may use that name
      note: if it is another column: ALTER TABLE "book" ADD COLUMN "title" varchar

    error[column-missing]: `lent.title` is declared varchar NOT NULL, the database has no such column
      every read of lent fails: no such column: lent.title

    error[column-unexpected]: `book.full_title` (varchar NOT NULL) is not in the entity
      every insert into book fails: the column is NOT NULL and has no default
      help: declare it in the entity, or give it a default

    warning[index-missing]: `author (name)` is declared indexed, the database has no such index
      queries by these columns scan all of author
      sql:  CREATE INDEX "idx-author-name" ON "author" ("name");
      code: manager.create_index(Index::create().name("idx-author-name").table("author").col("name").to_owned()).await?;

    unchecked[expression-unchecked]: `book.shelf_label`: not known whether upper(title) and upper(full_title) compute the same value

    5 differences (3 errors, 1 warning, 1 info) and 1 unchecked: 4 entities, 14 columns, 6 indexes compared

    fit to serve: no
    "#);
}

#[test]
fn the_three_lines_for_strangers_stand_in_the_example() {
    let readme = fs::read_to_string(workspace().join("crates/drift/README.md")).unwrap();
    let example = fs::read_to_string(workspace().join("crates/drift/examples/library.rs")).unwrap();
    let block = readme.split("```rust,ignore\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(block.lines().count(), 3);
    for line in block.lines() {
        assert!(
            example.lines().any(|shown| shown.trim().trim_end_matches(';') == line.trim_end_matches(';')),
            "{line}"
        );
    }
}

/// The commands of the manifests, one after the other, as a cluster would run them.
#[tokio::test]
async fn the_commands_of_the_manifests_succeed() {
    let Some(database) = Postgres.empty_database().await else { return };
    let operations = fs::read_to_string(workspace().join("docs/operations.md")).unwrap();
    let commands: Vec<Vec<String>> = operations
        .lines()
        .filter_map(|line| line.trim().strip_prefix("command: "))
        .map(|words| serde_json::from_str(words).unwrap())
        .collect();
    assert_eq!(commands.len(), 2, "the Job and the init container");
    for words in commands {
        assert_eq!(words[0], "call-log");
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let ran = call_log(&arguments, &database.url);
        assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.stdout, ran.stderr);
    }
}

/// The commands about a fleet, with the list that stands before them.
#[tokio::test]
async fn the_commands_about_a_fleet_succeed() {
    let Some(database) = Postgres.empty_database().await else { return };
    database.connect().await.execute_unprepared("CREATE SCHEMA acme").await.unwrap();
    let operations = fs::read_to_string(workspace().join("docs/operations.md")).unwrap();
    let (_, about) = operations.split_once("## Many databases").unwrap();
    let block = |kind: &str| about.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap();
    let list: Vec<String> = block("text")
        .lines()
        .map(|line| [&[database.url.as_str()], &line.split(' ').skip(1).collect::<Vec<_>>()[..]].concat().join(" "))
        .collect();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("tenants.txt"), list.join("\n")).unwrap();
    let commands: Vec<&str> = block("sh").lines().collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let words: Vec<&str> = command.strip_prefix("call-log ").unwrap().split(' ').collect();
        let ran = call_log_in(folder.path(), &words, &[]);
        assert_eq!(ran.code, 0, "{command}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let command = "cargo test --workspace --no-fail-fast";
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(readme.contains(&format!("```sh\n{command}\n```")));
    let ci = fs::read_to_string(workspace().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line == command));
}

#[test]
fn the_translation_shows_the_same_commands() {
    let [english, hebrew] = ["docs/deployment.md", "docs/deployment.he.md"].map(|path| {
        let text = fs::read_to_string(workspace().join(path)).unwrap();
        text.split("```").skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(english, hebrew);
}

/// The exit codes of the rows that begin with a message, in their order.
#[test]
fn the_translation_has_the_same_tables() {
    let [english, hebrew] = ["docs/deployment.md", "docs/deployment.he.md"].map(|path| {
        let text = fs::read_to_string(workspace().join(path)).unwrap();
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        rows.map(|row| row.split(" | ").nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    });
    assert!(english.len() > 20);
    assert_eq!(english, hebrew);
}

/// Links to files of the repository, in what a reader opens first.
#[rstest]
#[case::the_readme("README.md")]
#[case::the_architecture("ARCHITECTURE.md")]
#[case::contributing("CONTRIBUTING.md")]
#[case::the_check("docs/check.md")]
#[case::compatibility("docs/compatibility.md")]
#[case::deployment("docs/deployment.md")]
#[case::deployment_in_hebrew("docs/deployment.he.md")]
#[case::exit_codes("docs/exit-codes.md")]
#[case::the_finaliser("docs/finaliser.md")]
#[case::generate("docs/generate.md")]
#[case::generate_beside_others("docs/generate-peers.md")]
#[case::operations("docs/operations.md")]
#[case::two_versions("docs/rolling.md")]
#[case::the_rows("docs/rows.md")]
#[case::sessions("docs/sessions.md")]
#[case::performance("docs/performance.md")]
#[case::reliability("docs/reliability.md")]
#[case::capacity("docs/scale.md")]
#[case::the_service("docs/service.md")]
fn the_links_lead_to_files_that_exist(#[case] document: &str) {
    let document = workspace().join(document);
    let text = fs::read_to_string(&document).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
        assert!(document.parent().unwrap().join(target).exists(), "{}: {target}", document.display());
    }
}

#[test]
fn the_files_that_the_maps_name_are_there() {
    let folders = ["entity", "migration", "crates", "service", "tests"];
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| files_below(&workspace().join(folder))).collect();
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(workspace().join(document)).unwrap();
        let mut named = 0;
        let is_file = |name: &&Path| name.extension().is_some_and(|kind| kind == "rs");
        for name in text.split('`').skip(1).step_by(2).map(Path::new).filter(is_file) {
            assert!(files.iter().any(|file| file.ends_with(name)), "{document}: {}", name.display());
            named += 1;
        }
        assert!(named > 5, "{document}");
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

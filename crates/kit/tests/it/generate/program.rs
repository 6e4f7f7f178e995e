//! `generate` as a person runs it: what it writes, what it says, what it returns, and that it leaves nothing behind.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
};

use tempfile::TempDir;

const LIBRARY: &str = "pub use sea_orm_migration::prelude::*;

mod m20260101_000001_create_post;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            // the first
            Box::new(m20260101_000001_create_post::Migration),
        ]
    }
}
";

/// A folder with a list of migrations.
pub(super) fn crate_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), LIBRARY).unwrap();
    folder
}

/// An example of this crate. It is built with the features of `cargo test --workspace`, which has built it already.
pub(super) fn example(name: &str) -> Command {
    static BUILT: Once = Once::new();
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
    BUILT.call_once(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--workspace", "--example", "blog", "--example", "slow"]);
        for (name, _) in std::env::vars_os() {
            // What cargo told this test about itself would make build scripts run again.
            if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
                build.env_remove(name);
            }
        }
        assert!(build.env("CARGO_TARGET_DIR", &target).status().unwrap().success());
    });
    let mut command = Command::new(target.join("debug/examples").join(name));
    command.env_remove("DATABASE_URL").env_remove("SCRATCH_URL").env_remove("MIGRATION_DIR").stdin(Stdio::null());
    command
}

/// Its exit code, and what it wrote to stdout and stderr.
pub(super) fn generate(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = example("blog").arg("generate").args(arguments).arg("-d").arg(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("src")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(super) fn assert_untouched(folder: &Path) {
    assert_eq!(files(folder), ["lib.rs"]);
    assert_eq!(fs::read_to_string(folder.join("src/lib.rs")).unwrap(), LIBRARY);
}

#[test]
fn a_rename_is_written_and_registered() {
    let folder = crate_folder();
    let (code, stdout, stderr) = generate(folder.path(), &["rename_title", "--rename", "post.title=headline"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let [library, file] = files(folder.path()).try_into().unwrap();
    assert_eq!(library, "lib.rs");
    let module = file.trim_end_matches(".rs");
    assert!(stdout.starts_with("written  ") && stdout.ends_with(&format!("{file}\n")), "{stdout}");

    let registered = fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    let expected = LIBRARY
        .replace("create_post;\n", &format!("create_post;\nmod {module};\n"))
        .replace("Migration),\n", &format!("Migration),\n            Box::new({module}::Migration),\n"));
    assert_eq!(registered, expected);
    let code = fs::read_to_string(folder.path().join("src").join(&file)).unwrap();
    assert!(code.contains(".rename_column(Post::Title, Post::Headline)"), "{code}");
    assert!(code.contains(".rename_column(Post::Headline, Post::Title)"), "{code}");
}

#[test]
fn a_check_that_cannot_be_made_says_so_in_the_form_that_was_asked_for() {
    let check = |format| {
        let mut command = example("blog");
        command.args(["check", "--format", format]).env("DATABASE_URL", "postgres://postgres@127.0.0.1:1/none");
        let output = command.output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(69), 0));
        String::from_utf8(output.stderr).unwrap()
    };
    let message: serde_json::Value = serde_json::from_str(&check("json")).unwrap();
    assert_eq!((&message["event"], &message["exit_code"]), (&"error".into(), &69.into()));
    assert!(check("text").starts_with("error: no database server answers at "));
}

#[test]
fn what_nobody_decided_is_asked_and_nothing_is_written() {
    let folder = crate_folder();
    let (code, stdout, stderr) = generate(folder.path(), &["add_headline"]);
    assert_eq!((code, stdout.as_str()), (64, ""), "{stderr}");
    assert_eq!(
        stderr,
        "error: nothing is written, because something has to be decided first

the entity does not declare post.title any more, and headline is new; choose one:
  --rename post.title=headline
  --drop post.title
  --keep post.title
"
    );
    assert_untouched(folder.path());
}

#[test]
fn the_check_says_what_is_missing_and_writes_nothing() {
    let folder = crate_folder();
    let (code, stdout, _) = generate(folder.path(), &["--check", "--rename", "post.title=headline"]);
    assert_eq!((code, stdout.as_str()), (1, "missing  Renames post.title to headline.\n"));
    assert_untouched(folder.path());
}

/// What `blog` would have recorded before its entity was edited.
fn record() -> String {
    let output = example("blog").args(["entities", "--release", "1.2"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().replace("headline", "title")
}

#[test]
fn what_a_release_still_needs_is_not_taken_away() {
    let folder = crate_folder();
    let file = folder.path().join("released.json");
    fs::write(&file, record()).unwrap();
    let rolling = ["--rename", "post.title=headline", "--rolling", file.to_str().unwrap()];
    for first in ["rename_title", "--check"] {
        let (code, stdout, stderr) = generate(folder.path(), &[&[first], &rolling[..]].concat());
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert_eq!(
            stderr,
            "error: nothing is written, because the migration would break a release that may still run

release 1.2 needs `post.title` as it is: every read of post fails: no such column: post.title
  help: expand: a migration that adds `headline` beside `post.title` and copies its values; deploy a program that writes \
             both; contract: drop `title` when release 1.2 has stopped everywhere

release 1.2 does not set `post.headline`: every insert into post fails: the column is NOT NULL and has no default
  help: expand: add `post.headline` as nullable or with a default; deploy; back-fill its rows; contract: set NOT NULL when \
             release 1.2 has stopped everywhere
"
        );
        assert_untouched(folder.path());
    }

    fs::write(&file, "{}").unwrap();
    let (code, _, stderr) = generate(folder.path(), &[&["x"], &rolling[..]].concat());
    assert_eq!(code, 78, "{stderr}");
    assert!(stderr.contains("this is not a record of entities"), "{stderr}");
    assert_untouched(folder.path());
}

#[test]
fn bad_input_ends_with_a_sentence_and_writes_nothing() {
    let folder = crate_folder();
    let rename = ["--rename", "post.title=headline"];
    let with = |arguments: &[&'static str]| [arguments, &rename].concat();
    for (arguments, code, sentence) in [
        (vec!["x", "--rename", "article.title=headline"], 64, "there is no table article, which --rename"),
        (vec!["x", "--rename", "post.name=headline"], 64, "there is no column post.name, which --rename"),
        (vec!["x", "--rename", "post.title"], 64, "with `=` between them"),
        (vec!["x", "--drop", "article"], 64, "there is no table article, which --drop"),
        (
            with(&["x", "--drop", "post.tilte"]),
            64,
            "no column, index or constraint tilte, which --drop post.tilte names",
        ),
        (
            with(&["x", "--keep", "post.tilte"]),
            64,
            "no column, index or constraint tilte, which --keep post.tilte names",
        ),
        (with(&["add-headline"]), 64, "cannot name a migration"),
        (with(&["../../x"]), 64, "cannot name a migration"),
        (with(&["x", "--scratch-url", "sqlite://some.db"]), 78, "a scratch database on SQLite is in memory"),
        (with(&["x", "--scratch-url", "nonsense"]), 78, "cannot be read"),
        (with(&["x", "--scratch-url", "postgres://a:s3cret@127.0.0.1:1/postgres"]), 69, "no database server answers"),
        (vec![], 64, "required"),
        (vec!["add-headline", "--empty"], 64, "`add-headline` cannot name a migration"),
        (vec!["", "--empty"], 64, "`` cannot name a migration"),
        (vec!["  ", "--empty"], 64, "`` cannot name a migration"),
        (vec!["../../x", "--empty"], 64, "`../../x` cannot name a migration"),
        (vec![r"a\b", "--empty"], 64, r"`a\b` cannot name a migration"),
        (vec!["überschrift", "--empty"], 64, "cannot name a migration"),
        (with(&["  "]), 64, "`` cannot name a migration"),
    ] {
        let (found, stdout, stderr) = generate(folder.path(), &arguments);
        assert_eq!((found, stdout.as_str()), (code, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(sentence) && !stderr.contains("s3cret"), "{arguments:?}: {stderr}");
        assert_untouched(folder.path());
    }
}

/// The time before them makes a name of each of these.
#[test]
fn a_name_is_the_same_with_and_without_empty() {
    for (name, expected) in [("add headline", "_add_headline"), (" 9_lives ", "_9_lives"), ("fn", "_fn")] {
        for flags in [&["--empty"][..], &["--rename", "post.title=headline"]] {
            let folder = crate_folder();
            let (code, stdout, stderr) = generate(folder.path(), &[&[name], flags].concat());
            assert_eq!(code, 0, "{name}: {stdout}{stderr}");
            let [_, file] = files(folder.path()).try_into().unwrap();
            assert!(file.ends_with(&format!("{expected}.rs")), "{file}");
            let module = file.trim_end_matches(".rs");
            let library = fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
            assert!(library.contains(&format!("mod {module};")), "{library}");
        }
    }
}

#[test]
fn the_folder_may_be_named_by_the_environment() {
    let run = |named: Option<&Path>, flags: &[&str]| {
        let (folder, here) = (crate_folder(), crate_folder());
        let mut command = example("blog");
        command.env("MIGRATION_DIR", named.unwrap_or(folder.path())).arg("generate").args(flags);
        // Of no interest to an empty migration.
        command.env("SCRATCH_URL", "sqlite::memory:");
        if named.is_some() {
            command.arg("-d").arg(folder.path());
        }
        let output = command.current_dir(here.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(files(folder.path()).len(), 2);
        assert_untouched(here.path());
    };
    for flags in [&["x", "--empty"][..], &["y", "--rename", "post.title=headline"]] {
        run(None, flags);
        // The flag comes first, and an empty variable is none.
        run(Some(Path::new("/nonexistent")), flags);
        run(Some(Path::new("")), flags);
    }
}

#[test]
fn a_folder_that_cannot_be_written_gets_nothing() {
    let rename = ["x", "--rename", "post.title=headline"];
    let (code, stdout, stderr) = generate(Path::new("/proc/self"), &rename);
    assert_eq!((code, stdout.as_str()), (78, ""), "{stderr}");
    assert!(stderr.contains("there is no migration crate in the folder"), "{stderr}");

    let folder = TempDir::new().unwrap();
    let (code, stdout, stderr) = generate(folder.path(), &["x", "--empty"]);
    assert_eq!((code, stdout.as_str()), (78, ""), "{stderr}");
    assert!(stderr.contains("there is no migration crate in the folder"), "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let folder = crate_folder();
    let library = folder.path().join("src/lib.rs");
    fs::write(&library, "pub struct Migrator;\n").unwrap();
    let (code, _, stderr) = generate(folder.path(), &rename);
    assert_eq!(code, 78, "{stderr}");
    assert!(stderr.contains("the list of migrations is not found"), "{stderr}");
    assert_eq!(
        (files(folder.path()), fs::read_to_string(&library).unwrap()),
        (vec!["lib.rs".to_owned()], "pub struct Migrator;\n".to_owned())
    );
}

#[test]
fn migrations_that_fail_end_it() {
    let folder = crate_folder();
    let output = example("slow").args(["generate", "x", "-d"]).arg(folder.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: the migrations of this project fail on the scratch database"), "{stderr}");
    assert!(stderr.contains("no such function: pg_sleep"), "{stderr}");
    assert_untouched(folder.path());
}

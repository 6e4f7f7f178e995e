//! A session in a terminal for each verb: `docs/sessions.md` shows what the program prints at 80 columns, and the pictures in
//! `docs/sessions` show its colours. `UPDATE_SESSIONS=1 cargo test --workspace --test workspace sessions` makes both anew.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use anstyle_svg::Term;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

use super::{cargo::workspace, program::run};
use crate::servers::{find, skip};

const COLUMNS: usize = 80;

const INTRODUCTION: &str = "# Sessions

What each verb prints in a terminal of 80 columns, here with `NO_COLOR`; the pictures show the colours. The tests hold this page to
the program.
";

/// Some commands in a folder with a database, `calls.db`.
struct Session {
    name: &'static str,
    about: &'static str,
    /// What somebody else does to the database before.
    before: &'static [&'static str],
    commands: &'static [&'static str],
}

const SESSIONS: [Session; 8] = [
    Session {
        name: "check",
        about: "A database that is older than the entity.",
        before: &[],
        commands: &["call-log check"],
    },
    Session { name: "plan", about: "What `up` would do.", before: &[], commands: &["call-log migrate plan"] },
    Session {
        name: "up",
        about: "The migrations, and the check after them.",
        before: &[],
        commands: &["call-log migrate up", "call-log migrate status", "call-log migrate wait"],
    },
    Session {
        name: "repair",
        about: "Somebody dropped an index and a column, and added another column.",
        before: &[
            "DROP INDEX ix_call_log_call_sid",
            "ALTER TABLE call_log DROP COLUMN summary",
            "ALTER TABLE call_log ADD COLUMN priority integer",
        ],
        commands: &["call-log check", "call-log check -v --format text", "call-log check explain unique-missing"],
    },
    Session {
        name: "serve",
        about: "The service does not start on that schema.",
        before: &[],
        commands: &["call-log serve", "call-log finalise --once"],
    },
    Session {
        name: "migrations",
        about: "The entity and the migrations, without a database.",
        before: &[],
        commands: &["call-log check --migrations"],
    },
    Session {
        name: "down",
        about: "The last migration undone.",
        before: &[],
        commands: &["call-log migrate down", "call-log migrate status"],
    },
    Session {
        name: "mistakes",
        about: "Wrong settings and a wrong command line.",
        before: &[],
        commands: &[
            "call-log check --database-url postgres://app:secret@127.0.0.1:1/calls",
            "call-log check --database-url ''",
            "call-log check --database-url sqlite://call.db",
            "call-log migrate upp",
            "call-log demo --fill-only --file calls.db",
        ],
    },
];

/// What the command prints to a terminal.
fn shown(folder: &Path, command: &str, settings: &[(&str, &str)]) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_call-log")).parent().unwrap();
    let mut script = Command::new("script");
    script.args([
        "--quiet",
        "--echo",
        "never",
        "--command",
        &format!("stty cols {COLUMNS} rows 24; {command}"),
        "/dev/null",
    ]);
    script.env_clear().envs(settings.iter().copied()).env("TERM", "xterm-256color").current_dir(folder);
    script.env("PATH", format!("{}:/usr/bin:/bin", programs.display())).env("DATABASE_URL", "sqlite://calls.db");
    steady(&run(&mut script).stdout.replace('\r', ""))
}

/// A time is shown as it was once.
fn steady(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" (") {
        Some((before, after)) if after.ends_with(" ms)") => format!("{before} (7 ms)\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

/// Lines as long as the terminal is wide, as it shows those that are longer.
fn broken(text: &str) -> String {
    let mut all = String::new();
    let (mut column, mut is_colour) = (0, false);
    for character in text.chars() {
        is_colour |= character == '\u{1b}';
        if character == '\n' {
            column = 0;
        } else if !is_colour {
            if column == COLUMNS {
                all.push('\n');
                column = 0;
            }
            column += 1;
        }
        is_colour &= character != 'm';
        all.push(character);
    }
    all
}

#[tokio::test]
async fn each_verb_prints_what_the_page_of_sessions_shows() {
    if find("script", "/usr/bin").is_none() {
        return skip("script (util-linux)");
    }
    let folder = TempDir::new().unwrap();
    let db =
        Database::connect(format!("sqlite://{}?mode=rwc", folder.path().join("calls.db").display())).await.unwrap();
    Migrator::up(&db, Some(1)).await.unwrap();
    db.execute_unprepared("DROP TABLE seaql_migrations").await.unwrap();

    let mut page = INTRODUCTION.to_owned();
    let mut pictures = Vec::new();
    for Session { name, about, before, commands } in SESSIONS {
        for statement in before {
            db.execute_unprepared(statement).await.unwrap();
        }
        let (mut plain, mut coloured) = (String::new(), String::new());
        for command in commands {
            // The coloured one first changes nothing that the plain one shows, except where it migrates.
            let before = fs::read(folder.path().join("calls.db")).unwrap();
            let _ = write!(coloured, "$ {command}\n{}", shown(folder.path(), command, &[]));
            fs::write(folder.path().join("calls.db"), before).unwrap();
            let _ = write!(plain, "$ {command}\n{}", shown(folder.path(), command, &[("NO_COLOR", "1")]));
        }
        // A page that explains a finding is Markdown, as wide as it is in the documentation.
        let is_page = commands.iter().any(|command| command.contains("explain"));
        let is_pasted =
            |line: &str| is_page || ["sql:", "code:", "."].iter().any(|begin| line.trim_start().starts_with(begin));
        for line in plain.lines().filter(|line| line.chars().count() > COLUMNS && !line.starts_with('$')) {
            assert!(is_pasted(line), "{name}: wider than the terminal: {line}");
        }
        assert!(!plain.contains('\u{1b}'), "{name}: {plain}");
        let _ = write!(page, "\n## {name}\n\n{about}\n\n```console\n{plain}```\n\n![{name}](sessions/{name}.svg)\n");
        pictures.push((format!("docs/sessions/{name}.svg"), Term::new().render_svg(&broken(&coloured))));
    }
    pictures.push(("docs/sessions.md".to_owned(), page));
    for (file, text) in pictures {
        let path = workspace().join(&file);
        #[expect(clippy::disallowed_methods, reason = "a switch of this test, not a setting of the program")]
        let is_updating = std::env::var_os("UPDATE_SESSIONS").is_some();
        if is_updating {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else {
            let found = fs::read_to_string(&path).unwrap_or_default();
            assert!(found == text, "{file} shows something else; read the change, then set UPDATE_SESSIONS=1:\n{text}");
        }
    }
}

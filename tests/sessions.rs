//! What a person sees who types the verbs into a terminal of 80 columns: `docs/sessions.md`, and a picture of each session in
//! `docs/pictures`. Captured from the program on a terminal, and drawn by a terminal emulator, so that what a progress bar leaves
//! behind or a line that breaks within a word would show.
//!
//! `UPDATE_SESSIONS=1 cargo test --workspace --test sessions` writes both anew. A program of its own, because it needs little of
//! what the other tests need.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;
use vt100::{Color, Parser};

use test_servers::{find, skip};

/// The newest migration that the document names.
const NEWEST_NAMED: &str = "m20261125_000053_index_call_log_lists";

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

const COLUMNS: u16 = 80;

/// Enough that nothing scrolls away.
const ROWS: u16 = 400;

/// A heading, the name of its picture, what it is about, and what is typed.
struct Session(&'static str, &'static str, &'static str, &'static [&'static str]);

const SESSIONS: [Session; 15] = [
    Session("check: before the first migration", "check-empty", "An empty database. Exit code 1.", &["call-log check"]),
    Session("migrate status", "status", "What is pending. Exit code 1.", &["call-log migrate status"]),
    Session("migrate plan", "plan", "What `up` would do, without doing it.", &["call-log migrate plan"]),
    Session(
        "migrate up",
        "up",
        "Applies the migrations, then checks.",
        &["call-log migrate up", "call-log migrate status"],
    ),
    Session(
        "check",
        "check",
        "The schema matches; `-v` shows what is harmless.",
        &["call-log check", "call-log check -v"],
    ),
    Session(
        "entities",
        "entities",
        "A record of this release, for later.",
        &["call-log entities --release 1.0 > released.json"],
    ),
    Session(
        "check: a schema that breaks the program",
        "check-broken",
        "Somebody dropped a column by hand. Exit code 1.",
        &["sqlite3 calls.db \"ALTER TABLE call_log DROP COLUMN recording_mode\"", "call-log check"],
    ),
    Session("check explain", "explain", "What a finding means.", &["call-log check explain column-missing"]),
    Session(
        "migrate wait",
        "wait",
        "For init containers; its time is over here. Exit code 1.",
        &["call-log migrate wait --timeout 1s"],
    ),
    Session(
        "check: repaired",
        "check-repaired",
        "With the statement of the report.",
        &["sqlite3 calls.db \"ALTER TABLE call_log ADD COLUMN recording_mode varchar(32)\"", "call-log check"],
    ),
    Session(
        "check --rows",
        "rows",
        "A number beyond the field's type: SQLite keeps it, the driver refuses it. Exit code 1.",
        &[
            "sqlite3 calls.db \"INSERT INTO call_log (id, business_id, duration) VALUES (17, 1, 99999999999)\"",
            "call-log check --rows --decode",
            "sqlite3 calls.db \"DELETE FROM call_log\"",
        ],
    ),
    Session(
        "check --rolling",
        "rolling",
        "An older release reads `state`, which this one calls `status`. Exit code 1.",
        &[
            "sed 's/\"status\"/\"state\"/; s/\"1.0\"/\"0.9\"/' released.json > older.json",
            "call-log check --migrations --rolling older.json",
        ],
    ),
    Session(
        "check --fleet",
        "fleet",
        "Several databases at once; one of them is not there. Exit code 1.",
        &["printf '%s\\n' sqlite://calls.db sqlite://gone.db > tenants.txt", "call-log check --fleet tenants.txt"],
    ),
    Session("migrate generate", "generate", "No migration is missing.", &["call-log migrate generate --check"]),
    Session(
        "migrate down",
        "down",
        "Undoes the last migration.",
        &["call-log migrate down", "call-log migrate status"],
    ),
];

/// What a command left on the terminal.
struct Screen {
    command: &'static str,
    bytes: Vec<u8>,
    parser: Parser,
}

impl Screen {
    fn lines(&self) -> Vec<String> {
        let lines: Vec<String> = self.parser.screen().rows(0, COLUMNS).map(|line| line.trim_end().to_owned()).collect();
        let used = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        lines[..used].to_vec()
    }

    /// Lines that the terminal broke within a word, but for statements and code, which are to be pasted.
    fn broken(&self) -> Vec<String> {
        let (mut broken, mut begins) = (Vec::new(), 0);
        for (number, line) in self.lines().iter().enumerate() {
            let is_broken = self.parser.screen().row_wrapped(u16::try_from(number).unwrap());
            let first = self.lines()[begins].trim_start().to_owned();
            let labels = ["sql:", "code:", "rows:", "fill:", "manager", "ALTER", "CREATE", "."];
            if is_broken && !labels.iter().any(|label| first.starts_with(label)) {
                broken.push(line.clone());
            }
            if !is_broken {
                begins = number + 1;
            }
        }
        broken
    }
}

/// Types it into a terminal of its own.
fn typed(command: &'static str, folder: &Path, settings: &[(&str, &str)]) -> Screen {
    let program = Path::new(env!("CARGO_BIN_EXE_call-log")).parent().unwrap();
    let mut script = Command::new("script");
    script.args(["-qec", &format!("stty cols {COLUMNS} rows {ROWS}; {command}"), "/dev/null"]);
    script.env_clear().env("PATH", format!("{}:/usr/bin:/bin", program.display())).env("SHELL", "/bin/sh");
    script.env("TERM", "xterm-256color").env("DATABASE_URL", "sqlite://calls.db").envs(settings.iter().copied());
    let pipes = script.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // While it is open, nobody has typed the end of the input.
    let keyboard = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(keyboard);
    let bytes = without_times(&output.stdout);
    let mut parser = Parser::new(ROWS, COLUMNS, 0);
    parser.process(&bytes);
    Screen { command, bytes, parser }
}

/// Durations are those of one machine.
fn without_times(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut parts = text.split('(');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.chars().take_while(char::is_ascii_digit).count();
        all.push('(');
        all.push_str(if number > 0 && part[number..].starts_with(" ms)") { "5" } else { &part[..number] });
        all.push_str(&part[number..]);
    }
    all.into_bytes()
}

/// All sessions in one folder, one after the other.
async fn all(settings: &[(&str, &str)]) -> Vec<Vec<Screen>> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("calls.db");
    fs::write(&file, "").unwrap();
    let mut sessions = Vec::new();
    for Session(.., commands) in SESSIONS {
        let mut screens = Vec::new();
        for command in commands {
            if let Some(sql) = command.strip_prefix("sqlite3 calls.db ") {
                let db = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
                db.execute_unprepared(sql.trim_matches('"')).await.unwrap();
                db.close().await.unwrap();
                screens.push(Screen { command, bytes: Vec::new(), parser: Parser::new(ROWS, COLUMNS, 0) });
            } else {
                screens.push(typed(command, folder.path(), settings));
            }
        }
        sessions.push(screens);
    }
    sessions
}

#[tokio::test]
async fn a_terminal_of_80_columns_shows_what_the_document_shows() {
    if find("script", "/usr/bin").is_none() {
        return skip("script");
    }
    let (coloured, plain) = (all(&[]).await, all(&[("NO_COLOR", "1")]).await);
    let mut document = "# Sessions\n\nWhat you see when you type the verbs of `call-log` into a terminal of 80 columns, in this order, with a \
                        SQLite database.\nA test types them and compares. The pictures show the same in colour; with `NO_COLOR=1` the text is the same.\n"
        .to_owned();
    let is_updated = std::env::vars_os().any(|(name, _)| name == "UPDATE_SESSIONS");
    let pictures = workspace().join("docs/pictures");
    // A later migration, such as that of a new field, prints lines of its own.
    let is_named = Migrator::migrations().last().is_some_and(|last| last.name() == NEWEST_NAMED);
    for (Session(heading, name, about, _), (coloured, plain)) in SESSIONS.iter().zip(coloured.iter().zip(&plain)) {
        // A page in Markdown has fences of its own.
        let has_fences = coloured.iter().flat_map(Screen::lines).any(|line| line.starts_with("```"));
        let fence = if has_fences { "````" } else { "```" };
        write!(document, "\n## {heading}\n\n{about}\n\n{fence}console\n").unwrap();
        for (screen, plain) in coloured.iter().zip(plain) {
            assert_eq!(screen.lines(), plain.lines(), "{}: without colours", screen.command);
            assert!(
                !plain.bytes.windows(3).any(|bytes| bytes == b"\x1b[3" || bytes == b"\x1b[1"),
                "{}",
                screen.command
            );
            assert_eq!(screen.broken(), [""; 0], "{}: broken within words", screen.command);
            writeln!(document, "$ {}", screen.command).unwrap();
            for line in screen.lines() {
                writeln!(document, "{line}").unwrap();
            }
        }
        write!(document, "{fence}\n\n![{heading}](pictures/{name}.svg)\n").unwrap();
        held(&pictures.join(format!("{name}.svg")), &picture(coloured), is_updated, is_named);
    }
    held(&workspace().join("docs/sessions.md"), &document, is_updated, is_named);
}

fn held(file: &Path, text: &str, is_updated: bool, is_compared: bool) {
    if is_updated {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    } else if is_compared {
        let kept = fs::read_to_string(file).unwrap_or_default();
        assert!(kept == text, "{} is not what the program shows; see UPDATE_SESSIONS\n\n{text}", file.display());
    }
}

/// How a cell is drawn: its colour, and whether it is bold.
type Look = (&'static str, bool);

/// The screens one below the other, as SVG.
fn picture(screens: &[Screen]) -> String {
    const WIDTH: f64 = 8.0;
    const HEIGHT: f64 = 18.0;
    const MARGIN: f64 = 12.0;
    let mut rows: Vec<Vec<(u16, String, Look)>> = Vec::new();
    for screen in screens {
        rows.push(vec![(0, format!("$ {}", screen.command), ("#8b949e", false))]);
        for row in 0..u16::try_from(screen.lines().len()).unwrap() {
            rows.push(runs(screen, row));
        }
    }
    let (width, height) = (f64::from(COLUMNS) * WIDTH, f64::from(u32::try_from(rows.len()).unwrap()) * HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" font-family=\"monospace\" font-size=\"13\">\n\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#0d1117\"/>\n",
        w = width + 2.0 * MARGIN,
        h = height + 2.0 * MARGIN
    );
    for (number, row) in rows.iter().enumerate() {
        let y = MARGIN + HEIGHT * (f64::from(u32::try_from(number).unwrap()) + 0.75);
        for (column, text, (colour, is_bold)) in row {
            let x = MARGIN + f64::from(*column) * WIDTH;
            let length = f64::from(u32::try_from(text.chars().count()).unwrap()) * WIDTH;
            let bold = if *is_bold { " font-weight=\"bold\"" } else { "" };
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            writeln!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" fill=\"{colour}\"{bold} xml:space=\"preserve\">{text}</text>"
            )
            .unwrap();
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The parts of a row that look alike.
fn runs(screen: &Screen, row: u16) -> Vec<(u16, String, Look)> {
    let mut runs: Vec<(u16, String, Look)> = Vec::new();
    for column in 0..COLUMNS {
        let Some(cell) = screen.parser.screen().cell(row, column) else { continue };
        let look = (colour(cell.fgcolor()), cell.bold());
        let text = if cell.has_contents() { cell.contents() } else { " " };
        match runs.last_mut() {
            Some((_, run, last)) if *last == look => run.push_str(text),
            _ => runs.push((column, text.to_owned(), look)),
        }
    }
    for (_, run, _) in &mut runs {
        run.truncate(run.trim_end().len());
    }
    runs.retain(|(_, run, _)| !run.is_empty());
    runs
}

fn colour(colour: Color) -> &'static str {
    match colour {
        Color::Idx(1 | 9) => "#ff7b72",
        Color::Idx(2 | 10) => "#3fb950",
        Color::Idx(3 | 11) => "#d29922",
        Color::Idx(4 | 12) => "#58a6ff",
        Color::Idx(5 | 13) => "#bc8cff",
        Color::Idx(6 | 14) => "#39c5cf",
        Color::Idx(8) => "#8b949e",
        _ => "#c9d1d9",
    }
}

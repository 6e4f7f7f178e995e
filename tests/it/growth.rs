//! What grows with each field and each migration. No test or document counts it by hand: they compare the rest.

use migration::{Migrator, MigratorTrait};

/// The newest migration that the tests and documents name.
pub(crate) const NEWEST_NAMED: &str = "m20261125_000053_index_call_log_lists";

/// A text as it was when the newest named migration was the newest of all: without what later migrations print, and with
/// counts as `N`, so that `37 columns` is `N columns`.
pub(crate) fn without_growth(text: &str) -> String {
    let paragraphs: Vec<&str> = text.split("\n\n").filter(|paragraph| !is_about_a_later_migration(paragraph)).collect();
    let lines = paragraphs.join("\n\n");
    let lines: String = lines.split_inclusive('\n').filter(|line| !is_later(line.split_whitespace().nth(1))).collect();
    without_counts(&lines)
}

/// A part of a plan, which begins with the migration, or a finding, which ends with help.
fn is_about_a_later_migration(paragraph: &str) -> bool {
    let helps = paragraph.lines().filter_map(|line| line.strip_prefix("  help: migration "));
    let mut names = helps.chain([paragraph]).map(|text| text.split_whitespace().next());
    names.any(is_later)
}

fn is_later(word: Option<&str>) -> bool {
    word.is_some_and(|word| is_migration(word) && word > NEWEST_NAMED)
}

/// `m`, a date, and more.
fn is_migration(word: &str) -> bool {
    let date = word.strip_prefix('m').and_then(|rest| rest.split_once('_'));
    date.is_some_and(|(date, _)| date.len() == 8 && date.chars().all(|character| character.is_ascii_digit()))
}

fn without_counts(text: &str) -> String {
    const COUNTED: [&str; 7] =
        [" columns", " declared columns", " indexes", " migrations", " statements", " differences", " errors"];
    let mut scrubbed = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (before, from_number) = rest.split_at(start);
        let digits = from_number.chars().take_while(char::is_ascii_digit).count();
        let (number, after) = from_number.split_at(digits);
        let is_counted = COUNTED.iter().any(|noun| after.starts_with(noun));
        scrubbed.extend([before, if is_counted { "N" } else { number }]);
        rest = after;
    }
    scrubbed + rest
}

/// How many `down`s undo this migration and all later ones.
pub(crate) fn downs_through(name: &str) -> u32 {
    let migrations = Migrator::migrations();
    let position = migrations.iter().position(|migration| migration.name() == name);
    u32::try_from(migrations.len() - position.expect("it is one of them")).unwrap()
}

#[test]
fn later_migrations_and_counts_are_left_out_and_nothing_else() {
    let status = "applied  m20251227_000050_create_call_log (7 ms)\napplied  m20991231_000099_later (7 ms)\n";
    assert_eq!(without_growth(status), "applied  m20251227_000050_create_call_log (7 ms)\n");
    let plan = "m20251227_000050_create_call_log (x)\n  CREATE\n\nm20991231_000099_later (x)\n  ALTER\n\n2 migrations, 2 statements, 1 warning\n";
    assert_eq!(
        without_growth(plan),
        "m20251227_000050_create_call_log (x)\n  CREATE\n\nN migrations, N statements, 1 warning\n"
    );
    let undone = "undone   m20991231_000099_later (7 ms)\nundone   m20251227_000050_create_call_log (7 ms)\n";
    assert_eq!(without_growth(undone), "undone   m20251227_000050_create_call_log (7 ms)\n");
    let check = "error: a\n  help: migration m20991231_000099_later adds it\n\nerror: b\n  help: write one\n";
    assert_eq!(without_growth(check), "error: b\n  help: write one\n");
    assert_eq!(without_growth("1 entity, 37 columns, 6 indexes"), "1 entity, N columns, N indexes");
}

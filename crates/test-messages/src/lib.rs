//! Collects every message in one document, `docs/messages.md`, so that everything the programs say can be read in one
//! sitting, and makes a test fail if the document and the code differ.
//!
//! Each crate writes its own section in its unit tests, from samples of its types. `UPDATE_MESSAGES=1 cargo test --workspace
//! message_tests` regenerates the document.

mod help;
mod prose;

use std::{
    collections::BTreeSet,
    env,
    fmt::{Debug, Write as _},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use strum::IntoEnumIterator;

pub use help::help;
pub use prose::prose;

/// The document's path, relative to the workspace root.
const DOCUMENT: &str = "docs/messages.md";

/// The environment variable that lets the tests write the document instead of comparing it.
const UPDATE_VARIABLE: &str = "UPDATE_MESSAGES";

/// How the document begins.
const INTRODUCTION: &str = "# Every message

Everything that the programs say, with made-up values. The tests write this document and fail where it differs from the code:
`UPDATE_MESSAGES=1 cargo test --workspace message_tests` writes it anew. Read it before you change a word, so that the same thing
keeps the same name.
";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The samples of an enum, each under the name of its variant.
///
/// # Panics
/// If a variant has no sample.
pub fn samples<'a, T, K>(samples: &'a [T], text: impl Fn(&'a T) -> String) -> String
where
    K: From<&'a T> + IntoEnumIterator + Debug,
{
    let kind = |sample: &'a T| format!("{:?}", K::from(sample));
    let shown: BTreeSet<String> = samples.iter().map(kind).collect();
    let missing: Vec<String> = K::iter().map(|kind| format!("{kind:?}")).filter(|kind| !shown.contains(kind)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}: add one, so that its message is in {DOCUMENT}");
    samples.iter().fold(String::new(), |mut all, sample| {
        let _ = writeln!(
            all,
            "{}\n    {}",
            kind(sample),
            text(sample).trim_end().replace('\n', "\n    ").replace("    \n", "\n")
        );
        all
    })
}

/// Compares a section of the document with `text`, or writes it.
///
/// # Panics
/// If they differ.
pub fn assert_section(title: &str, about: &str, text: &str) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let file = workspace().join(DOCUMENT);
    let found = fs::read_to_string(&file).unwrap_or_else(|_| INTRODUCTION.to_owned());
    let section = format!("## {title}\n\n{about}\n\n```text\n{}\n```\n", text.trim_end());
    // The test harness does not capture this.
    let _ = writeln!(io::stderr(), "checking the section `{title}` of {DOCUMENT}");
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, not a setting of the program")]
    if env::var_os(UPDATE_VARIABLE).is_some() {
        fs::write(&file, with_section(&found, title, &section)).expect("the document can be written");
        return;
    }
    let shown = sections(&found).into_iter().find(|(shown, _)| shown == title).map(|(_, text)| text);
    let shown = shown.unwrap_or_default();
    assert!(
        shown.trim_end() == section.trim_end(),
        "the section `{title}` of {DOCUMENT} differs from the code; review the change, then run the test again with {UPDATE_VARIABLE}=1:\n{}",
        difference(&shown, &section)
    );
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Each section with its title. A `## ` line inside a block of code is not a title.
fn sections(document: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut is_code = false;
    for line in document.lines() {
        is_code ^= line.starts_with("```");
        match (line.strip_prefix("## "), sections.last_mut()) {
            (Some(title), _) if !is_code => sections.push((title.to_owned(), format!("{line}\n"))),
            (_, Some((_, text))) => text.extend([line, "\n"]),
            (_, None) => {}
        }
    }
    sections
}

/// The document with one section replaced or added, and the sections sorted by title.
fn with_section(document: &str, title: &str, section: &str) -> String {
    let mut sections = sections(document);
    sections.retain(|(shown, _)| shown != title);
    sections.push((title.to_owned(), section.to_owned()));
    sections.sort();
    let texts: Vec<&str> = sections.iter().map(|(_, text)| text.trim_end()).collect();
    format!("{INTRODUCTION}\n{}\n", texts.join("\n\n"))
}

/// The lines that only one side has.
fn difference(before: &str, after: &str) -> String {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (before.lines().collect(), after.lines().collect());
    let removed = before.lines().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let added = after.lines().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    removed.chain(added).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_a_new_one_is_added_in_its_place() {
        let section = |title: &str, text: &str| format!("## {title}\n\n```text\n{text}\n```\n");
        let document = with_section(INTRODUCTION, "b", &section("b", "## no title\none"));
        let document = with_section(&document, "a", &section("a", "two"));
        let document = with_section(&document, "b", &section("b", "three"));
        let titles: Vec<String> = sections(&document).into_iter().map(|(title, _)| title).collect();
        assert_eq!(titles, ["a", "b"]);
        assert!(document.contains("two") && document.contains("three") && !document.contains("one\n```"), "{document}");
    }
}

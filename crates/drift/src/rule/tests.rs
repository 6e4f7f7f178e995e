use std::{collections::BTreeSet, fs, path::Path};

use super::*;

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rules = RULES.map(|rule| format!("{rule}.md"));
    assert_eq!(files.collect::<BTreeSet<_>>(), rules.into_iter().collect());
}

#[test]
fn those_of_a_shared_column_are_rules() {
    assert!(OF_A_SHARED_COLUMN.iter().all(|rule| RULES.contains(rule)));
}

#[test]
fn every_page_has_its_four_sections() {
    for Page { rule, text } in Page::all() {
        let headings: Vec<&str> =
            text.lines().filter(|line| line.starts_with("# ") || line.starts_with("## ")).collect();
        let title = format!("# {rule}");
        assert_eq!(headings, [&title, "## What", "## What breaks", "## Repair", "## Example"], "{rule}");
        let page = Page::of(rule).unwrap();
        for heading in ["What", "What breaks", "Repair", "Example"] {
            assert!(page.section(heading).is_some_and(|section| !section.is_empty()), "{rule}: {heading}");
        }
    }
}

#[test]
fn every_page_can_be_read_in_a_terminal() {
    for Page { rule, text } in Page::all() {
        // What the report prints is shown as it is printed.
        let prose = text.split("```text").next().unwrap_or_default();
        assert!(prose.lines().all(|line| line.chars().count() <= 120), "{rule}");
        let summary = Page::of(rule).unwrap().summary();
        assert!(summary.len() <= 100 && !summary.is_empty() && !summary.ends_with('.'), "{rule}: {summary}");
        assert!(!text.contains(['{', '}']), "{rule}: SARIF takes braces for arguments");
    }
}

#[test]
fn no_page_proposes_to_drop_what_may_hold_data() {
    for Page { rule, text } in Page::all() {
        let text = text.to_uppercase();
        for word in
            ["DROP TABLE", "DROP COLUMN", "DROP INDEX", "DROP CONSTRAINT", "DROP VIEW", "TRUNCATE", "DELETE FROM"]
        {
            assert!(!text.contains(word), "{rule}: {word}");
        }
    }
}

#[test]
fn a_summary_is_the_first_sentence() {
    let page = Page::of("column-missing").unwrap();
    assert_eq!(page.summary(), "The entity has a field for which the table has no column");
    assert_eq!(Page::of("column-mising"), None);
}

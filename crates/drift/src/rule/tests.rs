use std::{collections::BTreeSet, fs, path::Path};

use super::*;

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rules = Rule::ALL.iter().map(|rule| format!("{rule}.md"));
    assert_eq!(files.collect::<BTreeSet<_>>(), rules.collect());
}

#[test]
fn every_page_has_its_four_sections() {
    for RuleDoc { rule, text } in RuleDoc::all() {
        let headings: Vec<&str> =
            text.lines().filter(|line| line.starts_with("# ") || line.starts_with("## ")).collect();
        let title = format!("# {rule}");
        assert_eq!(headings, [&title, "## What", "## What breaks", "## Repair", "## Example"], "{rule}");
        let page = RuleDoc::of(rule.name()).unwrap();
        for heading in ["What", "What breaks", "Repair", "Example"] {
            assert!(page.section(heading).is_some_and(|section| !section.is_empty()), "{rule}: {heading}");
        }
    }
}

#[test]
fn every_page_can_be_read_in_a_terminal() {
    for RuleDoc { rule, text } in RuleDoc::all() {
        // What the report prints is shown as it is printed.
        let prose = text.split("```text").next().unwrap_or_default();
        assert!(prose.lines().all(|line| line.chars().count() <= 120), "{rule}");
        let summary = RuleDoc::of(rule.name()).unwrap().summary();
        assert!(summary.len() <= 100 && !summary.is_empty() && !summary.ends_with('.'), "{rule}: {summary}");
        assert!(!text.contains(['{', '}']), "{rule}: SARIF takes braces for arguments");
    }
}

#[test]
fn no_page_proposes_to_drop_what_may_hold_data() {
    for RuleDoc { rule, text } in RuleDoc::all() {
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
    let page = RuleDoc::of("column-missing").unwrap();
    assert_eq!(page.summary(), "The entity has a field for which the table has no column");
    assert_eq!(RuleDoc::of("column-mising"), None);
}

#[test]
fn pages_and_the_example_give_a_relation_the_type_of_its_attribute() {
    let example = include_str!("../../examples/library.rs");
    let texts = RuleDoc::all().map(|page| page.text).chain([example]);
    let mut relations = 0;
    for text in texts {
        for (attribute, field) in text.lines().zip(text.lines().skip(1)) {
            for (name, ty) in [("belongs_to", "BelongsTo<"), ("has_one", "HasOne<"), ("has_many", "HasMany<")] {
                let begins = format!("#[sea_orm({name}");
                if attribute.trim_start().starts_with(&begins) && field.trim_start().starts_with("pub ") {
                    assert!(field.contains(ty), "{attribute}\n{field}");
                    relations += 1;
                }
            }
        }
    }
    assert!(relations > 4);
}

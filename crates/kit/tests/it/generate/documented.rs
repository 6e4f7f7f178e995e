//! The table of edits in `docs/generate.md` is that of the tests.

use std::fs;

use test_servers::Server::Postgres;

use super::edits::{Edit, Expected, edits};

fn row(edit: &Edit) -> String {
    let outcome = match edit.expected {
        Expected::Migrations([]) => "nothing is written".to_owned(),
        Expected::Migrations(suffixes) => {
            let one = |suffix: &&str| if suffix.is_empty() { "`NAME`".to_owned() } else { format!("`NAME_{suffix}`") };
            suffixes.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Expected::Asks(answers) => {
            format!("asks: {}", answers.iter().map(|answer| format!("`{answer}`")).collect::<Vec<_>>().join(", "))
        }
        Expected::Refuses(flag) if flag.starts_with("--") => format!("refused without `{flag}`"),
        Expected::Refuses(why) => format!("refused: {why}"),
    };
    let decisions = &edit.decisions;
    let flags = decisions.renames.iter().map(|(from, to)| format!("`--rename {from}={to}`"));
    let flags = flags.chain(decisions.drops.iter().map(|object| format!("`--drop {object}`")));
    let flags = flags.chain(decisions.keeps.iter().map(|object| format!("`--keep {object}`")));
    let flags = flags.chain(decisions.fills.iter().map(|(object, sql)| format!("`--fill {object}=\"{sql}\"`")));
    format!("| {} | {} | {outcome} |", edit.name, flags.collect::<Vec<_>>().join(", "))
}

#[test]
fn the_table_of_edits_is_that_of_the_tests() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/generate.md");
    let document = fs::read_to_string(document).unwrap();
    let rows: Vec<String> = edits(Postgres).iter().map(row).collect();
    let missing: Vec<&String> = rows.iter().filter(|row| !document.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/generate.md lacks {} rows:\n{}", missing.len(), rows.join("\n"));
}

//! Wraps text between words at the width of the terminal, which would break it within them.

use std::io::{self, IsTerminal};

use terminal_size::{Width, terminal_size_of};

/// How much further a continued line is indented.
const INDENT: usize = 4;

/// A narrower terminal would show a word a line.
const NARROWEST: usize = 40;

/// The columns of the terminal that is stdout; `None` if it is none.
pub(super) fn stdout_columns() -> Option<usize> {
    let stdout = io::stdout();
    stdout.is_terminal().then(|| terminal_size_of(stdout)).flatten().map(|(Width(columns), _)| columns.into())
}

/// The same of stderr.
pub(super) fn stderr_columns() -> Option<usize> {
    let stderr = io::stderr();
    stderr.is_terminal().then(|| terminal_size_of(stderr)).flatten().map(|(Width(columns), _)| columns.into())
}

/// The text with lines of at most so many columns, where words allow it. Statements and code stay as they are, to be pasted.
pub(super) fn wrapped(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| *columns >= NARROWEST) else { return text.to_owned() };
    let mut all = String::with_capacity(text.len());
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let begins = |label: &str| line.trim_start().starts_with(label);
        is_code =
            ["sql:", "code:", "rows:", "fill:"].into_iter().any(begins) || (is_code && line.starts_with("       "));
        if is_code { all.push_str(line) } else { wrap(line, columns, &mut all) }
    }
    all
}

/// A page of Markdown with its paragraphs at the width of the terminal, or as it is. Code and tables stay as they are; the
/// lines of a report are wrapped.
pub(super) fn reflowed(page: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| *columns >= NARROWEST) else { return page.to_owned() };
    let (mut all, mut paragraph) = (String::with_capacity(page.len()), String::new());
    let (mut is_code, mut is_report) = (false, false);
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        let begins_anew = is_fence || line.is_empty() || line.starts_with(['#', '|', '-']) || is_code;
        if begins_anew {
            fill(&mut paragraph, columns, &mut all);
        }
        if is_report && !is_fence {
            all.push_str(&wrapped(line, Some(columns)));
            all.push('\n');
        } else if is_code || is_fence || line.is_empty() || line.starts_with(['#', '|']) {
            all.push_str(line);
            all.push('\n');
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
        is_code ^= is_fence;
        is_report = is_code && (is_report || line == "```text");
    }
    fill(&mut paragraph, columns, &mut all);
    all
}

/// Writes the paragraph in lines of at most so many columns; those of a list item stand below its text.
fn fill(paragraph: &mut String, columns: usize, all: &mut String) {
    let indent = if paragraph.starts_with("- ") { "  " } else { "" };
    let mut used = 0;
    for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
        let length = width(word);
        if used > 0 && used + 1 + length > columns {
            all.push('\n');
            all.push_str(indent);
            used = indent.len();
        } else if used > 0 {
            all.push(' ');
            used += 1;
        }
        all.push_str(word);
        used += length;
    }
    if used > 0 {
        all.push('\n');
    }
    paragraph.clear();
}

fn wrap(line: &str, columns: usize, all: &mut String) {
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let mut used = 0;
    for word in line.split_inclusive(' ') {
        let length = width(word.trim_end());
        if used > indent + INDENT && used + length > columns {
            all.truncate(all.trim_end_matches(' ').len());
            all.push('\n');
            all.push_str(&" ".repeat(indent + INDENT));
            used = indent + INDENT;
        }
        all.push_str(word);
        used += width(word.trim_end_matches('\n'));
    }
}

/// The columns that a word takes, without the sequences that colour it.
fn width(word: &str) -> usize {
    let mut parts = word.split('\u{1b}');
    let first = parts.next().unwrap_or_default().chars().count();
    first + parts.map(|part| part.split_once('m').map_or(part, |(_, rest)| rest).chars().count()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_keep_their_indent() {
        let text = "error[type-differs]: `call_log.duration` is declared integer\n  every read of call_log that returns a value there fails\n\nend\n";
        let shown = "error[type-differs]: `call_log.duration` is\n    declared integer\n  every read of call_log that returns a value\n      there fails\n\nend\n";
        assert_eq!(wrapped(text, Some(45)), shown);
    }

    #[test]
    fn colours_take_no_columns() {
        let text = "\u{1b}[1m\u{1b}[31merror[unique-missing]\u{1b}[0m: `call_log` is unique\n";
        assert_eq!(wrapped(text, Some(44)), text);
    }

    #[test]
    fn what_is_pasted_is_not_wrapped() {
        let text = "  sql:  ALTER TABLE call_log ADD COLUMN recording_mode varchar(32);\n  code: manager.alter_table(Table::alter().table(\"call_log\"))\n        .await?;\n";
        assert_eq!(wrapped(text, Some(40)), text);
    }

    #[test]
    fn a_page_is_as_wide_as_the_terminal() {
        let page = "# column-missing\n\nThe entity has a field for which\nthe table has no column.\n\n- **reads fail**: \
                    every read names\n  the column\n- next\n\n```sql\nALTER TABLE call_log ADD COLUMN recording_mode varchar(32);\n```\n";
        let shown = "# column-missing\n\nThe entity has a field for which the\ntable has no column.\n\n- **reads fail**: every read names \
                     the\n  column\n- next\n\n```sql\nALTER TABLE call_log ADD COLUMN recording_mode varchar(32);\n```\n";
        assert_eq!(reflowed(page, Some(40)), shown);
        assert_eq!(reflowed(page, None), page);
    }

    #[test]
    fn the_pages_of_all_rules_fit_a_terminal() {
        for page in sea_orm_drift::RuleDoc::all() {
            let shown = reflowed(page.text, Some(80));
            let mut is_code = false;
            let mut is_prose = |line: &str| {
                is_code ^= line.starts_with("```");
                is_code &= line != "```text";
                !is_code && !line.starts_with('|')
            };
            for line in shown.lines().filter(|line| is_prose(line)) {
                assert!(line.chars().count() <= 80, "{}: {line}", page.rule);
            }
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&shown), words(page.text));
        }
    }

    #[test]
    fn without_a_terminal_nothing_is_wrapped() {
        let text = "a line that is longer than any terminal is wide, and is read by a program or from a file\n";
        assert_eq!(wrapped(text, None), text);
    }
}

//! For the summary of a job on GitHub, and for comments on pull requests: one table.

use std::{borrow::Cow, io};

use super::{
    Verbosity, message,
    summary::{Summary, count},
    suppression,
};
use crate::report::Report;

/// GitHub drops the whole summary of a step if it is longer than 1024 KiB, and several checks may share a step.
const BYTES: usize = 200 * 1024;

/// Characters in one cell.
const CELL: usize = 1000;

impl Report {
    /// Writes the report as a table in GitHub's Markdown, at most 256 KiB of it.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_markdown(&self, verbosity: Verbosity, sink: &mut dyn io::Write) -> io::Result<()> {
        writeln!(sink, "### Schema check\n\n{}", inline(&Summary { report: self, hint: false }.to_string()))?;
        let rows = self.rows(verbosity);
        if !rows.is_empty() {
            writeln!(sink, "\n| | rule | what differs | what it breaks | what to do |\n|---|---|---|---|---|")?;
        }
        let mut room = BYTES;
        let fits = rows.iter().take_while(|row| take(&mut room, row.len())).count();
        rows[..fits].iter().try_for_each(|row| writeln!(sink, "{row}"))?;
        if fits < rows.len() {
            writeln!(sink, "\n{} more", count(rows.len() - fits, "finding"))?;
        }
        let stale = self.stale.iter().map(|stale| format!("\nStale: {}", inline(&cut(&stale.to_string()))));
        let notes = self.notes.iter().map(|note| format!("\nNote: {}", inline(&cut(note))));
        let notes: Vec<String> = stale.chain(notes).collect();
        notes.iter().take_while(|note| take(&mut room, note.len())).try_for_each(|note| writeln!(sink, "{note}"))
    }

    fn rows(&self, verbosity: Verbosity) -> Vec<String> {
        let differences = self.shown(verbosity).map(|difference| {
            let reason = [difference.impact.reason.clone()].into_iter();
            row([
                &difference.severity().to_string(),
                &format!("`{}`", difference.change.rule()),
                &message::what_differs(difference),
                &reason.chain(suppression::lines(&difference.suppression)).collect::<Vec<_>>().join("; "),
                &message::advice(difference, &self.commands).unwrap_or_default(),
            ])
        });
        let unchecked = self.shown_unchecked(verbosity).map(|unchecked| {
            let what = format!("`{}`: {}", unchecked.object(), unchecked.question);
            let decided = suppression::lines(&unchecked.suppression).collect::<Vec<_>>().join("; ");
            row([&suppression::label(unchecked), &format!("`{}`", unchecked.rule), &what, &decided, ""])
        });
        differences.chain(unchecked).collect()
    }
}

fn take(room: &mut usize, length: usize) -> bool {
    room.checked_sub(length).map(|left| *room = left).is_some()
}

fn row(cells: [&str; 5]) -> String {
    let cells = cells.map(|cell| inline(&cut(cell)));
    format!("| {} |", cells.join(" | "))
}

fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(CELL) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{} ...", &text[..end])),
    }
}

/// Text that stays on its line and in its cell. Only the code between its backticks is markup.
fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let rendered = parts.iter().enumerate().map(|(number, part)| match number % 2 {
        0 => escaped(part),
        _ if number == last => format!("&#96;{}", escaped(part)),
        _ if part.contains(['|', '\n', '\r']) => format!("<code>{}</code>", escaped(part)),
        _ => format!("`{part}`"),
    });
    rendered.collect()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '&' | '<' | '>' | '|' | '\\' | '*' | '[' | ']' | '~' => {
                escaped.extend(["&#", &u32::from(c).to_string(), ";"]);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

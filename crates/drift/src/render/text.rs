//! For people.

use std::{borrow::Cow, fmt, io};

use super::{
    Verbosity, message,
    styles::Styles,
    summary::{Summary, count},
    suppression,
};
use crate::{
    change::{Change, declares_no_type},
    consequence::{Consequence, Severity},
    difference::{Difference, Unchecked},
    evidence::BackfillTemplate,
    model::{CharsetCoverage, Column, ColumnType, LogicalType, Sides},
    repair::{Repair, merged},
    report::Report,
};

impl Report {
    /// Writes the report for people, in plain text. Control characters in names are escaped.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_text(&self, verbosity: Verbosity, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{}", Text { report: self, verbosity, styles: &Styles::PLAIN, hint: Hint::Flag })
    }

    /// Writes the same text with ANSI colours, for a terminal that supports them.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_ansi_text(&self, verbosity: Verbosity, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{}", Text { report: self, verbosity, styles: &Styles::ANSI, hint: Hint::Flag })
    }
}

/// Warnings and errors, for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text { report: self, verbosity: Verbosity::Normal, styles: &Styles::PLAIN, hint: Hint::None }.fmt(f)
    }
}

/// Whether the reader can ask for what is hidden.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    /// With `-v`.
    Flag,
    None,
}

struct Text<'a> {
    report: &'a Report,
    verbosity: Verbosity,
    styles: &'a Styles,
    hint: Hint,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let aside = self.styles.aside;
        let shown: Vec<&Difference> = report.shown(self.verbosity).collect();
        let all_unchecked: Vec<&Unchecked> = report.shown_unchecked(self.verbosity).collect();
        for block in blocks(&shown) {
            self.write_block(f, &block)?;
        }
        for unchecked in &all_unchecked {
            let style = unchecked.severity().map_or(aside, |severity| self.styles.of(severity));
            let (label, rule) = (suppression::label(unchecked), unchecked.rule);
            let (object, question) = (unchecked.object().to_string(), &unchecked.question);
            let unknown = if question.starts_with("whether ") { "not known " } else { "" };
            writeln!(f, "{style}{label}[{rule}]{style:#}: `{}`: {unknown}{}", printable(&object), printable(question))?;
            Self::write_suppression(f, suppression::lines(&unchecked.suppression))?;
            writeln!(f)?;
        }
        for stale in &report.stale {
            writeln!(f, "{aside}stale{aside:#}: {}\n", printable(&stale.to_string()))?;
        }
        for note in &report.notes {
            writeln!(f, "{aside}note{aside:#}: {}\n", printable(note))?;
        }
        let explained = shown.iter().filter(|difference| difference.severity() >= Severity::Warning);
        let mut explained = explained
            .map(|difference| difference.change.rule())
            .chain(all_unchecked.iter().map(|unchecked| unchecked.rule));
        if let (Some(explain), Some(rule)) = (&report.commands.explain, explained.next()) {
            let help = self.styles.help;
            writeln!(f, "{help}help{help:#}: what `{rule}` means: {} {rule}\n", printable(explain))?;
        }
        let is_hiding = shown.len() < report.differences.len() || all_unchecked.len() < report.unchecked.len();
        let summary = Summary { report, hint: self.hint == Hint::Flag && is_hiding };
        writeln!(f, "{}", printable(&summary.to_string()))
    }
}

impl Text<'_> {
    fn write_block(&self, f: &mut fmt::Formatter<'_>, block: &[&Difference]) -> fmt::Result {
        let Some(first) = block.first() else { return Ok(()) };
        let (severity, rule, style) = (first.severity(), first.change.rule(), self.styles.of(first.severity()));
        if let Some(shared) = shared(first).filter(|_| block.len() > 1) {
            let count = count(block.len(), "column");
            writeln!(f, "{style}{severity}[{rule}]{style:#}: {count} {}:", printable(&shared))?;
            for difference in block {
                let ty = if let Change::Type { sides, .. } = &difference.change {
                    format!(" {}", sides.live)
                } else {
                    String::new()
                };
                writeln!(f, "    {}{}", printable(&difference.object().to_string()), printable(&ty))?;
            }
            writeln!(f, "  {}", printable(&first.impact.reason))?;
            Self::write_suppression(f, suppression::lines(&first.suppression))?;
            return writeln!(f);
        }
        let (help, commands) = (self.styles.help, &self.report.commands);
        let columns: Vec<&Column> = block.iter().filter_map(|difference| missing_column(difference)).collect();
        if block.len() > 1 {
            let columns = count(columns.len(), "declared column");
            let table = first.table.to_string();
            writeln!(f, "{style}{severity}[{rule}]{style:#}: `{}` lacks {columns}:", printable(&table))?;
        } else {
            writeln!(f, "{style}{severity}[{rule}]{style:#}: {}", printable(&message::what_differs(first)))?;
        }
        for difference in block.iter().filter(|_| block.len() > 1) {
            writeln!(f, "    {}", printable(&message::missing_column(difference)))?;
        }
        writeln!(f, "  {}", printable(&first.impact.reason))?;
        Self::write_suppression(f, suppression::lines(&first.suppression))?;
        let advice = if block.len() > 1 {
            message::advice_about_columns(first, commands)
        } else {
            message::advice(first, commands)
        };
        if let Some(advice) = advice {
            writeln!(f, "  {help}help{help:#}: {}", printable(&advice))?;
        }
        for difference in block {
            Self::write_rows(f, difference)?;
        }
        let repairs: Vec<&Repair> = block.iter().filter_map(|difference| difference.repair()).collect();
        if let Some(repair) = merged(&repairs, self.report.dialect) {
            write_repair(f, &repair)?;
        }
        writeln!(f)
    }

    /// The rows that do not fit, to be listed and changed.
    fn write_rows(f: &mut fmt::Formatter<'_>, difference: &Difference) -> fmt::Result {
        let of_change = if let Change::RowsUnreadable { rows, .. } = &difference.change { Some(rows) } else { None };
        let Some(rows) = difference.rows.as_ref().or(of_change) else { return Ok(()) };
        rows.select.iter().try_for_each(|select| writeln!(f, "  rows: {};", printable(select)))?;
        let Some(BackfillTemplate { sql, code, .. }) = &rows.backfill else { return Ok(()) };
        writeln!(f, "  fill: {};", printable(sql))?;
        code.iter().try_for_each(|code| writeln!(f, "        {}", printable(code)))?;
        writeln!(f, "  note: adapt the value before you run it")
    }

    fn write_suppression(f: &mut fmt::Formatter<'_>, mut lines: impl Iterator<Item = String>) -> fmt::Result {
        lines.try_for_each(|line| writeln!(f, "  {}", printable(&line)))
    }
}

/// The differences one by one, but the missing columns of a table together, where all else about them is the same.
fn blocks<'a>(shown: &[&'a Difference]) -> Vec<Vec<&'a Difference>> {
    let mut blocks: Vec<Vec<&Difference>> = Vec::new();
    for difference in shown {
        let belongs =
            |block: &&mut Vec<&Difference>| block.first().is_some_and(|first| belong_together(first, difference));
        match blocks.iter_mut().find(belongs) {
            Some(block) => block.push(difference),
            None => blocks.push(vec![difference]),
        }
    }
    blocks
}

fn belong_together(one: &Difference, other: &Difference) -> bool {
    if shared(one).is_some() {
        return shared(one) == shared(other)
            && (one.consequence(), &one.suppression) == (other.consequence(), &other.suppression);
    }
    missing_column(one).is_some()
        && missing_column(other).is_some()
        && (&one.table, &one.cause, &one.suppression) == (&other.table, &other.cause, &other.suppression)
}

/// What is said of many columns at once. In entities that were generated from tables there may be hundreds of them.
fn shared(difference: &Difference) -> Option<String> {
    if let Change::Type { sides: Sides { declared, live }, .. } = &difference.change {
        return unsaid(declared, live, difference.consequence()).map(|what| format!("of a {what} that no entity says"));
    }
    let Change::Collation { sides: Sides { declared: None, live: Some(live) }, .. } = &difference.change else {
        return None;
    };
    let is_limited = live.coverage == CharsetCoverage::Limited;
    is_limited.then(|| format!("that can only hold the characters of {}", live.name))
}

/// What a declared type leaves unchecked.
fn unsaid(declared: &ColumnType, live: &ColumnType, consequence: Consequence) -> Option<&'static str> {
    match (&declared.kind, &live.kind) {
        _ if declares_no_type(declared, live) && consequence == Consequence::Nothing => Some("length"),
        // No type of SeaORM has a precision.
        (LogicalType::Timestamp { .. }, LogicalType::Timestamp { .. })
        | (LogicalType::Time { .. }, LogicalType::Time { .. })
            if consequence == Consequence::ValuesChange && !declared.text.contains('(') =>
        {
            Some("precision")
        }
        _ => None,
    }
}

fn missing_column(difference: &Difference) -> Option<&Column> {
    if let Change::ColumnMissing { declared, .. } = &difference.change { Some(declared) } else { None }
}

/// To be pasted as it stands, from after each `sql:` and `code:`.
fn write_repair(f: &mut fmt::Formatter<'_>, repair: &Repair) -> fmt::Result {
    repair.sql.iter().try_for_each(|statement| writeln!(f, "  sql:  {};", printable(statement)))?;
    for (number, line) in repair.code.lines().enumerate() {
        writeln!(f, "  {} {}", if number == 0 { "code:" } else { "     " }, printable(line))?;
    }
    repair.remarks.iter().try_for_each(|remark| writeln!(f, "  note: {}", printable(remark)))
}

/// A name may hold a newline, and with it a command for GitHub Actions (`::error`), or escape sequences for a terminal.
fn printable(text: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

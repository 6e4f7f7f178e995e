//! Masks a statement of another session: its strings, long numbers and comments may hold personal data. It cuts the statement
//! where it cannot tell what follows.

use std::{iter::Peekable, str::Chars};

use sea_orm_migration::sea_orm::DbBackend;

/// The maximum length in characters.
const MAX_LENGTH: usize = 160;

/// A number with as many digits or more may be personal data.
const MIN_MASKED_DIGITS: usize = 5;

pub(super) fn masked(statement: &str, backend: DbBackend) -> String {
    let mut reader = Reader { left: statement.chars().peekable(), shown: String::new(), backend };
    // If it is unsure, show what it has read so far.
    let _ = reader.read();
    let mut shown = reader.shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = shown.char_indices().nth(MAX_LENGTH) {
        shown.truncate(end);
        shown.push_str(" ...");
    }
    shown
}

struct Reader<'a> {
    left: Peekable<Chars<'a>>,
    shown: String,
    backend: DbBackend,
}

/// What follows may be part of a string.
struct Unsure;

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Unsure> {
        while let Some(next) = self.left.next() {
            let after = self.left.peek().copied();
            match (next, after) {
                ('\'', _) => self.text('\'')?,
                ('"', _) if self.backend == DbBackend::MySql => self.text('"')?,
                ('"' | '`', _) => self.name(next)?,
                ('-', Some('-')) | ('#', _) if next == '-' || self.backend == DbBackend::MySql => self.comment_line(),
                ('/', Some('*')) => self.comment()?,
                ('$', Some(after)) if !after.is_ascii_digit() => return self.unsure(),
                (digit, _) if digit.is_ascii_digit() && !self.is_in_word() => self.number(digit),
                (other, _) => self.shown.push(other),
            }
        }
        Ok(())
    }

    /// A string in quotes, with quotes doubled inside. Whether a backslash escapes a quote depends on settings that are unknown
    /// here.
    fn text(&mut self, quote: char) -> Result<(), Unsure> {
        self.shown.extend([quote, '.', '.', '.', quote]);
        while let Some(next) = self.left.next() {
            match (next, self.left.peek()) {
                ('\\', _) => return self.unsure(),
                (end, Some(again)) if end == quote && *again == quote => drop(self.left.next()),
                (end, _) if end == quote => return Ok(()),
                _ => {}
            }
        }
        Err(Unsure)
    }

    fn name(&mut self, quote: char) -> Result<(), Unsure> {
        self.shown.push(quote);
        for next in self.left.by_ref() {
            self.shown.push(next);
            if next == quote {
                return Ok(());
            }
        }
        // Without an end it is not a name.
        self.shown.clear();
        Err(Unsure)
    }

    fn comment_line(&mut self) {
        self.left.by_ref().take_while(|next| *next != '\n').for_each(drop);
        self.shown.push(' ');
    }

    fn comment(&mut self) -> Result<(), Unsure> {
        let mut before = ' ';
        for next in self.left.by_ref().skip(1) {
            match (before, next) {
                ('*', '/') => return Ok(()),
                // PostgreSQL nests comments.
                ('/', '*') => return Err(Unsure),
                _ => before = next,
            }
        }
        Err(Unsure)
    }

    fn number(&mut self, first: char) {
        let mut digits = String::from(first);
        while let Some(digit) = self.left.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        self.shown.push_str(if digits.len() < MIN_MASKED_DIGITS { &digits } else { "..." });
    }

    fn is_in_word(&self) -> bool {
        self.shown.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == '_' || last == '$')
    }

    fn unsure(&mut self) -> Result<(), Unsure> {
        self.shown.push_str(" ...");
        Err(Unsure)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PHONE: &str = "+972501234567";

    #[rstest]
    #[case::a_text("SELECT 'PHONE'", "SELECT '...'")]
    #[case::a_doubled_quote("SELECT 'a''PHONE' FROM t", "SELECT '...' FROM t")]
    #[case::a_name("SELECT \"id\" FROM \"call_log\"", "SELECT \"id\" FROM \"call_log\"")]
    #[case::an_escaped_quote("SELECT E'it\\'s' <> 'PHONE'", "SELECT E'...' ...")]
    #[case::a_backslash_at_the_end("SELECT 'C:\\', 'PHONE'", "SELECT '...' ...")]
    #[case::a_dollar_quote("SELECT $$PHONE$$", "SELECT ...")]
    #[case::a_dollar_quote_with_a_tag("SELECT $a$PHONE$a$", "SELECT ...")]
    #[case::a_placeholder("SELECT $1 WHERE id = $2", "SELECT $1 WHERE id = $2")]
    #[case::a_comment("SELECT /* don't */ 1, 'PHONE' -- PHONE", "SELECT 1, '...'")]
    #[case::comments_in_comments("SELECT /* /* */ ' */ PHONE", "SELECT")]
    #[case::a_text_without_an_end("SELECT 'PHONE", "SELECT '...'")]
    #[case::a_name_without_an_end("SELECT \"PHONE", "")]
    #[case::a_long_number("SELECT 972501234567, 42, t1, ix_20251228", "SELECT ..., 42, t1, ix_20251228")]
    #[case::white_space("SELECT  *\n\tFROM t", "SELECT * FROM t")]
    fn personal_data_is_masked(#[case] statement: &str, #[case] expected: &str) {
        let statement = statement.replace("PHONE", PHONE);
        let shown = masked(&statement, DbBackend::Postgres);
        assert_eq!(shown, expected);
        assert!(!shown.contains("501234567"));
    }

    #[rstest]
    #[case::double_quotes_are_a_text("SELECT \"PHONE\" FROM `call_log`", "SELECT \"...\" FROM `call_log`")]
    #[case::a_comment("SELECT 1 # PHONE's", "SELECT 1")]
    fn mysql_has_quotes_of_its_own(#[case] statement: &str, #[case] expected: &str) {
        assert_eq!(masked(&statement.replace("PHONE", PHONE), DbBackend::MySql), expected);
    }

    #[test]
    fn a_long_statement_is_cut_between_characters() {
        assert_eq!(masked(&"א".repeat(1_000), DbBackend::Postgres).chars().count(), MAX_LENGTH + 4);
    }
}

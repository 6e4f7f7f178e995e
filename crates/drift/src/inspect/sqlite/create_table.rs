//! What SQLite keeps only as the words of `CREATE TABLE`: CHECKs and collations. Reads no more of them than that.
//! Source: <https://www.sqlite.org/lang_createtable.html>.

use crate::model::Check;

/// What stands in the parentheses of a `CREATE TABLE`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Definitions {
    pub(super) checks: Vec<Check>,
    /// Columns with a `COLLATE`, and its name.
    pub(super) collations: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Token<'a> {
    /// As it is written, with quotes.
    text: &'a str,
    start: usize,
    /// How many parentheses are open around it.
    depth: usize,
}

impl Token<'_> {
    fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }

    /// A name without its quotes.
    fn name(&self) -> String {
        let closing = match self.text.chars().next() {
            Some('[') => ']',
            Some(quote @ ('"' | '`' | '\'')) => quote,
            _ => return self.text.to_owned(),
        };
        let inside = &self.text[1..self.text.len() - 1];
        inside.replace(&format!("{closing}{closing}"), &closing.to_string())
    }
}

pub(super) fn definitions(sql: &str, columns: &[String]) -> Definitions {
    // Most have neither.
    let upper = sql.to_ascii_uppercase();
    if !upper.contains("CHECK") && !upper.contains("COLLATE") {
        return Definitions::default();
    }
    let tokens = tokens(sql);
    let mut found = Definitions::default();
    let body = tokens.iter().skip_while(|token| token.depth == 0).copied().collect::<Vec<_>>();
    for definition in body.split(|token| token.depth == 1 && token.text == ",") {
        let Some(first) = definition.first() else { continue };
        let name = first.name();
        let column = columns.iter().find(|column| column.eq_ignore_ascii_case(&name));
        for (position, token) in definition.iter().enumerate().filter(|(_, token)| token.depth == 1) {
            if token.is("CHECK") {
                found.checks.extend(check(sql, &definition[position + 1..], columns));
            } else if let (true, Some(column), Some(name)) = (token.is("COLLATE"), column, definition.get(position + 1))
            {
                found.collations.push((column.clone(), name.name()));
            }
        }
    }
    found
}

/// The parenthesis behind `CHECK`.
fn check(sql: &str, behind: &[Token<'_>], columns: &[String]) -> Option<Check> {
    let open = behind.first().filter(|token| token.text == "(")?;
    let inside: Vec<&Token<'_>> = behind[1..].iter().take_while(|token| token.depth > open.depth).collect();
    let (first, last) = (inside.first()?, inside.last()?);
    let text = format!("({})", &sql[first.start..last.start + last.text.len()]);
    let is_named = |column: &&String| inside.iter().any(|token| token.name().eq_ignore_ascii_case(column));
    Some(Check { name: String::new(), text, columns: columns.iter().filter(is_named).cloned().collect() })
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    while let Some(first) = sql[start..].chars().next() {
        let rest = &sql[start..];
        let length = length(rest, first);
        let text = &rest[..length];
        if !first.is_whitespace() && !is_comment(rest) {
            depth -= usize::from(first == ')').min(depth);
            tokens.push(Token { text, start, depth });
            depth += usize::from(first == '(');
        }
        start += length;
    }
    tokens
}

fn is_comment(rest: &str) -> bool {
    rest.starts_with("--") || rest.starts_with("/*")
}

/// Of the token, blank or comment that `rest` begins with.
fn length(rest: &str, first: char) -> usize {
    let through = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    match first {
        '-' if rest.starts_with("--") => through("\n", 2),
        '/' if rest.starts_with("/*") => through("*/", 2),
        '[' => through("]", 1),
        '"' | '`' | '\'' => quoted_length(rest, first),
        _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        _ => first.len_utf8(),
    }
}

/// Doubled quotes stand for one.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Definitions {
        definitions(sql, &["id".to_owned(), "two words".to_owned(), "check".to_owned()])
    }

    #[test]
    fn checks_and_collations_are_found_where_they_are_meant() {
        let found = of(r#"CREATE TABLE "a (b" (
            id integer PRIMARY KEY CHECK (id > (0)), -- CHECK (nothing)
            "two words" text COLLATE NOCASE DEFAULT ') CHECK (1, ' /* COLLATE x */,
            [check] text,
            CONSTRAINT c CHECK ("two words" <> ')' AND id < 9)
        )"#);
        let texts: Vec<&str> = found.checks.iter().map(|check| check.text.as_str()).collect();
        assert_eq!(texts, ["(id > (0))", r#"("two words" <> ')' AND id < 9)"#]);
        assert_eq!(found.checks[1].columns, ["id", "two words"]);
        assert_eq!(found.collations, [("two words".to_owned(), "NOCASE".to_owned())]);
    }

    #[test]
    fn what_ends_too_early_is_no_reason_to_panic() {
        for sql in
            ["", "CREATE TABLE t", "CREATE TABLE t (a CHECK", "CREATE TABLE t (a 'x", "CREATE TABLE t (a CHECK (", ")"]
        {
            assert_eq!(of(sql), Definitions::default(), "{sql}");
        }
    }
}

//! Takes the text of constraints and column options apart, no further than words, quotes and parentheses: where a
//! `CHECK` or a `COLLATE` really is one, and not part of a name, a constant or a comment.

use crate::model::{Check, Dialect};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    /// As it is written, with quotes.
    pub(crate) text: &'a str,
    start: usize,
    /// How many parentheses are open around it.
    pub(crate) depth: usize,
}

impl Token<'_> {
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }

    /// Where it begins.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// What follows it in the text that it was taken from.
    pub(crate) fn after<'a>(&self, sql: &'a str) -> &'a str {
        sql.get(self.start + self.text.len()..).unwrap_or_default()
    }

    /// A name without its quotes.
    pub(crate) fn name(&self) -> String {
        let closing = match self.text.chars().next() {
            Some('[') => ']',
            Some(quote @ ('"' | '`' | '\'')) => quote,
            _ => return self.text.to_owned(),
        };
        let inside = self.text.strip_suffix(closing).unwrap_or(self.text);
        inside.get(1..).unwrap_or_default().replace(&format!("{closing}{closing}"), &closing.to_string())
    }

    /// Whether an expression that contains it refers to the column. Only PostgreSQL folds a name that is not quoted.
    pub(crate) fn refers_to(&self, column: &str, dialect: Dialect) -> bool {
        match (self.text.chars().next(), dialect) {
            (Some('\''), _) | (Some('"'), Dialect::MySql | Dialect::MariaDb) => false,
            (Some('"'), Dialect::Postgres) => self.name() == column,
            (_, Dialect::Postgres) => self.text.to_lowercase() == column,
            (_, Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite) => dialect.same_name(&self.name(), column),
        }
    }
}

/// The parenthesised condition that follows the keyword `CHECK`, with the columns that it refers to.
pub(crate) fn check_constraint(sql: &str, after: &[Token<'_>], columns: &[String], dialect: Dialect) -> Option<Check> {
    let open = after.first()?;
    let text = format!("({})", text_in_parentheses(sql, after)?);
    let inside = after[1..].iter().take_while(|token| token.depth > open.depth);
    let is_named = |column: &&String| inside.clone().any(|token| token.refers_to(column, dialect));
    Some(Check { name: String::new(), text, columns: columns.iter().filter(is_named).cloned().collect() })
}

/// The columns in which a CHECK with this condition allows no NULL, whatever else it says.
pub(crate) fn columns_without_null(condition: &str, columns: &[String], dialect: Dialect) -> Vec<String> {
    let tokens = tokens(condition);
    let names = conjuncts(&tokens).into_iter().filter_map(not_null);
    let own = |name: &Token<'_>| columns.iter().find(|column| name.refers_to(column, dialect)).cloned();
    // A domain calls its column so.
    let of_domain = |name: &Token<'_>| name.is("VALUE").then(|| columns.first().cloned()).flatten();
    names.filter_map(|name| own(&name).or_else(|| of_domain(&name))).collect()
}

/// The parts that all have to be true.
fn conjuncts<'a, 'b>(tokens: &'a [Token<'b>]) -> Vec<&'a [Token<'b>]> {
    let inside = without_parentheses(tokens);
    let Some(depth) = inside.iter().map(|token| token.depth).min() else { return Vec::new() };
    let is_here = |token: &Token<'_>, word: &str| token.depth == depth && token.is(word);
    let others = ["OR", "XOR", "CASE", "BETWEEN"];
    let is_whole = inside.iter().any(|token| others.iter().any(|word| is_here(token, word)));
    if is_whole || !inside.iter().any(|token| is_here(token, "AND")) {
        return vec![inside];
    }
    inside.split(|token| is_here(token, "AND")).flat_map(conjuncts).collect()
}

fn without_parentheses<'a, 'b>(tokens: &'a [Token<'b>]) -> &'a [Token<'b>] {
    match tokens {
        [open, inside @ .., close]
            if open.text == "(" && close.text == ")" && inside.iter().all(|token| token.depth > open.depth) =>
        {
            without_parentheses(inside)
        }
        _ => tokens,
    }
}

/// The name in `name IS NOT NULL`, `name NOTNULL` or `NOT name IS NULL`.
fn not_null<'b>(condition: &[Token<'b>]) -> Option<Token<'b>> {
    match condition {
        [name, is, not, null] if is.is("IS") && not.is("NOT") && null.is("NULL") => Some(*name),
        [name, notnull] if notnull.is("NOTNULL") => Some(*name),
        [not, rest @ ..] if not.is("NOT") => match without_parentheses(rest) {
            [name, is, null] if is.is("IS") && null.is("NULL") => Some(*name),
            _ => None,
        },
        _ => None,
    }
}

/// All CHECKs in the options of a column: `DEFAULT 0 CHECK (rating > 0)`.
pub(crate) fn check_constraints_in(options: &str, columns: &[String], dialect: Dialect) -> Vec<Check> {
    let tokens = tokens(options);
    let keywords = tokens.iter().enumerate().filter(|(_, token)| token.depth == 0 && token.is("CHECK"));
    keywords.filter_map(|(position, _)| check_constraint(options, &tokens[position + 1..], columns, dialect)).collect()
}

/// The collation in the options of a column: `COLLATE "C"`, without its schema.
pub(crate) fn collation_in(options: &str) -> Option<String> {
    let tokens = tokens(options);
    let keyword = tokens.iter().position(|token| token.depth == 0 && token.is("COLLATE"))?;
    let is_qualified = tokens.get(keyword + 2).is_some_and(|token| token.text == ".");
    Some(tokens.get(keyword + if is_qualified { 3 } else { 1 })?.name())
}

/// The expression of a generated column in its options: `GENERATED ALWAYS AS (a + b) STORED`.
pub(crate) fn generation_expression_in(options: &str) -> Option<String> {
    let tokens = tokens(options);
    let keyword = tokens.iter().position(|token| token.depth == 0 && token.is("AS"))?;
    text_in_parentheses(options, &tokens[keyword + 1..])
}

/// What the parentheses hold that follow.
pub(crate) fn text_in_parentheses(sql: &str, after: &[Token<'_>]) -> Option<String> {
    let open = after.first().filter(|token| token.text == "(")?;
    let inside: Vec<&Token<'_>> = after[1..].iter().take_while(|token| token.depth > open.depth).collect();
    let (first, last) = (inside.first()?, inside.last()?);
    Some(sql[first.start..last.start + last.text.len()].to_owned())
}

pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
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
mod tests;

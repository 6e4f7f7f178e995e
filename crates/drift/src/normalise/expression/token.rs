//! Takes the text of an expression apart.

use crate::model::Dialect;

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// What a constant's quotes hold.
    Text(String),
    /// `b'1010'`: the letter, and what the quotes hold.
    Prefixed(String, String),
    Number(String),
    /// A keyword or a name, in lower case.
    Word(String),
    /// A name that was quoted.
    Quoted(String),
    Symbol(String),
}

/// `None` if a quote does not close, or a character belongs to nothing known.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Option<Vec<Token>> {
    let is_mysql = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let escapes = if is_mysql { Escapes::MySql } else { Escapes::None };
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let (text, length) = quoted(rest, escapes)?;
                match tokens.last_mut() {
                    // Side by side they are one: <https://dev.mysql.com/doc/refman/8.0/en/string-literals.html>.
                    Some(Token::Text(before)) => before.push_str(&text),
                    _ => tokens.push(Token::Text(text)),
                }
                length
            }
            '"' | '`' => {
                let (name, length) = quoted(rest, Escapes::None)?;
                let is_text = first == '"' && is_mysql;
                let name = if is_mysql { name.to_lowercase() } else { name };
                tokens.push(if is_text { Token::Text(name) } else { Token::Quoted(name) });
                length
            }
            '0'..='9' | '.' if starts_number(rest) => {
                let length = number_length(rest);
                tokens.push(Token::Number(rest[..length].to_lowercase()));
                length
            }
            _ if is_word(first) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let word = rest[..length].to_lowercase();
                if rest[length..].starts_with('\'') {
                    let (inside, consumed) =
                        quoted(&rest[length..], if word == "e" { Escapes::Postgres } else { escapes })?;
                    match word.as_str() {
                        "b" | "x" => tokens.push(Token::Prefixed(word, inside)),
                        "e" | "n" => tokens.push(Token::Text(inside)),
                        // `_utf8mb4'a'`
                        _ if is_mysql && word.starts_with('_') => tokens.push(Token::Text(inside)),
                        _ => tokens.extend([Token::Word(word), Token::Text(inside)]),
                    }
                    length + consumed
                } else {
                    tokens.push(Token::Word(word));
                    length
                }
            }
            _ => {
                const LONG: [&str; 18] = [
                    "!~~*", "~~*", "!~~", "!~*", "<=>", "->>", "!~", "~*", "~~", "::", "||", "->", "<=", ">=", "<>",
                    "!=", "==", "&&",
                ];
                let symbol = LONG.into_iter().find(|symbol| rest.starts_with(symbol));
                let length = symbol.map_or(first.len_utf8(), str::len);
                "()[],.+-*/%=<>!|:~".contains(first).then_some(())?;
                tokens.push(Token::Symbol(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn starts_number(rest: &str) -> bool {
    rest.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit())
}

fn number_length(rest: &str) -> usize {
    let mut before = ' ';
    let mut is_part = |c: char| {
        let is_sign_of_exponent = (c == '+' || c == '-') && before.eq_ignore_ascii_case(&'e');
        before = c;
        c.is_ascii_digit() || c == '.' || c.eq_ignore_ascii_case(&'e') || is_sign_of_exponent
    };
    rest.find(|c| !is_part(c)).unwrap_or(rest.len())
}

/// What a backslash does inside quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// Nothing.
    None,
    /// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE>
    Postgres,
    /// <https://dev.mysql.com/doc/refman/8.0/en/string-literals.html>
    MySql,
}

/// What the quotes at the beginning hold, and how long it is with them. A doubled quote stands for one.
fn quoted(rest: &str, escapes: Escapes) -> Option<(String, usize)> {
    let mut characters = rest.char_indices().peekable();
    let (_, quote) = characters.next()?;
    let mut value = String::new();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && escapes != Escapes::None {
            let (_, next) = characters.next()?;
            let mut digits = next.to_string();
            let is_octal = |c: char| escapes == Escapes::Postgres && c.is_digit(8);
            while is_octal(next) && digits.len() < 3 {
                let Some((_, digit)) = characters.next_if(|(_, digit)| is_octal(*digit)) else { break };
                digits.push(digit);
            }
            value.push(match next {
                _ if is_octal(next) => char::from(u8::from_str_radix(&digits, 8).ok()?),
                '0' => '\0',
                'b' => '\u{8}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'f' if escapes == Escapes::Postgres => '\u{c}',
                'Z' if escapes == Escapes::MySql => '\u{1a}',
                other => other,
            });
        } else if character != quote {
            value.push(character);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            value.push(quote);
        } else {
            return Some((value, at + quote.len_utf8()));
        }
    }
    None
}

#[cfg(test)]
mod tests;

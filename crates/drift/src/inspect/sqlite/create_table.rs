//! Reads CHECKs and collations from the text of `CREATE TABLE`, where alone SQLite has them.
//! Source: <https://www.sqlite.org/lang_createtable.html>.

use crate::{
    model::{Check, Dialect},
    normalise::{check, tokens},
};

/// The definitions of a `CREATE TABLE`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Definitions {
    pub(super) checks: Vec<Check>,
    /// Columns with a `COLLATE`, and its name.
    pub(super) collations: Vec<(String, String)>,
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
                found.checks.extend(check(sql, &definition[position + 1..], columns, Dialect::Sqlite));
            } else if let (true, Some(column), Some(name)) = (token.is("COLLATE"), column, definition.get(position + 1))
            {
                found.collations.push((column.clone(), name.name()));
            }
        }
    }
    found
}

/// The condition of a `CREATE INDEX`.
pub(super) fn where_of(sql: &str) -> Option<&str> {
    let keyword = tokens(sql).into_iter().rfind(|token| token.depth == 0 && token.is("WHERE"))?;
    Some(keyword.after(sql))
}

/// What a trigger reacts to: `INSERT`, `UPDATE`, `UPDATE OF`, `DELETE`.
pub(super) fn trigger_event(sql: &str) -> Option<String> {
    let tokens = tokens(sql);
    let event = tokens.iter().position(|token| ["INSERT", "UPDATE", "DELETE"].iter().any(|event| token.is(event)))?;
    let is_of_columns = tokens.get(event + 1).is_some_and(|token| token.is("OF"));
    Some(format!("{}{}", tokens[event].text.to_ascii_uppercase(), if is_of_columns { " OF" } else { "" }))
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

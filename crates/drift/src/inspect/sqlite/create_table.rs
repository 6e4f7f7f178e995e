//! Reads CHECKs, collations, generated columns and conflict clauses from the text of `CREATE TABLE`, where alone SQLite has them.
//! Source: <https://www.sqlite.org/lang_createtable.html>.

use crate::{
    model::{Check, Dialect},
    normalise::{Token, check_constraint, text_in_parentheses, tokens},
};

/// The definitions of a `CREATE TABLE`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Definitions {
    pub(super) checks: Vec<Check>,
    /// Columns with a `COLLATE`, and its name.
    pub(super) collations: Vec<(String, String)>,
    /// Generated columns, and their expressions.
    pub(super) expressions: Vec<(String, String)>,
    /// What happens to a row that violates a constraint, where it is not simply rejected.
    pub(super) conflicts: Vec<Conflict>,
}

/// An `ON CONFLICT` clause of a constraint. Source: <https://www.sqlite.org/lang_conflict.html>.
#[derive(Debug, PartialEq)]
pub(super) struct Conflict {
    pub(super) constraint: ConstraintKind,
    pub(super) columns: Vec<String>,
    /// In capitals: `REPLACE`.
    pub(super) action: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConstraintKind {
    Unique,
    PrimaryKey,
    NotNull,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let constraint = match self.constraint {
            ConstraintKind::Unique => "UNIQUE",
            ConstraintKind::PrimaryKey => "PRIMARY KEY",
            ConstraintKind::NotNull => "NOT NULL",
        };
        write!(f, "{constraint} ON CONFLICT {} of {}", self.action, self.columns.join(", "))
    }
}

pub(super) fn definitions(sql: &str, columns: &[String]) -> Definitions {
    // Most have none of them.
    let upper = sql.to_ascii_uppercase();
    if !["CHECK", "COLLATE", "AS", "CONFLICT"].iter().any(|word| upper.contains(word)) {
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
                found.checks.extend(check_constraint(sql, &definition[position + 1..], columns, Dialect::Sqlite));
            } else if token.is("CONFLICT") {
                found.conflicts.extend(conflict(definition, position, column));
            } else if let (true, Some(column)) = (token.is("AS"), column) {
                let expression = text_in_parentheses(sql, &definition[position + 1..]);
                found.expressions.extend(expression.map(|expression| (column.clone(), expression)));
            } else if let (true, Some(column), Some(name)) = (token.is("COLLATE"), column, definition.get(position + 1))
            {
                found.collations.push((column.clone(), name.name()));
            }
        }
    }
    found
}

/// The clause whose `CONFLICT` is at `position` of a definition: that of `column`, or a constraint of the table.
fn conflict(definition: &[Token<'_>], position: usize, column: Option<&String>) -> Option<Conflict> {
    let (before, action) = (&definition[..position], definition.get(position + 1)?.text.to_uppercase());
    let is_kept = ["ABORT"].contains(&action.as_str());
    let keyword = |token: &Token<'_>| {
        let kinds = [
            ("UNIQUE", ConstraintKind::Unique),
            ("KEY", ConstraintKind::PrimaryKey),
            ("NULL", ConstraintKind::NotNull),
        ];
        kinds.into_iter().find(|(word, _)| token.depth == 1 && token.is(word)).map(|(_, kind)| kind)
    };
    let (at, constraint) = before.iter().enumerate().rev().find_map(|(at, token)| Some((at, keyword(token)?)))?;
    let columns = if let Some(column) = column {
        vec![column.clone()]
    } else {
        let listed = before[at + 1..].iter().filter(|token| token.depth == 2).copied().collect::<Vec<_>>();
        let parts = listed.split(|token| token.text == ",");
        parts.filter_map(|part| part.first()).map(Token::name).collect()
    };
    (!is_kept && !columns.is_empty()).then_some(Conflict { constraint, columns, action })
}

/// The condition of a `CREATE INDEX`.
pub(super) fn where_of(sql: &str) -> Option<&str> {
    let keyword = tokens(sql).into_iter().rfind(|token| token.depth == 0 && token.is("WHERE"))?;
    Some(keyword.after(sql))
}

/// What a `CREATE INDEX` computes for each row: its expressions and its `WHERE`.
pub(super) fn computed_by(sql: &str) -> Vec<String> {
    let tokens = tokens(sql);
    let Some(open) = tokens.iter().position(|token| token.depth == 0 && token.text == "(") else { return Vec::new() };
    let body: Vec<Token<'_>> = tokens[open + 1..].iter().take_while(|token| token.depth > 0).copied().collect();
    let is_here = |token: &Token<'_>, word: &str| token.depth == 1 && token.is(word);
    let parts = body.split(|token| is_here(token, ",")).map(|part| {
        let end = part.iter().position(|token| ["COLLATE", "ASC", "DESC"].iter().any(|word| is_here(token, word)));
        &part[..end.unwrap_or(part.len())]
    });
    let expressions = parts.filter(|part| part.len() > 1).filter_map(|part| Some((part.first()?, part.last()?)));
    let text = |(first, last): (&Token<'_>, &Token<'_>)| sql.get(first.start()..last.end()).map(str::to_owned);
    expressions.filter_map(text).chain(where_of(sql).map(|text| text.trim().to_owned())).collect()
}

/// Whether a `CREATE TABLE` is STRICT.
pub(super) fn is_strict(sql: &str) -> bool {
    // Few are.
    if !sql.to_ascii_uppercase().contains("STRICT") {
        return false;
    }
    let tokens = tokens(sql);
    let end = tokens.iter().rposition(|token| token.text == ")").unwrap_or(tokens.len());
    tokens.iter().skip(end).any(|token| token.depth == 0 && token.is("STRICT"))
}

/// The functions that an expression calls.
pub(super) fn functions(expression: &str) -> Vec<String> {
    const WORDS: [&str; 20] = [
        "and", "or", "not", "in", "is", "like", "glob", "regexp", "match", "between", "exists", "cast", "case", "when",
        "then", "else", "values", "select", "from", "raise",
    ];
    let tokens = tokens(expression);
    let calls = tokens.windows(2).enumerate().filter(|(at, pair)| {
        let is_word = pair[0].text.starts_with(|first: char| first.is_alphabetic() || first == '_');
        // The type of a CAST.
        let is_type = at.checked_sub(1).is_some_and(|before| tokens[before].is("AS"));
        pair[1].text == "(" && is_word && !is_type
    });
    calls.map(|(_, pair)| pair[0].text.to_lowercase()).filter(|name| !WORDS.contains(&name.as_str())).collect()
}

/// What a trigger reacts to: `INSERT`, `UPDATE`, `UPDATE OF`, `DELETE`.
pub(super) fn trigger_event(sql: &str) -> Option<String> {
    let tokens = tokens(sql);
    let event = tokens.iter().position(|token| ["INSERT", "UPDATE", "DELETE"].iter().any(|event| token.is(event)))?;
    let is_of_columns = tokens.get(event + 1).is_some_and(|token| token.is("OF"));
    Some(format!("{}{}", tokens[event].text.to_ascii_uppercase(), if is_of_columns { " OF" } else { "" }))
}

/// The columns in `UPDATE OF a, b ON ...`; none for a trigger of every event of its kind.
pub(super) fn trigger_columns(sql: &str) -> Vec<String> {
    let tokens = tokens(sql);
    let of = tokens.windows(2).position(|pair| pair[0].is("UPDATE") && pair[1].is("OF"));
    let columns = of.map_or(&[][..], |of| &tokens[of + 2..]).iter().take_while(|token| !token.is("ON"));
    columns.filter(|token| token.text != ",").map(Token::name).collect()
}

/// Whether its `WHEN` is a constant that never holds.
pub(super) fn never_runs(sql: &str) -> bool {
    let words: Vec<_> = tokens(sql).into_iter().filter(|token| !["(", ")"].contains(&token.text)).collect();
    words
        .windows(3)
        .any(|part| part[0].is("WHEN") && (part[1].text == "0" || part[1].is("FALSE")) && part[2].is("BEGIN"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::of_two("CREATE TRIGGER t BEFORE UPDATE OF a, \"b c\" ON x BEGIN SELECT 1; END", &["a", "b c"])]
    #[case::of_all("CREATE TRIGGER t BEFORE UPDATE ON x BEGIN SELECT 1; END", &[])]
    #[case::of_an_insert("CREATE TRIGGER t BEFORE INSERT ON x BEGIN SELECT 1; END", &[])]
    fn the_columns_of_a_trigger_are_found(#[case] sql: &str, #[case] columns: &[&str]) {
        assert_eq!(trigger_columns(sql), columns);
    }

    #[rstest]
    #[case::false_("CREATE TRIGGER t INSERT ON x WHEN (0) BEGIN SELECT 1; END", true)]
    #[case::true_("CREATE TRIGGER t INSERT ON x WHEN 1 BEGIN SELECT 1; END", false)]
    #[case::a_condition("CREATE TRIGGER t INSERT ON x WHEN 0 < new.a BEGIN SELECT 1; END", false)]
    #[case::no_condition("CREATE TRIGGER t INSERT ON x BEGIN SELECT 1; END", false)]
    fn a_trigger_never_runs_when(#[case] sql: &str, #[case] expected: bool) {
        assert_eq!(never_runs(sql), expected);
    }

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
    fn conflict_clauses_and_expressions_are_found_with_their_columns() {
        let found = of(r#"CREATE TABLE t (
            id integer PRIMARY KEY DESC ON CONFLICT REPLACE,
            "two words" text NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT ABORT,
            [check] text AS (upper("two words") || ',') STORED,
            UNIQUE ("two words" COLLATE NOCASE, id) ON CONFLICT rollback,
            CONSTRAINT c CHECK (id > 0)
        )"#);
        let shown: Vec<String> = found.conflicts.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "PRIMARY KEY ON CONFLICT REPLACE of id",
                "NOT NULL ON CONFLICT IGNORE of two words",
                "UNIQUE ON CONFLICT ROLLBACK of two words, id"
            ]
        );
        assert_eq!(found.expressions, [("check".to_owned(), r#"upper("two words") || ','"#.to_owned())]);
    }

    #[test]
    fn the_expressions_of_an_index_are_found_without_their_order() {
        let sql =
            r#"CREATE UNIQUE INDEX "x (y" ON t (lower(a) COLLATE NOCASE DESC, b, (c + 1), "d" ASC) WHERE slug(a) > 1"#;
        assert_eq!(computed_by(sql), ["lower(a)", "(c + 1)", "slug(a) > 1"]);
        assert_eq!(computed_by("CREATE INDEX x ON t"), [""; 0]);
    }

    #[test]
    fn functions_are_told_from_words_and_types() {
        let text = "slug(a) IN (1, 2) AND NOT (b) OR CAST(c AS varchar(3)) = 'count(x)' AND \"date\" (1) AND Upper (a)";
        assert_eq!(functions(text), ["slug", "upper"]);
    }

    #[test]
    fn a_strict_table_says_so_at_its_end() {
        assert!(is_strict("CREATE TABLE t (a int) WITHOUT ROWID, STRICT"));
        assert!(!is_strict("CREATE TABLE strict (strict int) -- STRICT"));
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

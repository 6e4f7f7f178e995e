//! Evaluates `LIKE`, `GLOB` and regular expressions of constants.

use regex_lite::RegexBuilder;

use super::known::Value;
use crate::model::Dialect;

/// Whether the value matches the pattern; `None` if that is not known.
pub(super) fn is_match(value: &Value, pattern: &Value, operator: &str, dialect: Dialect) -> Option<bool> {
    let Value::Text(pattern) = pattern else { return None };
    let any = match operator {
        "glob" => Some('*'),
        "~~" | "~~*" => Some('%'),
        _ => None,
    };
    if value.is_null() == Some(false) && !pattern.is_empty() && pattern.chars().all(|c| Some(c) == any) {
        return Some(true);
    }
    let Value::Text(text) = value else { return None };
    match operator {
        "glob" => glob_matches(text, pattern),
        "~" | "~*" => regex_finds(text, pattern, operator, dialect),
        _ => like_matches(text, pattern, operator, dialect),
    }
}

/// Whether a regular expression finds a place in the text; `None` if it may mean something else to the server.
fn regex_finds(text: &str, pattern: &str, operator: &str, dialect: Dialect) -> Option<bool> {
    if !text.is_ascii() || text.contains(|c: char| c.is_ascii_control()) || !is_understood_by_all(pattern) {
        return None;
    }
    let find = |ignores_case| {
        let regex = RegexBuilder::new(pattern).case_insensitive(ignores_case).build().ok()?;
        Some(regex.is_match(text))
    };
    match (dialect, operator) {
        (Dialect::Postgres, "~") => find(false),
        (Dialect::Postgres, _) => find(true),
        // The collation says whether letter case counts.
        (Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite, _) => {
            find(false).filter(|found| find(true) == Some(*found))
        }
    }
}

/// Whether PostgreSQL (<https://www.postgresql.org/docs/current/functions-matching.html#POSIX-SYNTAX-DETAILS>), PCRE, ICU and `regex`
/// read the pattern alike.
fn is_understood_by_all(pattern: &str) -> bool {
    // Options, classes of a locale, sets, and repetitions that give nothing back.
    const OWN: [&str; 11] = ["(?", "[[.", "[[=", "&&", "--", "~~", "***", "++", "*+", "?+", "}+"];
    let mut rest = pattern.chars();
    let mut has_own_escape = false;
    while let Some(next) = rest.next() {
        let is_common = |c: char| c.is_ascii_punctuation() || "dswDSW".contains(c);
        has_own_escape |= next == '\\' && !rest.next().is_some_and(is_common);
    }
    pattern.is_ascii() && !has_own_escape && OWN.iter().all(|own| !pattern.contains(own))
}

/// Whether the text matches; `None` if that depends on the collation or the pattern escapes a character.
fn like_matches(text: &str, pattern: &str, operator: &str, dialect: Dialect) -> Option<bool> {
    if pattern.contains('\\') {
        return None;
    }
    let is_exact = matches(text, pattern);
    let is_loose = matches(&text.to_ascii_lowercase(), &pattern.to_ascii_lowercase());
    let is_ascii = text.is_ascii() && pattern.is_ascii();
    match (dialect, operator) {
        (Dialect::Postgres, "~~") => Some(is_exact),
        (Dialect::Postgres, _) => is_ascii.then_some(is_loose),
        (Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite, _) if is_exact => Some(true),
        (Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite, _) => (is_ascii && !is_loose).then_some(false),
    }
}

/// `%` stands for any text, `_` for one character.
fn matches(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // `matched[n]`: whether the first n characters of the text match the part of the pattern that has been read.
    let mut matched = vec![false; text.len() + 1];
    matched[0] = true;
    for wanted in pattern.chars() {
        let before = matched.clone();
        for at in 0..=text.len() {
            matched[at] = match wanted {
                '%' => before[at] || (at > 0 && matched[at - 1]),
                wanted => at > 0 && before[at - 1] && (wanted == '_' || wanted == text[at - 1]),
            };
        }
    }
    matched[text.len()]
}

/// `GLOB` of SQLite, in which letter case counts; `None` for a list of characters that is not understood.
/// Source: <https://www.sqlite.org/lang_expr.html#glob>.
fn glob_matches(text: &str, pattern: &str) -> Option<bool> {
    let wanted = pattern_of(pattern)?;
    let text: Vec<char> = text.chars().collect();
    let mut matched = vec![false; text.len() + 1];
    matched[0] = true;
    for wanted in wanted {
        let before = matched.clone();
        for at in 0..=text.len() {
            matched[at] = match &wanted {
                Wanted::Anything => before[at] || (at > 0 && matched[at - 1]),
                Wanted::One { ranges, is_negated } => {
                    let is_in = |c: char| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
                    at > 0 && before[at - 1] && is_in(text[at - 1]) != *is_negated
                }
            };
        }
    }
    Some(matched[text.len()])
}

/// A part of a pattern of `GLOB`.
enum Wanted {
    Anything,
    One { ranges: Vec<(char, char)>, is_negated: bool },
}

fn pattern_of(pattern: &str) -> Option<Vec<Wanted>> {
    let mut wanted = Vec::new();
    let mut rest = pattern.chars();
    while let Some(next) = rest.next() {
        wanted.push(match next {
            '*' => Wanted::Anything,
            '?' => Wanted::One { ranges: Vec::new(), is_negated: true },
            '[' => {
                let (list, after) = rest.as_str().split_once(']')?;
                rest = after.chars();
                let members = list.trim_start_matches('^');
                let is_negated = members.len() < list.len();
                let members: Vec<char> = members.chars().collect();
                // `[]]` and `[^^]` have rules of their own.
                if members.is_empty() || list.len() > members.iter().map(|c| c.len_utf8()).sum::<usize>() + 1 {
                    return None;
                }
                Wanted::One { ranges: ranges(&members), is_negated }
            }
            other => Wanted::One { ranges: vec![(other, other)], is_negated: false },
        });
    }
    Some(wanted)
}

/// `a-z0` is from `a` to `z`, and `0`.
fn ranges(members: &[char]) -> Vec<(char, char)> {
    match members {
        [first, '-', last, rest @ ..] => [vec![(*first, *last)], ranges(rest)].concat(),
        [one, rest @ ..] => [vec![(*one, *one)], ranges(rest)].concat(),
        [] => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::prefix("received", "rec%", Some(true))]
    #[case::middle("received", "%eiv%", Some(true))]
    #[case::one_character("a", "_", Some(true))]
    #[case::one_character_too_many("a", "a_", Some(false))]
    #[case::empty_text("", "%", Some(true))]
    #[case::wildcard_backtracks("abab", "a%b", Some(true))]
    #[case::different_end("received", "rec%x", Some(false))]
    #[case::escaped_wildcard("a%", "a\\%", None)]
    fn percent_and_underscore_are_wildcards_on_every_server(
        #[case] text: &str,
        #[case] pattern: &str,
        #[case] expected: Option<bool>,
    ) {
        for dialect in [Dialect::Postgres, Dialect::MariaDb, Dialect::Sqlite] {
            assert_eq!(like_matches(text, pattern, "~~", dialect), expected, "{dialect:?}");
        }
    }

    #[rstest]
    #[case::a_prefix("received", "rec*", Some(true))]
    #[case::another_case("received", "REC*", Some(false))]
    #[case::one_character("a", "?", Some(true))]
    #[case::one_character_too_many("a", "a?", Some(false))]
    #[case::digits("+491", "+[0-9][0-9][0-9]", Some(true))]
    #[case::no_digits("received", "[0-9]*", Some(false))]
    #[case::all_but_digits("received", "[^0-9]*", Some(true))]
    #[case::two_ranges("inbound", "[A-Zi]nbound", Some(true))]
    #[case::without_an_end("received", "[a-z", None)]
    #[case::the_bracket_itself("]", "[]]", None)]
    fn stars_and_lists_are_the_wildcards_of_glob(
        #[case] text: &str,
        #[case] pattern: &str,
        #[case] expected: Option<bool>,
    ) {
        assert_eq!(glob_matches(text, pattern), expected);
    }

    #[rstest]
    #[case::a_beginning(Dialect::Postgres, "~", "^rec", Some(true))]
    #[case::another_case(Dialect::Postgres, "~", "^[A-Z]", Some(false))]
    #[case::any_case(Dialect::Postgres, "~*", "^[A-Z]", Some(true))]
    #[case::digits(Dialect::Postgres, "~", r"^\d+$", Some(false))]
    #[case::one_of_two(Dialect::Postgres, "~", "^(open|received)$", Some(true))]
    #[case::a_length(Dialect::Postgres, "~", "^.{1,5}$", Some(false))]
    #[case::a_class(Dialect::Postgres, "~", "^[[:digit:]]+$", Some(false))]
    #[case::an_option(Dialect::Postgres, "~", "(?i)^REC", None)]
    #[case::the_end_of_a_word(Dialect::Postgres, "~", r"received\M", None)]
    #[case::what_is_no_expression(Dialect::Postgres, "~", "(", None)]
    #[case::a_case_by_collation(Dialect::MariaDb, "~", "^[A-Z]", None)]
    #[case::all_but_by_collation(Dialect::MariaDb, "~", "^[^A-Z]", None)]
    #[case::in_any_collation(Dialect::MariaDb, "~", "^[0-9]", Some(false))]
    #[case::a_repetition_that_gives_nothing_back(Dialect::MariaDb, "~", "^r*+r", None)]
    fn a_regular_expression_finds_a_place(
        #[case] dialect: Dialect,
        #[case] operator: &str,
        #[case] pattern: &str,
        #[case] expected: Option<bool>,
    ) {
        assert_eq!(regex_finds("received", pattern, operator, dialect), expected);
    }

    #[rstest]
    #[case::like("~~", "%", Some(true))]
    #[case::glob("glob", "**", Some(true))]
    #[case::an_empty_text("~~", "", None)]
    #[case::of_one_character("~~", "_", None)]
    #[case::a_regular_expression("~", "%", None)]
    fn a_pattern_takes_any_text(#[case] operator: &str, #[case] pattern: &str, #[case] expected: Option<bool>) {
        let pattern = Value::Text(pattern.to_owned());
        assert_eq!(is_match(&Value::UpTo(5), &pattern, operator, Dialect::Sqlite), expected);
        assert_eq!(is_match(&Value::Unknown, &pattern, operator, Dialect::Sqlite), None);
    }

    #[rstest]
    #[case::postgres_like(Dialect::Postgres, "~~", Some(false))]
    #[case::postgres_ilike(Dialect::Postgres, "~~*", Some(true))]
    #[case::mariadb_by_collation(Dialect::MariaDb, "~~", None)]
    #[case::sqlite_by_pragma(Dialect::Sqlite, "~~", None)]
    fn letter_case_counts_by_server_and_operator(
        #[case] dialect: Dialect,
        #[case] operator: &str,
        #[case] expected: Option<bool>,
    ) {
        assert_eq!(like_matches("received", "REC%", operator, dialect), expected);
    }
}

//! Evaluates `LIKE` and `GLOB` of two constants.

use crate::model::Dialect;

/// Whether the text matches; `None` if that depends on the collation or the pattern escapes a character.
pub(super) fn like_matches(text: &str, pattern: &str, operator: &str, dialect: Dialect) -> Option<bool> {
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
pub(super) fn glob_matches(text: &str, pattern: &str) -> Option<bool> {
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

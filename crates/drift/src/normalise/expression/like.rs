//! Evaluates `LIKE` of two constants.

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

//! Whether a text matches the pattern of a `LIKE`.

use crate::model::Dialect;

/// `None` where that depends on the collation, or the pattern escapes a character.
pub(super) fn is_like(text: &str, pattern: &str, operator: &str, dialect: Dialect) -> Option<bool> {
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
    // For each number of first characters, whether they match the pattern so far.
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
    #[case::a_prefix("received", "rec%", Some(true))]
    #[case::the_middle("received", "%eiv%", Some(true))]
    #[case::one_character("a", "_", Some(true))]
    #[case::one_character_too_many("a", "a_", Some(false))]
    #[case::nothing("", "%", Some(true))]
    #[case::some_of_two("abab", "a%b", Some(true))]
    #[case::another_end("received", "rec%x", Some(false))]
    #[case::an_escaped_one("a%", "a\\%", None)]
    fn a_text_is_like(#[case] text: &str, #[case] pattern: &str, #[case] expected: Option<bool>) {
        for dialect in [Dialect::Postgres, Dialect::MariaDb, Dialect::Sqlite] {
            assert_eq!(is_like(text, pattern, "~~", dialect), expected, "{dialect:?}");
        }
    }

    #[rstest]
    #[case::exactly(Dialect::Postgres, "~~", Some(false))]
    #[case::whatever_the_letter_case(Dialect::Postgres, "~~*", Some(true))]
    #[case::by_its_collation(Dialect::MariaDb, "~~", None)]
    #[case::by_a_pragma(Dialect::Sqlite, "~~", None)]
    fn another_letter_case_is_like(#[case] dialect: Dialect, #[case] operator: &str, #[case] expected: Option<bool>) {
        assert_eq!(is_like("received", "REC%", operator, dialect), expected);
    }
}

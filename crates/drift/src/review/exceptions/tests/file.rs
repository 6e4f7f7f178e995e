//! Exceptions in a file: what it says, and each mistake with its line.

use rstest::rstest;

use super::*;

const FILE: &str = r#"
# Ours.
[[exception]]
rule = "foreign-key-unexpected"
object = "call_log*"
level = "allow"
reason = "the host application owns these tables"

[[exception]]
rule = "*-unchecked"
object = "*"
level = "deny"
reason = "nothing is left open"
expires = 2027-01-31
"#;

#[test]
fn a_file_says_the_same_as_code() {
    let at = |line: usize, exception: Exception| Exception {
        location: Some(format!("drift.toml, line {line}")),
        ..exception
    };
    let first = Exception::allow("foreign-key-unexpected", "call_log*", "the host application owns these tables");
    let second = Exception::deny("*-unchecked", "*", "nothing is left open").unwrap().until(day("2027-01-31"));
    assert_eq!(Exceptions::parse(FILE, "drift.toml").unwrap().in_order, [at(3, first.unwrap()), at(9, second)]);
    assert_eq!(Exceptions::parse("", "drift.toml").unwrap(), Exceptions::new());
}

#[rstest]
#[case::a_rule_that_is_not(
    "*-unchecked",
    "column-mising",
    "line 10: there is no rule `column-mising`: did you mean `column-missing`?"
)]
#[case::a_rule_like_none(
    "*-unchecked",
    "frobnicate",
    "line 10: there is no rule `frobnicate`: it is one of table-missing, relation-differs, "
)]
#[case::a_pattern_of_no_rule(
    "*-unchecked",
    "*-unchekked",
    "line 10: there is no rule `*-unchekked`: it is one of table-missing, relation-differs, "
)]
#[case::a_blank_object(
    "\"*\"",
    "\" \"",
    "line 11: the object is blank: name a table, a column as in `call_log.status`, or `*` for all"
)]
#[case::a_blank_reason("nothing is left open", " ", "line 13: the reason is blank: say why it is accepted")]
#[case::a_date_in_quotes(
    "2027-01-31",
    "\"2027-01-31\"",
    "line 14: `expires` is not a date: write it without quotes or a time, as in expires = 2027-01-31"
)]
#[case::a_date_with_a_time(
    "2027-01-31",
    "2027-01-31T00:00:00Z",
    "line 14: `expires` is not a date: write it without quotes or a time, as in expires = 2027-01-31"
)]
#[case::no_such_day("2027-01-31", "2027-02-29", "line 14: invalid date, expected day between 01 and 28")]
#[case::an_unknown_key(
    "expires",
    "expire",
    "line 14: unknown field `expire`, expected one of `rule`, `object`, `level`, `reason`, `expires`"
)]
#[case::an_unknown_level(
    "deny",
    "forbid",
    "line 12: unknown variant `forbid`, expected one of `allow`, `warn`, `deny`"
)]
#[case::no_reason("reason = \"nothing is left open\"\n", "", "line 9: missing field `reason`")]
#[case::another_table(
    "[[exception]]\nrule = \"*-",
    "[[exceptions]]\nrule = \"*-",
    "line 9: unknown field `exceptions`, expected `exception`"
)]
#[case::no_toml("level = \"deny\"", "level deny", "line 12: key with no value, expected `=`")]
fn an_error_in_a_file_is_a_sentence_with_its_line(#[case] right: &str, #[case] wrong: &str, #[case] sentence: &str) {
    assert!(FILE.contains(right));
    let error = Exceptions::parse(&FILE.replace(right, wrong), "drift.toml").unwrap_err();
    assert!(error.to_string().starts_with(&format!("`drift.toml`, {sentence}")), "{error}");
    assert_eq!(error.to_string().lines().count(), 1);
}

#[test]
fn an_exception_in_code_is_held_to_the_same() {
    assert!(matches!(Exception::allow("column-mising", "*", "why"), Err(InputFileError::UnknownRule { .. })));
    assert!(matches!(Exception::warn("column-missing", "", "why"), Err(InputFileError::BlankObject)));
    assert!(matches!(Exception::deny("column-missing", "*", "\t"), Err(InputFileError::BlankReason)));
}

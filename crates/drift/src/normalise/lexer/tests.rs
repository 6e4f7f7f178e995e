use super::*;
use rstest::rstest;

fn conditions(options: &str) -> Vec<(String, Vec<String>)> {
    let columns = ["id", "note", "check_in", "Note"].map(str::to_owned);
    let found = check_constraints_in(options, &columns, Dialect::Postgres).into_iter();
    found.map(|check| (check.text, check.columns)).collect()
}

#[rstest]
#[case::a_column_of_that_name("GENERATED ALWAYS AS (check_in + 1) STORED")]
#[case::a_comment("COMMENT 'CHECK (id > 0)'")]
#[case::inside_parentheses("DEFAULT (check (id))")]
#[case::a_quoted_name("REFERENCES \"check\" (id)")]
#[case::nothing("")]
fn no_check_is_seen_in(#[case] options: &str) {
    assert_eq!(conditions(options), []);
}

#[test]
fn a_check_ends_with_its_parenthesis_and_names_its_columns() {
    let expected = |text: &str, columns: &[&str]| {
        (text.to_owned(), columns.iter().map(|&column| column.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(
        conditions("check (check_in > (0)) COLLATE \"C\" CHECK (\"Note\" <> 'id' OR Note = ')')"),
        [expected("(check_in > (0))", &["check_in"]), expected("(\"Note\" <> 'id' OR Note = ')')", &["note", "Note"])]
    );
}

#[rstest]
#[case::alone("(note IS NOT NULL)", &["note"])]
#[case::among_others("((id > 0) AND (note IS NOT NULL) AND (\"Note\" IS NOT NULL))", &["note", "Note"])]
#[case::said_the_other_way("NOT (note IS NULL)", &["note"])]
#[case::beside_a_range("note IS NOT NULL AND id IN (1, 2)", &["note"])]
#[case::of_a_domain("(VALUE IS NOT NULL)", &["id"])]
#[case::one_of_two("note IS NOT NULL OR id IS NOT NULL", &[])]
#[case::one_of_two_inside("(id > 0 AND (note IS NOT NULL OR id > 2))", &[])]
#[case::the_opposite("NOT (note IS NOT NULL AND id > 0)", &[])]
#[case::a_comparison("(note IS NOT NULL AND id > 0) = false", &[])]
#[case::a_range("id BETWEEN 1 AND 2", &[])]
#[case::nothing("", &[])]
fn a_condition_that_allows_no_null(#[case] condition: &str, #[case] expected: &[&str]) {
    let columns = ["id", "note", "check_in", "Note"].map(str::to_owned);
    assert_eq!(columns_without_null(condition, &columns, Dialect::Postgres), expected);
}

#[rstest]
#[case::bare("NOT NULL COLLATE utf8mb4_bin", Some("utf8mb4_bin"))]
#[case::quoted("collate \"de_DE\"", Some("de_DE"))]
#[case::with_its_schema("COLLATE pg_catalog.\"C\"", Some("C"))]
#[case::in_a_comment("COMMENT 'COLLATE x'", None)]
#[case::cut_off("COLLATE", None)]
fn a_collation_is_read_from(#[case] options: &str, #[case] expected: Option<&str>) {
    assert_eq!(collation_in(options).as_deref(), expected);
}

/// Each token with the depth of its parentheses.
fn told(sql: &str) -> Vec<String> {
    tokens(sql).iter().map(|token| format!("{}{}", token.depth, token.text)).collect()
}

#[rstest]
#[case::words("a_1 $b ü", &["0a_1", "0$b", "0ü"])]
#[case::parentheses("f(a, (b))", &["0f", "0(", "1a", "1,", "1(", "2b", "1)", "0)"])]
#[case::a_parenthesis_too_many("a) b", &["0a", "0)", "0b"])]
#[case::quotes("'it''s (' \"a \"\"b\" `c``d` [e f]", &["0'it''s ('", "0\"a \"\"b\"", "0`c``d`", "0[e f]"])]
#[case::a_comment_to_the_end_of_a_line("a -- b (\nc", &["0a", "0c"])]
#[case::a_comment_in_between("a /* b ( */ c", &["0a", "0c"])]
#[case::a_short_comment("a /**/ c", &["0a", "0c"])]
#[case::a_comment_at_the_end("a --", &["0a"])]
#[case::no_comment("a - b / c", &["0a", "0-", "0b", "0/", "0c"])]
#[case::an_open_quote("'a", &["0'a"])]
fn a_text_has_these_tokens(#[case] sql: &str, #[case] expected: &[&str]) {
    assert_eq!(told(sql), expected);
}

#[rstest]
#[case::bare("Name", "Name")]
#[case::in_quotes("\"a \"\"b\"", "a \"b")]
#[case::in_those_of_mysql("`c``d`", "c`d")]
#[case::in_brackets("[e f]", "e f")]
#[case::in_single_quotes("'it''s'", "it's")]
fn a_token_is_a_name(#[case] sql: &str, #[case] expected: &str) {
    assert_eq!(tokens(sql)[0].name(), expected);
}

#[test]
fn a_token_knows_its_place() {
    let sql = "a bcd = 1";
    let token = tokens(sql)[1];
    assert_eq!((token.start(), token.end(), token.after(sql)), (2, 5, " = 1"));
}

#[rstest]
#[case::folded(Dialect::Postgres, "NOTE > 0", "note", true)]
#[case::not_folded_in_quotes(Dialect::Postgres, "\"NOTE\" > 0", "note", false)]
#[case::in_quotes(Dialect::Postgres, "\"Note\" > 0", "Note", true)]
#[case::of_the_same_letters(Dialect::Postgres, "Note > 0", "Note", false)]
#[case::in_other_letters(Dialect::MariaDb, "`NOTE` > 0", "note", true)]
#[case::a_text_of_mariadb(Dialect::MariaDb, "\"note\" > 0", "note", false)]
#[case::a_text(Dialect::Sqlite, "'note' > 0", "note", false)]
#[case::in_brackets(Dialect::Sqlite, "[note] > 0", "note", true)]
#[case::in_quotes_on_sqlite(Dialect::Sqlite, "\"Note\" > 0", "note", true)]
#[case::after_it(Dialect::Sqlite, "0) CHECK (note > 0", "note", false)]
fn a_check_names_a_column(#[case] dialect: Dialect, #[case] text: &str, #[case] column: &str, #[case] is_named: bool) {
    let found = check_constraints_in(&format!("CHECK ({text})"), &[column.to_owned()], dialect);
    assert_eq!(!found[0].columns.is_empty(), is_named);
}

#[rstest]
#[case::a_word_before("note NOTNULL", &["note"])]
#[case::another_word("note ISNULL", &[])]
#[case::null("note IS NULL", &[])]
#[case::a_negated_comparison("NOT note IS TRUE", &[])]
#[case::a_negation_without_parentheses("NOT note IS NULL", &["note"])]
#[case::another_test("note IS NOT TRUE", &[])]
#[case::another_comparison("note = NOT NULL", &[])]
#[case::several_parentheses("(((note IS NOT NULL)))", &["note"])]
#[case::two_conditions_in_parentheses("(note IS NOT NULL) AND (id > 0)", &["note"])]
#[case::one_or_the_other("(note IS NOT NULL) XOR (id > 0)", &[])]
#[case::a_case("CASE WHEN note IS NOT NULL AND id > 0 THEN true END", &[])]
#[case::two_of_three("note IS NOT NULL AND id > 0 AND id IS NOT NULL", &["note", "id"])]
#[case::a_name_that_is_no_column("other IS NOT NULL AND note IS NOT NULL", &["note"])]
#[case::both_in_one_parenthesis("(note IS NOT NULL AND (id IS NOT NULL))", &["note", "id"])]
#[case::a_test_of_something_else("note IS NOT FALSE", &[])]
#[case::a_negated_test("NOT (note IS NOT NULL)", &[])]
#[case::a_word_too_many("note IS NOT NULL NULL", &[])]
#[case::a_range("id BETWEEN 1 AND 2 AND note IS NOT NULL", &[])]
fn a_condition_needs_a_value_in(#[case] condition: &str, #[case] expected: &[&str]) {
    let columns = ["id", "note"].map(str::to_owned);
    assert_eq!(columns_without_null(condition, &columns, Dialect::Sqlite), expected);
}

#[rstest]
#[case::stored("GENERATED ALWAYS AS (a + (b)) STORED", Some("a + (b)"))]
#[case::in_a_default("DEFAULT (cast(a as text))", None)]
#[case::an_identity("GENERATED ALWAYS AS IDENTITY", None)]
#[case::nothing("NOT NULL", None)]
#[case::nothing_in_parentheses("AS ()", None)]
fn the_expression_of_a_generated_column(#[case] options: &str, #[case] expected: Option<&str>) {
    assert_eq!(generation_expression_in(options).as_deref(), expected);
}

#[test]
fn a_collation_in_a_default_is_not_that_of_the_column() {
    assert_eq!(collation_in("DEFAULT ('a' COLLATE \"C\")"), None);
    assert_eq!(collation_in("COLLATE nocase DEFAULT 'a'").as_deref(), Some("nocase"));
}

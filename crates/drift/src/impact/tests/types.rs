//! The reasons that types have.

use rstest::rstest;

use super::*;
use crate::model::Stated;

fn reason(declared: ColumnType, live: ColumnType, dialect: Dialect) -> String {
    let change = Change::Type { column: "c".to_owned(), sides: Sides { declared, live } };
    impact(&change, &TableName::unqualified("call_log"), dialect).reason
}

#[rstest]
#[case::padding(Dialect::Postgres, "varchar(8)", "char(9)", "values come back padded with blanks")]
#[case::lost_blanks(Dialect::MariaDb, "varchar(8)", "char(8)", "values lose their trailing blanks")]
#[case::lost_digits(
    Dialect::Postgres,
    "timestamp",
    "timestamp(0)",
    "values come back rounded, truncated, shifted or padded"
)]
#[case::json_that_is_not_compared(Dialect::Postgres, "jsonb", "json", "filters by it fail")]
#[case::digits_that_do_not_fit(
    Dialect::Postgres,
    "numeric(10,2)",
    "numeric",
    "reading a row fails if the column holds a value"
)]
#[case::another_type(
    Dialect::Postgres,
    "integer",
    "text",
    "every read of call_log that returns a value there fails: the driver does not decode text as integer"
)]
#[case::a_shorter_text(
    Dialect::Postgres,
    "varchar(8)",
    "varchar(7)",
    "the database rejects values that fit varchar(8) and not varchar(7)"
)]
#[case::a_longer_text(Dialect::Postgres, "varchar(8)", "varchar(9)", "nothing breaks")]
fn a_type_that_differs_says(#[case] dialect: Dialect, #[case] declared: &str, #[case] live: &str, #[case] words: &str) {
    let reason = reason(column_type(declared, dialect), column_type(live, dialect), dialect);
    assert!(reason.starts_with(words), "{reason}");
}

#[test]
fn a_text_in_a_column_of_its_own_type_is_called_a_text() {
    let inet = || column_type("inet", Dialect::Postgres);
    let declared = ColumnType { field: LogicalType::Text(None), ..inet() };
    let told = reason(declared, inet(), Dialect::Postgres);
    assert!(told.contains("does not decode inet as text"), "{told}");
    let told = reason(column_type("text", Dialect::Postgres), inet(), Dialect::Postgres);
    assert!(told.contains("does not decode inet as text"), "{told}");
    let told = reason(inet(), column_type("text", Dialect::Postgres), Dialect::Postgres);
    assert!(told.contains("does not decode text as inet"), "{told}");
}

#[rstest]
#[case::as_text("varchar(36)", "inserts and filters fail: the driver sends the 16 bytes of a UUID")]
#[case::as_a_number("bigint", "every read of call_log")]
fn a_uuid_is_stored(#[case] live: &str, #[case] words: &str) {
    let declared = ColumnType { field: LogicalType::Uuid, ..column_type("binary(16)", Dialect::MariaDb) };
    let told = reason(declared, column_type(live, Dialect::MariaDb), Dialect::MariaDb);
    assert!(told.starts_with(words), "{told}");
}

#[test]
fn a_length_that_the_entity_does_not_say_breaks_nothing_unless_no_value_is_read() {
    let declared = |ty| ColumnType { stated: Stated::WithoutLength, ..column_type(ty, Dialect::Postgres) };
    let live = || column_type("varchar(8)", Dialect::Postgres);
    assert_eq!(reason(declared("varchar"), live(), Dialect::Postgres), "nothing breaks: the entity says no length");
    assert!(reason(declared("integer"), live(), Dialect::Postgres).starts_with("every read"));
}

/// The column is cast to text, and nothing but a label is known.
#[rstest]
#[case::with_a_label_in_common(&["b", "c"], Consequence::WritesFail)]
#[case::without_one(&["c"], Consequence::ReadsFail)]
fn another_enum_is(#[case] labels: &[&str], #[case] expected: Consequence) {
    let of_enum = |name: &str, labels: &[&str]| {
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        let kind = LogicalType::Enum { name: Some(name.to_owned()), labels };
        ColumnType { field: kind.clone(), kind, ..column_type(name, Dialect::Postgres) }
    };
    let sides = Sides { declared: of_enum("mood", &["a", "b"]), live: of_enum("feeling", labels) };
    assert_eq!(consequence(&Change::Type { column: "c".to_owned(), sides }, Dialect::Postgres), expected);
}

/// A column without a type keeps what any program writes, and a STRICT table refuses what is not of the column's type.
#[rstest]
#[case::text_without_a_type("text", "", false, Consequence::ReadsMayFail)]
#[case::floats_without_a_type("double", "", false, Consequence::ReadsMayFail)]
#[case::numbers_without_a_type("integer", "", false, Consequence::Nothing)]
#[case::text_as_bytes("text", "blob", false, Consequence::Nothing)]
#[case::text_as_bytes_only("text", "blob", true, Consequence::WritesFail)]
#[case::text_as_numbers("text", "integer", false, Consequence::ReadsMayFail)]
#[case::text_as_numbers_only("text", "integer", true, Consequence::WritesFail)]
#[case::bytes_as_text_only("blob", "text", true, Consequence::WritesFail)]
#[case::numbers_as_text_only("integer", "text", true, Consequence::ReadsFail)]
#[case::text_as_anything("text", "any", true, Consequence::Nothing)]
#[case::numbers_as_anything("integer", "any", true, Consequence::Nothing)]
fn sqlite_stores(#[case] declared: &str, #[case] live: &str, #[case] is_strict: bool, #[case] expected: Consequence) {
    let live = ColumnType { is_strict, ..column_type(live, Dialect::Sqlite) };
    let sides = Sides { declared: column_type(declared, Dialect::Sqlite), live };
    assert_eq!(consequence(&Change::Type { column: "c".to_owned(), sides }, Dialect::Sqlite), expected);
}

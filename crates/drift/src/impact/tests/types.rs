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
        let kind = LogicalType::Enum { name: Some(name.into()), labels };
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

/// What the driver does with a field of one type over a column of another, which `tests/it/driver/types` shows.
#[rstest]
#[case::an_address("inet", "cidr", Consequence::ValuesChange)]
#[case::a_network("cidr", "inet", Consequence::Nothing)]
#[case::another_type_of_an_extension("hstore", "ltree", Consequence::ReadsFail)]
#[case::a_text_of_an_extension("text", "citext", Consequence::Nothing)]
#[case::a_text_of_an_extension_for_an_address("inet", "citext", Consequence::ReadsFail)]
#[case::a_short_name("varchar(63)", "name", Consequence::Nothing)]
#[case::a_long_name("varchar(64)", "name", Consequence::ValuesChange)]
#[case::bits("bit(8)", "varbit(8)", Consequence::Nothing)]
#[case::fewer_bits("varbit(8)", "varbit(4)", Consequence::WritesMayFail)]
#[case::bytes("bytea", "text", Consequence::ReadsFail)]
#[case::a_shorter_padded_text("varchar(8)", "char(7)", Consequence::WritesMayFail)]
#[case::a_list_of_wider_numbers("integer[]", "bigint[]", Consequence::ReadsFail)]
#[case::a_list_of_longer_texts("varchar(8)[]", "text[]", Consequence::Nothing)]
#[case::a_list_for_one("integer", "integer[]", Consequence::ReadsFail)]
#[case::a_coarser_time_of_day("time", "time(3)", Consequence::ValuesChange)]
#[case::a_time_of_day_with_a_zone("time", "timetz", Consequence::ReadsFail)]
#[case::a_finer_time("timestamp(3)", "timestamp", Consequence::Nothing)]
#[case::a_float("double precision", "real", Consequence::ReadsFail)]
fn postgres_decodes(#[case] declared: &str, #[case] live: &str, #[case] expected: Consequence) {
    assert_eq!(of_types(declared, live, Dialect::Postgres), expected);
}

fn of_types(declared: &str, live: &str, dialect: Dialect) -> Consequence {
    let sides = Sides { declared: column_type(declared, dialect), live: column_type(live, dialect) };
    consequence(&Change::Type { column: "c".to_owned(), sides }, dialect)
}

#[rstest]
#[case::a_float_with_digits("double", "double(7,4)", Consequence::WritesMayFail)]
#[case::a_float_with_its_digits("double(7,4)", "double(7,4)", Consequence::Nothing)]
#[case::a_float_with_other_digits("double(7,4)", "double(8,4)", Consequence::WritesMayFail)]
#[case::a_float_without_digits("double(7,4)", "double", Consequence::Nothing)]
#[case::eight_bits("bool", "bit(8)", Consequence::Nothing)]
#[case::nine_bits("bool", "bit(9)", Consequence::ReadsMayFail)]
#[case::a_boolean_for_a_number("int", "bool", Consequence::WritesMayFail)]
#[case::bits_for_a_number("int unsigned", "bit(32)", Consequence::Nothing)]
#[case::more_bits_for_a_number("int unsigned", "bit(33)", Consequence::ReadsMayFail)]
#[case::fewer_bits_for_a_number("int unsigned", "bit(31)", Consequence::WritesMayFail)]
#[case::a_text_as_an_id("char(31)", "uuid", Consequence::WritesFail)]
#[case::a_text_of_its_digits_as_an_id("char(32)", "uuid", Consequence::WritesMayFail)]
#[case::a_text_as_an_address("varchar(6)", "inet4", Consequence::WritesFail)]
#[case::a_text_as_the_shortest_address("varchar(7)", "inet4", Consequence::WritesMayFail)]
#[case::a_text_as_a_set("varchar(8)", "set('a')", Consequence::WritesMayFail)]
#[case::a_text_of_as_many_bytes("varchar(63)", "tinytext", Consequence::Nothing)]
#[case::a_text_of_fewer_bytes("varchar(64)", "tinytext", Consequence::WritesMayFail)]
#[case::a_padded_text_as_a_longer_one("char(8)", "varchar(9)", Consequence::Nothing)]
#[case::bytes_as_fewer("varbinary(8)", "varbinary(7)", Consequence::WritesMayFail)]
#[case::bytes_as_padded_ones("varbinary(8)", "binary(8)", Consequence::ValuesChange)]
#[case::bytes_as_an_id("varbinary(15)", "uuid", Consequence::WritesFail)]
#[case::sixteen_bytes_as_an_id("varbinary(16)", "uuid", Consequence::WritesMayFail)]
#[case::bytes_as_a_number("blob", "int", Consequence::ReadsFail)]
#[case::a_time_of_day("time", "int", Consequence::ReadsFail)]
#[case::a_time_without_a_zone("datetime", "timestamp", Consequence::ReadsFail)]
#[case::a_decimal_as_a_number("decimal(10,2)", "int", Consequence::ReadsFail)]
fn mariadb_decodes(#[case] declared: &str, #[case] live: &str, #[case] expected: Consequence) {
    assert_eq!(of_types(declared, live, Dialect::MariaDb), expected);
}

#[rstest]
#[case::in_its_own_type("uuid", Consequence::Nothing)]
#[case::as_sixteen_bytes("binary(16)", Consequence::ReadsMayFail)]
#[case::as_seventeen_bytes("binary(17)", Consequence::ReadsFail)]
#[case::as_fifteen_bytes("varbinary(15)", Consequence::ReadsFail)]
#[case::as_some_bytes("varbinary(20)", Consequence::ReadsMayFail)]
#[case::as_a_long_text("char(36)", Consequence::ReadsFail)]
fn a_uuid_of_mariadb_is_read(#[case] live: &str, #[case] expected: Consequence) {
    let declared = ColumnType { field: LogicalType::Uuid, ..column_type("json", Dialect::MariaDb) };
    let sides = Sides { declared, live: column_type(live, Dialect::MariaDb) };
    assert_eq!(consequence(&Change::Type { column: "c".to_owned(), sides }, Dialect::MariaDb), expected);
}

#[rstest]
#[case::as_texts("varchar(8)", Consequence::ReadsMayFail)]
#[case::as_bytes_of_their_length("binary(3)", Consequence::ReadsMayFail)]
#[case::as_bytes_that_are_padded("binary(4)", Consequence::ReadsFail)]
#[case::as_a_set("set('one','two')", Consequence::ReadsMayFail)]
#[case::as_numbers("int", Consequence::ReadsFail)]
fn the_labels_of_mariadb_are_read(#[case] live: &str, #[case] expected: Consequence) {
    assert_eq!(of_types("enum('one','two')", live, Dialect::MariaDb), expected);
}

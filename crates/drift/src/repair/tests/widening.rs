//! Which types hold every value of another.

use rstest::rstest;

use super::*;

#[rstest]
#[case::a_larger_number("bigint", "int", true)]
#[case::a_smaller_number("int", "bigint", false)]
#[case::the_same_number("int", "int", false)]
#[case::a_number_without_a_sign("int unsigned", "smallint", false)]
#[case::a_larger_number_without_a_sign("int unsigned", "smallint unsigned", true)]
#[case::a_larger_float("double", "float", true)]
#[case::a_smaller_float("float", "double", false)]
#[case::the_same_float("double", "double", false)]
#[case::a_float_with_fewer_digits("double", "double(7,4)", true)]
#[case::a_smaller_float_with_fewer_digits("float", "double(7,4)", false)]
#[case::a_float_with_more_digits("double(7,4)", "float", false)]
#[case::more_digits_before_the_point("decimal(10,2)", "decimal(9,2)", true)]
#[case::as_many_digits("decimal(10,2)", "decimal(10,2)", false)]
#[case::more_digits_after_the_point("decimal(11,3)", "decimal(10,2)", true)]
#[case::fewer_digits_before_the_point("decimal(10,3)", "decimal(10,2)", false)]
#[case::fewer_digits_after_the_point("decimal(12,1)", "decimal(10,2)", false)]
#[case::a_longer_padded_text("char(8)", "char(7)", true)]
#[case::the_same_padded_text("char(8)", "char(8)", false)]
#[case::a_longer_text("varchar(8)", "varchar(7)", true)]
#[case::the_same_text("varchar(8)", "varchar(8)", false)]
#[case::a_larger_text("text", "tinytext", true)]
#[case::a_smaller_text("tinytext", "text", false)]
#[case::larger_bytes("mediumblob", "blob", true)]
#[case::longer_bytes("varbinary(8)", "varbinary(7)", true)]
#[case::a_text_of_as_many_bytes("text", "varchar(16383)", true)]
#[case::a_text_of_fewer_bytes("text", "varchar(16384)", false)]
#[case::a_finer_time("datetime(3)", "datetime(2)", true)]
#[case::the_same_time("datetime(3)", "datetime(3)", false)]
#[case::a_finer_time_with_a_zone("datetime(3)", "timestamp(2)", false)]
#[case::a_finer_time_of_day("time(3)", "time", true)]
#[case::a_coarser_time_of_day("time", "time(3)", false)]
#[case::another_kind("int", "varchar(8)", false)]
fn a_type_of_mariadb_holds_all_of(#[case] declared: &str, #[case] live: &str, #[case] expected: bool) {
    let [declared, live] = [declared, live].map(|ty| column_type(ty, Dialect::MariaDb));
    assert_eq!(declared.is_wider_than(&live, Dialect::MariaDb), expected);
}

#[rstest]
#[case::a_number_without_limits("numeric", "numeric(10,2)", true)]
#[case::a_number_with_limits("numeric(10,2)", "numeric", false)]
#[case::a_text_without_limits("varchar", "varchar(8)", true)]
#[case::a_text_with_limits("varchar(8)", "varchar", false)]
#[case::more_bits("varbit(8)", "varbit(4)", true)]
#[case::an_endless_text("text", "varchar(8)", true)]
fn a_type_of_postgres_holds_all_of(#[case] declared: &str, #[case] live: &str, #[case] expected: bool) {
    let [declared, live] = [declared, live].map(|ty| column_type(ty, Dialect::Postgres));
    assert_eq!(declared.is_wider_than(&live, Dialect::Postgres), expected);
}

#[test]
fn a_length_of_sqlite_limits_nothing() {
    let [declared, live] = ["text", "varchar(8)"].map(|ty| column_type(ty, Dialect::Sqlite));
    assert!(!declared.is_wider_than(&live, Dialect::Sqlite));
}

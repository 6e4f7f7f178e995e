mod keys;
mod reasons;
mod types;

use rstest::rstest;

use super::*;
use crate::{
    consequence::Severity,
    model::{Column, ColumnType, DefaultValue, LogicalType, Nullability, Sides},
    normalise::column_type,
};

fn consequence(change: &Change, dialect: Dialect) -> Consequence {
    impact(change, &TableName::unqualified("call_log"), dialect).consequence
}

#[rstest]
#[case::null_reaches_a_plain_field(Nullability::NotNull, Nullability::Nullable, Consequence::ReadsMayFail)]
#[case::none_is_refused_by_the_table(Nullability::Nullable, Nullability::NotNull, Consequence::WritesMayFail)]
fn nullability_is_judged_by_direction(
    #[case] declared: Nullability,
    #[case] live: Nullability,
    #[case] expected: Consequence,
) {
    let sides = Sides { declared, live };
    let change =
        Change::Nullability { column: "status".to_owned(), sides, on_omit: OnOmit::Stored, on_null: OnOmit::Rejected };
    assert_eq!(consequence(&change, Dialect::Postgres), expected);
}

#[rstest]
#[case::an_exact_decoder(Dialect::Postgres, "integer", "bigint", Consequence::ReadsFail)]
#[case::a_generous_decoder(Dialect::MariaDb, "bigint", "bigint(20) unsigned", Consequence::ReadsFail)]
#[case::a_wider_integer(Dialect::MariaDb, "int", "bigint(20)", Consequence::ReadsMayFail)]
#[case::a_narrower_integer(Dialect::MariaDb, "bigint", "int(11)", Consequence::WritesMayFail)]
#[case::another_sign(Dialect::MariaDb, "int", "int(10) unsigned", Consequence::ReadsFail)]
#[case::blanks_at_the_end(Dialect::MariaDb, "varchar(32)", "char(32)", Consequence::ValuesChange)]
#[case::text_from_bytes(Dialect::MariaDb, "text", "blob", Consequence::ReadsMayFail)]
#[case::bytes_from_text(Dialect::MariaDb, "blob", "longtext", Consequence::WritesMayFail)]
#[case::a_zone_that_is_forgotten(Dialect::MariaDb, "timestamp", "datetime", Consequence::Nothing)]
#[case::a_smaller_float(Dialect::MariaDb, "double", "float", Consequence::WritesMayFail)]
#[case::a_boolean_in_a_wider_column(Dialect::MariaDb, "bool", "tinyint(4)", Consequence::Nothing)]
#[case::a_narrower_text(Dialect::Postgres, "varchar(32)", "character varying(16)", Consequence::WritesMayFail)]
#[case::a_wider_text(Dialect::Postgres, "varchar(32)", "character varying(64)", Consequence::Nothing)]
#[case::text_without_an_end(Dialect::Postgres, "varchar(32)", "text", Consequence::Nothing)]
#[case::an_end_to_the_text(Dialect::Postgres, "text", "character varying(255)", Consequence::WritesMayFail)]
#[case::padded_text(Dialect::Postgres, "varchar(32)", "character(32)", Consequence::ValuesChange)]
#[case::text_for_a_number(Dialect::Postgres, "integer", "text", Consequence::ReadsFail)]
#[case::a_zone(Dialect::Postgres, "timestamp", "timestamp with time zone", Consequence::ReadsFail)]
#[case::lost_digits(Dialect::Postgres, "timestamp", "timestamp(0) without time zone", Consequence::ValuesChange)]
#[case::less_before_the_point(Dialect::Postgres, "decimal(10, 2)", "numeric(8,2)", Consequence::WritesMayFail)]
#[case::less_behind_the_point(Dialect::Postgres, "decimal(10, 2)", "numeric(10,1)", Consequence::ValuesChange)]
#[case::more_of_both(Dialect::Postgres, "decimal(10, 2)", "numeric(12,3)", Consequence::Nothing)]
#[case::json_that_is_parsed(Dialect::Postgres, "json", "jsonb", Consequence::Nothing)]
#[case::json_that_is_not_compared(Dialect::Postgres, "jsonb", "json", Consequence::ReadsMayFail)]
#[case::a_decimal_of_any_size(Dialect::Postgres, "decimal(10, 2)", "numeric", Consequence::ReadsMayFail)]
#[case::text_that_is_cut(Dialect::Postgres, "varchar(255)", "name", Consequence::ValuesChange)]
#[case::no_length_is_enforced(Dialect::Sqlite, "varchar(32)", "varchar(16)", Consequence::Nothing)]
#[case::digits_stored_as_text(Dialect::Sqlite, "integer", "text", Consequence::ReadsFail)]
#[case::text_stored_as_digits(Dialect::Sqlite, "varchar(32)", "integer", Consequence::ReadsMayFail)]
#[case::whole_floats_stored_as_integers(Dialect::Sqlite, "double", "integer", Consequence::ReadsMayFail)]
fn a_type_is_judged_by_what_the_driver_does_with_it(
    #[case] dialect: Dialect,
    #[case] declared: &str,
    #[case] live: &str,
    #[case] expected: Consequence,
) {
    let sides = Sides { declared: column_type(declared, dialect), live: column_type(live, dialect) };
    assert_ne!(sides.declared, sides.live);
    assert_eq!(consequence(&Change::Type { column: "c".to_owned(), sides }, dialect), expected);
}

#[rstest]
#[case::a_label_that_the_entity_does_not_know(&[], &["idle"], Consequence::ReadsMayFail)]
#[case::a_label_that_the_database_does_not_know(&["idle"], &[], Consequence::WritesMayFail)]
#[case::labels_of_both(&["idle"], &["busy"], Consequence::ReadsMayFail)]
fn labels_are_judged_by_who_lacks_them(
    #[case] missing: &[&str],
    #[case] unexpected: &[&str],
    #[case] expected: Consequence,
) {
    let owned = |labels: &[&str]| labels.iter().map(ToString::to_string).collect();
    let change =
        Change::EnumLabels { column: "state".to_owned(), missing: owned(missing), unexpected: owned(unexpected) };
    assert_eq!(consequence(&change, Dialect::Postgres), expected);
}

#[rstest]
#[case(Dialect::Postgres, "varchar(64)", "character varying(64)")]
#[case(Dialect::Postgres, "decimal(10, 2)", "numeric(10,2)")]
#[case(Dialect::Postgres, "bool", "boolean")]
#[case(Dialect::Postgres, "timestamp", "timestamp without time zone")]
#[case(Dialect::Postgres, "integer[]", "integer[]")]
#[case(Dialect::MariaDb, "int", "int(11)")]
#[case(Dialect::MySql, "int", "int")]
#[case(Dialect::MariaDb, "bool", "tinyint(1)")]
#[case(Dialect::MariaDb, "decimal", "decimal(10,0)")]
#[case(Dialect::MariaDb, "json", "longtext")]
#[case(Dialect::MariaDb, "ENUM('a', 'b')", "enum('a','b')")]
#[case::whose_labels_are_a_difference_of_their_own(Dialect::MariaDb, "ENUM('a', 'b')", "enum('b')")]
#[case(Dialect::Sqlite, "real(10, 2)", "REAL(10,2)")]
fn two_spellings_of_one_type_are_equal(#[case] dialect: Dialect, #[case] declared: &str, #[case] live: &str) {
    assert_eq!(column_type(declared, dialect), column_type(live, dialect));
}

#[rstest]
#[case::required(Nullability::NotNull, None, Consequence::WritesFail)]
#[case::with_a_default(Nullability::NotNull, Some("0"), Consequence::Nothing)]
#[case::nullable(Nullability::Nullable, None, Consequence::Nothing)]
fn a_column_that_the_entity_does_not_know_breaks_only_if_it_must_be_given(
    #[case] nullability: Nullability,
    #[case] default: Option<&str>,
    #[case] expected: Consequence,
) {
    let live = Column {
        nullability,
        default: default.map(|text| DefaultValue::Literal(text.to_owned())),
        ..Column::plain("tenant", column_type("integer", Dialect::Postgres))
    };
    assert_eq!(
        consequence(&Change::ColumnUnexpected { live, may_be_set_by_server: false }, Dialect::Postgres),
        expected
    );
}

#[test]
fn a_type_of_another_meaning_is_never_equal_by_its_text() {
    let same_words = |dialect| -> ColumnType { column_type("tinyint(1)", dialect) };
    assert_ne!(same_words(Dialect::MariaDb), same_words(Dialect::Sqlite));
}

/// The greatest is the worst, of both.
#[test]
fn a_worse_consequence_is_never_less_severe() {
    use Consequence::{
        ConstraintLost, IntegrityLost, Nothing, ReadsFail, ReadsMayFail, Slower, ValuesChange, WritesFail,
        WritesMayFail,
    };
    let all = [
        Nothing,
        Slower,
        ValuesChange,
        WritesMayFail,
        ReadsMayFail,
        ConstraintLost,
        IntegrityLost,
        WritesFail,
        ReadsFail,
    ];
    assert!(all.is_sorted() && all.map(Consequence::severity).is_sorted());
    assert_eq!((Nothing.severity(), ReadsFail.severity()), (Severity::Info, Severity::Error));
}

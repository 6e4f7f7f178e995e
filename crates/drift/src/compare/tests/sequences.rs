//! Counters of generated keys.

use rstest::rstest;

use crate::{
    change::Change,
    compare::sequence::sequence,
    impact::impact,
    model::{Column, CounterKind, Dialect, NextValue, Sequence, TableName},
    normalise::column_type,
};

const SMALL: i128 = i16::MAX as i128;
const WHOLE: i128 = i32::MAX as i128;
const BIG: i128 = i64::MAX as i128;

pub(super) fn counter(next: impl Into<Option<i128>>, last: i128) -> Sequence {
    Sequence {
        name: "numbers".to_owned(),
        kind: CounterKind::Sequence,
        next: next.into(),
        increment: 1,
        first: 1,
        last,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Free,
    }
}

fn by(increment: i128, counter: Sequence) -> Sequence {
    Sequence { increment, ..counter }
}

/// Counts from -1 down to `first`.
fn down(increment: i128, next: i128, first: i128) -> Sequence {
    Sequence { increment, first, last: -1, ..counter(next, -1) }
}

fn cut(counter: Sequence) -> Sequence {
    Sequence { is_cut: true, ..counter }
}

fn of(kind: CounterKind, counter: Sequence) -> Sequence {
    Sequence { kind, ..counter }
}

#[rstest]
#[case::it_is_new("integer", "integer", counter(1, WHOLE), "nothing")]
#[case::nobody_knows_its_next_value("integer", "integer", counter(None, WHOLE), "nothing")]
#[case::it_is_half_used("integer", "integer", counter(1_073_741_824, WHOLE), "nothing")]
#[case::it_is_more_than_half_used("integer", "integer", counter(1_073_741_825, WHOLE), "1073741823 left")]
#[case::one_value_is_left("integer", "integer", counter(WHOLE, WHOLE), "1 left")]
#[case::none_is_left("integer", "integer", counter(WHOLE + 1, WHOLE), "0 left")]
#[case::it_ended_long_ago("integer", "integer", counter(WHOLE + 9, WHOLE), "0 left")]
#[case::it_counts_in_tens("integer", "integer", by(10, counter(WHOLE - 27, WHOLE)), "3 left")]
#[case::few_of_its_steps_are_left("integer", "integer", by(1_000_000_000, counter(2, WHOLE)), "3 left")]
#[case::many_of_its_steps_are_left("integer", "integer", by(2, counter(2, WHOLE)), "nothing")]
#[case::it_begins_late("smallint", "smallint", Sequence { first: 30_000, ..counter(31_000, SMALL) }, "nothing")]
#[case::the_field_is_narrower("smallint", "integer", counter(20_000, WHOLE), "12768 left")]
#[case::the_column_is_narrower("integer", "smallint", counter(20_000, WHOLE), "12768 left")]
#[case::the_column_is_a_text("text", "text", counter(WHOLE, WHOLE), "nothing")]
#[case::it_ends_before_the_column("bigint", "bigint", counter(1, WHOLE), "ends at 2147483647 of 9223372036854775807")]
#[case::it_ends_with_the_column("bigint", "bigint", counter(1, BIG), "nothing")]
#[case::it_counts_down("integer", "integer", down(-1, -1, -WHOLE - 1), "nothing")]
#[case::it_counts_down_and_is_used("integer", "integer", down(-1, -2_000_000_000, -WHOLE - 1), "147483649 left")]
#[case::it_counts_down_in_fives("integer", "integer", down(-5, -2_000_000_000, -WHOLE - 1), "29496730 left")]
#[case::it_counts_down_past_the_column("integer", "integer", down(-1, -2_000_000_000, -BIG), "147483649 left")]
#[case::values_past_the_column_are_cut("smallint", "smallint", cut(counter(20_000, WHOLE)), "12768 left, then cut")]
#[case::no_value_is_past_the_column("smallint", "smallint", cut(counter(20_000, SMALL)), "12768 left")]
#[case::values_below_the_column_are_cut("smallint", "smallint", cut(down(-1, -20_000, -WHOLE)), "12769 left, then cut")]
#[case::no_value_is_below_the_column("smallint", "smallint", cut(down(-1, -20_000, -SMALL - 1)), "12769 left")]
fn a_sequence_is_fine_or(
    #[case] declared: &str,
    #[case] live: &str,
    #[case] counter: Sequence,
    #[case] expected: &str,
) {
    assert_eq!(found(declared, live, counter, Dialect::Postgres), expected);
}

#[rstest]
#[case::auto_increment("bigint", of(CounterKind::AutoIncrement, counter(1, WHOLE)), "nothing")]
#[case::unsigned(
    "int unsigned",
    of(CounterKind::AutoIncrement, counter(3_000_000_000, 4_294_967_295)),
    "1294967296 left"
)]
fn a_counter_of_mariadb_is_fine_or(#[case] ty: &str, #[case] counter: Sequence, #[case] expected: &str) {
    assert_eq!(found(ty, ty, counter, Dialect::MariaDb), expected);
}

/// A rowid has 64 bits, whatever the type of its column is called.
#[rstest]
#[case::the_field_holds_them("bigint", "nothing")]
#[case::the_field_does_not("integer", "0 left")]
fn a_rowid_beyond_32_bits_is_fine_where(#[case] declared: &str, #[case] expected: &str) {
    let counter = of(CounterKind::Rowid { is_kept: true }, counter(3_000_000_000, BIG));
    assert_eq!(found(declared, "integer", counter.clone(), Dialect::Sqlite), expected);
    let column = Column::plain("id", column_type("integer", Dialect::Sqlite));
    let undeclared = Column { sequence: Some(Box::new(counter)), ..column };
    assert_eq!(sequence(None, &undeclared), None, "a field that is not there");
}

/// A rowid that has come to its end tries numbers of 63 bits by chance.
#[rstest]
#[case::a_field_that_holds_them("bigint", of(CounterKind::Rowid { is_kept: true }, counter(None, BIG)), "nothing")]
#[case::a_field_that_does_not("integer", of(CounterKind::Rowid { is_kept: true }, counter(None, BIG)), "0 left")]
#[case::another_counter("integer", of(CounterKind::AutoIncrement, counter(None, WHOLE)), "nothing")]
fn a_rowid_at_its_end_is_fine_for(#[case] ty: &str, #[case] counter: Sequence, #[case] expected: &str) {
    assert_eq!(found(ty, "bigint", counter, Dialect::Sqlite), expected);
}

#[rstest]
#[case::at_once(NextValue::Taken, "behind by WritesFail")]
#[case::after_seven_others(NextValue::TakenAfter(7), "behind by WritesMayFail")]
#[case::never(NextValue::Free, "nothing")]
fn a_value_may_be_taken(#[case] state: NextValue, #[case] expected: &str) {
    let taken = Sequence { state, ..counter(1, WHOLE) };
    assert_eq!(found("integer", "integer", taken, Dialect::Postgres), expected);
}

fn found(declared: &str, live: &str, counter: Sequence, dialect: Dialect) -> String {
    let column = |ty| Column::plain("id", column_type(ty, dialect));
    let live = Column { sequence: Some(Box::new(counter)), ..column(live) };
    match sequence(Some(&column(declared)), &live) {
        None => "nothing".to_owned(),
        Some(change @ Change::SequenceBehind { .. }) => {
            let table = TableName { schema: None, name: "call_log".to_owned() };
            format!("behind by {:?}", impact(&change, &table, dialect).consequence)
        }
        Some(Change::SequenceNarrower { sequence, largest, .. }) => format!("ends at {} of {largest}", sequence.last),
        Some(Change::KeysRunOut { sequence, left, .. }) => {
            format!("{left} left{}", if sequence.is_cut { ", then cut" } else { "" })
        }
        other => panic!("{other:?}"),
    }
}

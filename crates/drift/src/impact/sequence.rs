//! What a counter does that is behind, too narrow, or near its end.

use crate::{
    consequence::{Consequence, Impact},
    model::{NextValue, Sequence, TableName},
};

pub(super) fn sequence_behind(column: &str, sequence: &Sequence, table: &TableName) -> Impact {
    let why = "the generated value is a duplicate";
    if let NextValue::TakenAfter(left) = sequence.state {
        return Consequence::WritesMayFail
            .because(format!("inserts into {table} that omit {column} fail after {left} more: {why}"));
    }
    Consequence::WritesFail.because(format!("inserts into {table} that omit {column} fail: {why}"))
}

pub(super) fn sequence_narrower(column: &str, sequence: &Sequence, largest: i128, table: &TableName) -> Impact {
    if sequence.next.is_some_and(|next| next > sequence.last.min(largest)) {
        return Consequence::WritesFail.because(format!("inserts into {table} that omit {column} fail"));
    }
    Consequence::WritesMayFail.because(format!("inserts that omit {column} fail once it reaches {}", sequence.last))
}

pub(super) fn keys_run_out(column: &str, sequence: &Sequence, left: i128, table: &TableName) -> Impact {
    let ends = if sequence.cycles { "are duplicates" } else { "fail" };
    if sequence.is_cut {
        let after = if left == 0 { "now".to_owned() } else { format!("after {left} more") };
        return Consequence::ValuesChange.because(format!(
            "inserts that omit {column} store negative keys {after}: an identity column cuts what is beyond its type"
        ));
    }
    if left == 0 && !sequence.cycles {
        return Consequence::WritesFail.because(format!("every insert into {table} that omits {column} fails"));
    }
    let per_day = sequence.per_day.filter(|per_day| *per_day > 0);
    let days = per_day.map_or_else(String::new, |per_day| {
        let days = left / i128::from(per_day);
        format!(", in about {days} day{} at the rate so far", if days == 1 { "" } else { "s" })
    });
    Consequence::WritesMayFail.because(format!("inserts that omit {column} {ends} after {left} more{days}"))
}

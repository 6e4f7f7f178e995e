//! A change of each kind. The pages of the rules show what the report says of these.

use super::{super::*, column, missing};
use crate::{
    change::{Refuses, Unset},
    model::{DefaultValue, Generation, Index, Nullability, Sides, Uniqueness},
    normalise::column_type,
};

pub(super) fn every_change() -> Vec<Change> {
    let ty = |text| column_type(text, Dialect::Postgres);
    vec![
        Change::TableMissing { elsewhere: Vec::new() },
        missing("recording_mode"),
        Change::ColumnUnexpected {
            live: crate::model::Column { nullability: Nullability::NotNull, ..column("note", "text") },
        },
        Change::Spelling {
            sides: Sides { declared: "status".to_owned(), live: "Status".to_owned() },
            nullability: Nullability::Nullable,
        },
        Change::Type { column: "duration".to_owned(), sides: Sides { declared: ty("integer"), live: ty("bigint") } },
        Change::Nullability {
            column: "status".to_owned(),
            sides: Sides { declared: Nullability::Nullable, live: Nullability::NotNull },
            unset: Unset::Stored,
        },
        Change::Default {
            column: "status".to_owned(),
            sides: Sides { declared: Some(DefaultValue::Literal("received".to_owned())), live: None },
            nullability: Nullability::Nullable,
        },
        Change::Generation {
            column: "id".to_owned(),
            sides: Sides { declared: Generation::AutoIncrement, live: Generation::Given },
            nullability: Nullability::NotNull,
        },
        Change::PrimaryKey {
            sides: Sides { declared: vec!["id".to_owned()], live: Vec::new() },
            limits: Vec::new(),
            substitute: None,
        },
        Change::UniqueMissing { declared: index("", "call_sid", Uniqueness::Unique), nearest: None },
        Change::IndexMissing { declared: index("", "lead_id", Uniqueness::Plain), nearest: None, substitute: None },
        Change::IndexUnexpected {
            live: index("ux_call_log_lead_id", "lead_id", Uniqueness::Unique),
            refuses: Refuses::Duplicates,
        },
    ]
}

fn index(name: &str, column: &str, uniqueness: Uniqueness) -> Index {
    Index { name: name.to_owned(), columns: vec![column.to_owned()], uniqueness, limits: Vec::new() }
}

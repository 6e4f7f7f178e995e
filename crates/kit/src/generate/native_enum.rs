//! A native enum: its name and its labels.

use sea_orm_drift::model::{self, LogicalType};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) labels: Vec<String>,
}

/// The enum of a live column, or of the elements of its array, where the type has a name of its own.
pub(super) fn live_enum(ty: &model::ColumnType) -> Option<Enum> {
    let element = if let LogicalType::Array(element) = &ty.kind { element } else { &ty.kind };
    if let LogicalType::Enum { name: Some(_), labels } = element {
        // Only the text has the case of the name.
        let name = ty.text.trim_end_matches("[]").trim_matches('"').to_owned();
        Some(Enum { name, labels: labels.to_vec() })
    } else {
        None
    }
}

/// The enum that a column declares, or the elements of its array.
pub(super) fn enum_of(ty: &ColumnType) -> Option<Enum> {
    match ty {
        ColumnType::Enum { name, variants } => {
            Some(Enum { name: name.to_string(), labels: variants.iter().map(ToString::to_string).collect() })
        }
        ColumnType::Array(element) => enum_of(element),
        _ => None,
    }
}

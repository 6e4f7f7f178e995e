//! Which types keep which values.

use sea_orm_migration::sea_orm::sea_query::{ColumnType, StringLen};

use crate::generate::spec::is_integer;

#[derive(PartialEq)]
pub(super) enum Family {
    Number,
    Text,
    Instant,
}

pub(super) fn family(ty: &ColumnType) -> Option<Family> {
    match ty {
        ty if is_integer(ty) => Some(Family::Number),
        ColumnType::Float | ColumnType::Double | ColumnType::Decimal(_) => Some(Family::Number),
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => Some(Family::Text),
        ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone | ColumnType::Date => {
            Some(Family::Instant)
        }
        _ => None,
    }
}

pub(super) fn converts(from: &ColumnType, to: &ColumnType) -> bool {
    family(from).is_some() && family(from) == family(to)
}

/// Whether every value of `from` has its place in `to`, as far as the types say.
pub(in crate::generate) fn keeps_every_value(from: &ColumnType, to: &ColumnType) -> bool {
    let is_unlimited = matches!(to, ColumnType::Text | ColumnType::String(StringLen::None | StringLen::Max));
    let is_plain =
        !matches!(from, ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob | ColumnType::Array(_));
    is_unlimited && is_plain
}

//! `ALTER COLUMN ... TYPE`: whether the stored values remain valid.
//!
//! <https://www.postgresql.org/docs/current/sql-altertable.html>: no rewrite where the old values are binary
//! compatible with the new type. The catalog of casts tells which are, and so do the planner support functions that remove a
//! cast without effect (`varchar_support`, `numeric_support` and others).

use sqlparser::ast::{ArrayElemTypeDef, CharacterLength, DataType, ExactNumberInfo, ObjectName, TimezoneInfo};

use crate::plan::Work;

/// A type, as far as storage depends on it. `None` is an unlimited length or precision.
#[derive(Clone, Debug, PartialEq, Eq)]
enum StoredType {
    Varchar(Option<u64>),
    Text,
    Char(u64),
    Numeric(Option<(u64, i64)>),
    Timestamp(u64),
    TimestampTz(u64),
    Time(u64),
    TimeTz(u64),
    VarBit(Option<u64>),
    /// A type that no other type is stored like.
    Plain(Plain),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    SmallInt,
    Integer,
    BigInt,
    Real,
    Double,
    Boolean,
    Date,
    Json,
    Jsonb,
    Uuid,
    Bytea,
}

/// The default precision of times.
const MICROSECONDS: u64 = 6;

/// What a change of the type takes; `None` if unknown.
pub(crate) fn change(old: &DataType, new: &DataType, is_utc: bool) -> Option<Work> {
    use StoredType::{Numeric, Plain, Text, Time, TimeTz, Timestamp, TimestampTz, VarBit, Varchar};

    let (old, new) = (StoredType::of(old)?, StoredType::of(new)?);
    let is_kept = match (&old, &new) {
        (old, new) if old == new => true,
        (Varchar(_) | Text, Text | Varchar(None)) => true,
        (Varchar(Some(old)), Varchar(Some(new))) | (VarBit(Some(old)), VarBit(Some(new))) => new >= old,
        (VarBit(_), VarBit(None)) => true,
        (Numeric(_), Numeric(None)) => true,
        (Numeric(Some((old, old_scale))), Numeric(Some((new, new_scale)))) => new >= old && new_scale == old_scale,
        (Timestamp(old), Timestamp(new)) | (TimestampTz(old), TimestampTz(new)) => new >= old,
        (Time(old), Time(new)) | (TimeTz(old), TimeTz(new)) => new >= old,
        (Timestamp(old), TimestampTz(new)) | (TimestampTz(old), Timestamp(new)) => {
            // A cast that changes both the precision and the zone is not removed by the planner.
            if is_utc && *new == MICROSECONDS {
                true
            } else if is_utc && old != new {
                return None;
            } else {
                is_utc
            }
        }
        (Plain(_), Plain(_)) => false,
        _ => false,
    };
    Some(if is_kept { Work::Metadata } else { Work::RewritesTable })
}

/// Whether the type changes between timestamps with and without time zone: indexes need another operator class.
pub(crate) fn changes_zone(old: &DataType, new: &DataType) -> bool {
    matches!(
        (StoredType::of(old), StoredType::of(new)),
        (Some(StoredType::Timestamp(_)), Some(StoredType::TimestampTz(_)))
            | (Some(StoredType::TimestampTz(_)), Some(StoredType::Timestamp(_)))
    )
}

impl StoredType {
    fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Varchar(limit) | DataType::CharacterVarying(limit) | DataType::CharVarying(limit) => {
                Self::Varchar(length(limit.as_ref()))
            }
            DataType::Text => Self::Text,
            DataType::Char(limit) | DataType::Character(limit) => Self::Char(length(limit.as_ref()).unwrap_or(1)),
            DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info) => Self::Numeric(match info {
                ExactNumberInfo::None => None,
                ExactNumberInfo::Precision(precision) => Some((*precision, 0)),
                ExactNumberInfo::PrecisionAndScale(precision, scale) => Some((*precision, *scale)),
            }),
            DataType::Timestamp(precision, zone) => match zone {
                TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => Self::Timestamp(digits(*precision)),
                TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => Self::TimestampTz(digits(*precision)),
            },
            DataType::Time(precision, zone) => match zone {
                TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => Self::Time(digits(*precision)),
                TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => Self::TimeTz(digits(*precision)),
            },
            DataType::BitVarying(length) | DataType::VarBit(length) => Self::VarBit(*length),
            DataType::SmallInt(_) | DataType::Int2(_) => Self::Plain(Plain::SmallInt),
            DataType::Int(_) | DataType::Int4(_) | DataType::Integer(_) => Self::Plain(Plain::Integer),
            DataType::BigInt(_) | DataType::Int8(_) => Self::Plain(Plain::BigInt),
            DataType::Real | DataType::Float4 => Self::Plain(Plain::Real),
            DataType::DoublePrecision | DataType::Float8 => Self::Plain(Plain::Double),
            DataType::Bool | DataType::Boolean => Self::Plain(Plain::Boolean),
            DataType::Date => Self::Plain(Plain::Date),
            DataType::JSON => Self::Plain(Plain::Json),
            DataType::JSONB => Self::Plain(Plain::Jsonb),
            DataType::Uuid => Self::Plain(Plain::Uuid),
            DataType::Bytea => Self::Plain(Plain::Bytea),
            // Its element or base type would decide.
            DataType::Array(ArrayElemTypeDef::SquareBracket(_, _)) | DataType::Custom(_, _) => return None,
            _ => return None,
        })
    }
}

/// In characters.
fn length(length: Option<&CharacterLength>) -> Option<u64> {
    match length? {
        CharacterLength::IntegerLength { length, .. } => Some(*length),
        CharacterLength::Max => None,
    }
}

fn digits(precision: Option<u64>) -> u64 {
    precision.unwrap_or(MICROSECONDS)
}

/// Types that create a sequence, which the catalog does not list.
pub(crate) fn is_serial(name: &ObjectName) -> bool {
    let name = name.to_string().to_lowercase();
    ["serial", "serial2", "serial4", "serial8", "smallserial", "bigserial"].contains(&name.as_str())
}

//! Values that SQLite would keep in the form of their old type, in which the driver does not read the new one.

use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::types::{Family, family};
use crate::generate::spec::{ColumnSpec, is_integer};

/// The value of a column in its new type, as SQL; `None` if it stays as it is. What cannot be converted is kept.
pub(super) fn converted(from: &ColumnSpec, to: &ColumnSpec) -> Option<String> {
    let name = format!("\"{}\"", to.name.replace('"', "\"\""));
    let is_text = |ty: &ColumnType| family(ty) == Some(Family::Text);
    let is_moment = |ty: &ColumnType| family(ty) == Some(Family::Instant) && *ty != ColumnType::Date;
    let is_fraction = |ty: &ColumnType| family(ty) == Some(Family::Number) && !is_integer(ty);
    match (&from.ty, &to.ty) {
        (ColumnType::Date, ColumnType::TimestampWithTimeZone) => Some(format!("{name} || 'T00:00:00+00:00'")),
        (ColumnType::Date, to) if is_moment(to) => Some(format!("{name} || ' 00:00:00'")),
        (from, ColumnType::TimestampWithTimeZone) if is_text(from) => {
            Some(format!("CASE length({name}) WHEN 10 THEN {name} || 'T00:00:00+00:00' ELSE {name} END"))
        }
        (from, to) if is_text(from) && is_moment(to) => {
            Some(format!("CASE length({name}) WHEN 10 THEN {name} || ' 00:00:00' ELSE {name} END"))
        }
        (from, ColumnType::Date) if is_text(from) || is_moment(from) => Some(format!("coalesce(date({name}), {name})")),
        (from, ColumnType::Time) if is_moment(from) => Some(format!("coalesce(strftime('%H:%M:%f', {name}), {name})")),
        // MySQL takes today.
        (ColumnType::Time, ColumnType::TimestampWithTimeZone) => Some(format!("'1970-01-01T' || {name} || '+00:00'")),
        (ColumnType::Time, to) if is_moment(to) => Some(format!("'1970-01-01 ' || {name}")),
        (from, ColumnType::Uuid) if is_text(from) => Some(format!("coalesce(unhex(replace({name}, '-', '')), {name})")),
        (ColumnType::Uuid, to) if is_text(to) => {
            let part = |start: u8, length: u8| format!("substr(hex({name}), {start}, {length})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ");
            Some(format!("CASE typeof({name}) WHEN 'blob' THEN lower({parts}) ELSE {name} END"))
        }
        (from, to) if is_fraction(from) && is_integer(to) => {
            Some(format!("CASE typeof({name}) WHEN 'real' THEN CAST(round({name}) AS integer) ELSE {name} END"))
        }
        (from, ColumnType::Boolean) if is_text(from) => Some(format!(
            "CASE WHEN lower({name}) IN ('t', 'true', 'y', 'yes', 'on') THEN 1 \
             WHEN lower({name}) IN ('f', 'false', 'n', 'no', 'off') THEN 0 ELSE {name} END"
        )),
        (ColumnType::Boolean, to) if is_text(to) => {
            Some(format!("CASE {name} WHEN '1' THEN 'true' WHEN '0' THEN 'false' ELSE {name} END"))
        }
        _ => None,
    }
}

//! Values that are too long for an entry of a PostgreSQL index.

use crate::{
    model::{Column, Dialect, Index, IndexRestriction, LogicalType, Stated, Table},
    normalise,
};

/// The longest entry of a B-tree.
const MAX_ENTRY_BYTES: u32 = 2704;

/// Whether an undeclared index rejects long values that the entity allows. An entity whose key has the same columns does not allow
/// them, and one that gives no length for its texts does not promise long ones.
pub(super) fn refuses_declared_long_values(index: &Index, declared: &Table, live: &Table) -> bool {
    if holds_long_included_values(index, declared) {
        return true;
    }
    if !index.restrictions.contains(&IndexRestriction::LongValues)
        || fits_as_declared(index, declared, live)
        || is_long_by_what_is_left_out(index, declared, live)
    {
        return false;
    }
    let is_indexed = |column: &&Column| index.columns.iter().any(|part| refers_to_column(part, column));
    let indexed: Vec<&Column> = declared.columns.iter().filter(is_indexed).collect();
    let is_declared_primary_key = declared.primary_key.len() == index.columns.len()
        && index.columns.iter().all(|part| declared.primary_key.contains(part));
    let mut unlimited = indexed.iter().filter(|column| is_unlimited(&column.ty.kind)).peekable();
    let has_no_declared_length =
        unlimited.peek().is_some() && unlimited.all(|column| column.ty.stated == Stated::WithoutLength);
    !indexed.is_empty() && !is_declared_primary_key && !has_no_declared_length
}

/// Whether a column of its INCLUDE takes long values, which no key of the entity has.
pub(super) fn holds_long_included_values(index: &Index, declared: &Table) -> bool {
    let is_long = |column: &Column| is_unlimited(&column.ty.kind) && column.ty.stated != Stated::WithoutLength;
    let is_included = |column: &&Column| index.included.contains(&column.name);
    index.restrictions.contains(&IndexRestriction::LongValues)
        && declared.columns.iter().filter(is_included).any(is_long)
}

/// Whether only columns that the program never sets make an entry too long.
fn is_long_by_what_is_left_out(index: &Index, declared: &Table, live: &Table) -> bool {
    let width = |part: &String| {
        let kind = live.columns.iter().find(|column| column.name == *part).map(|column| &column.ty.kind)?;
        width(kind)
    };
    let is_set = |part: &&String| declared.columns.iter().any(|column| refers_to_column(part, column));
    let (set, left_out): (Vec<&String>, Vec<&String>) = index.columns.iter().partition(is_set);
    let of_set = set.into_iter().try_fold(0_u32, |sum, part| sum.checked_add(width(part)?));
    left_out.into_iter().any(|part| width(part).is_none()) && of_set.is_some_and(|bytes| bytes <= MAX_ENTRY_BYTES)
}

/// Whether the index would fit with the declared types, so that only wider live columns make it too long.
fn fits_as_declared(index: &Index, declared: &Table, live: &Table) -> bool {
    let kind = |table: &Table, name: &String| {
        table.columns.iter().find(|column| column.name == *name).map(|column| column.ty.kind.clone())
    };
    // Without the columns of INCLUDE.
    let has_unlimited = index.columns.iter().any(|name| kind(live, name).is_some_and(|kind| is_unlimited(&kind)));
    let width = index.columns.iter().try_fold(0_u32, |sum, name| sum.checked_add(width(&kind(declared, name)?)?));
    has_unlimited && width.is_some_and(|width| width <= MAX_ENTRY_BYTES)
}

/// The maximum size of a value in an index entry, in bytes; `None` if there is no limit.
fn width(kind: &LogicalType) -> Option<u32> {
    if let LogicalType::Varchar(Some(length)) | LogicalType::Char(length) = kind {
        return length.checked_mul(4);
    }
    (!is_unlimited(kind)).then_some(16)
}

/// A part of an index is a column, or an expression.
fn refers_to_column(part: &str, column: &Column) -> bool {
    *part == column.name || normalise::tokens(part).iter().any(|token| token.refers_to(&column.name, Dialect::Postgres))
}

fn is_unlimited(kind: &LogicalType) -> bool {
    let is_text = matches!(kind, LogicalType::Text(_) | LogicalType::Varchar(None));
    is_text || matches!(kind, LogicalType::Blob(_) | LogicalType::JsonBinary | LogicalType::Array(_))
}

//! Long values, which an index of PostgreSQL cannot hold.

use crate::{
    model::{Column, Dialect, Index, IndexRestriction, LogicalType, Stated, Table},
    normalise,
};

/// Whether an undeclared index rejects long values that the entity allows. The declared key rejects them, too; and where the
/// entity says no length of a text, it does not say that the text may be so long.
pub(super) fn refuses_long_values(index: &Index, declared: &Table, live: &Table) -> bool {
    if !index.restrictions.contains(&IndexRestriction::LongValues) || is_wider_than_declared(index, declared, live) {
        return false;
    }
    let is_in = |column: &&Column| index.columns.iter().any(|part| is_about(part, column));
    let written: Vec<&Column> = declared.columns.iter().filter(is_in).collect();
    let is_key = declared.primary_key.len() == index.columns.len()
        && index.columns.iter().all(|part| declared.primary_key.contains(part));
    let mut texts = written.iter().filter(|column| is_unlimited(&column.ty.kind)).peekable();
    let is_unsaid = texts.peek().is_some() && texts.all(|column| column.ty.stated == Stated::WithoutLength);
    let is_expression = index.restrictions.contains(&IndexRestriction::Expression);
    (is_expression || !written.is_empty()) && !is_key && !is_unsaid
}

/// Whether only columns that were widened make it too long.
fn is_wider_than_declared(index: &Index, declared: &Table, live: &Table) -> bool {
    /// In bytes.
    const MOST: u32 = 2704;
    let kind = |table: &Table, name: &String| {
        table.columns.iter().find(|column| column.name == *name).map(|column| column.ty.kind.clone())
    };
    // A column that is only stored in the index is not among them.
    let has_unlimited = index.columns.iter().any(|name| kind(live, name).is_some_and(|kind| is_unlimited(&kind)));
    let width = |name: &String| {
        let kind = kind(declared, name)?;
        if let LogicalType::Varchar(Some(length)) | LogicalType::Char(length) = kind {
            return length.checked_mul(4);
        }
        (!is_unlimited(&kind)).then_some(16)
    };
    let width = index.columns.iter().try_fold(0_u32, |sum, name| sum.checked_add(width(name)?));
    has_unlimited && width.is_some_and(|width| width <= MOST)
}

/// A part of an index is a column, or an expression.
fn is_about(part: &str, column: &Column) -> bool {
    *part == column.name || normalise::tokens(part).iter().any(|token| token.refers_to(&column.name, Dialect::Postgres))
}

fn is_unlimited(kind: &LogicalType) -> bool {
    let is_text = matches!(kind, LogicalType::Text(_) | LogicalType::Varchar(None));
    is_text || matches!(kind, LogicalType::Blob(_) | LogicalType::JsonBinary | LogicalType::Array(_))
}

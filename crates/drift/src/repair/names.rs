//! Names for indexes and constraints that are free, and that every server takes.

use crate::model::{ForeignKey, Index, TableName};

/// A column that is declared unique has no name for its index.
pub(crate) fn index_name(index: &Index, table: &TableName, taken: &[String]) -> String {
    let is_named = !index.name.is_empty() && index.columns != [index.name.clone()];
    let name = if is_named { index.name.clone() } else { format!("idx-{}-{}", table.name, index.columns.join("-")) };
    free(&name, taken)
}

pub(crate) fn foreign_key_name(key: &ForeignKey, table: &TableName, taken: &[String]) -> String {
    let name =
        if key.name.is_empty() { format!("fk-{}-{}", table.name, key.columns.join("-")) } else { key.name.clone() };
    free(&name, taken)
}

/// The first free name that begins with `name`: within 60 bytes, of the 63 that PostgreSQL and the 64 that MySQL take, and without
/// quotes, which sea-query does not double in names of indexes and constraints.
pub(super) fn free(name: &str, taken: &[String]) -> String {
    let mut name: String = name.chars().map(|c| if "\"`".contains(c) { '_' } else { c }).collect();
    while name.len() > 60 {
        name.pop();
    }
    let is_free = |name: &String| !taken.iter().any(|taken| taken.eq_ignore_ascii_case(name));
    let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
}

//! Facts that the catalogues of several servers state alike.

use std::collections::BTreeMap;

use crate::{
    model::{Action, Dialect, IndexRestriction, ReadOnly, Table, TableName, Uniqueness},
    normalise::{Token, tokens},
};

/// The answer of the catalogue.
#[derive(Default)]
pub(crate) struct Found {
    pub(super) tables: Vec<Table>,
    /// Other schemas that have a table that is not where it was looked for.
    pub(super) other_schemas: BTreeMap<TableName, Vec<String>>,
    /// The connected role.
    pub(super) role: Option<String>,
    /// Whether its transactions cannot write.
    pub(super) read_only: Option<ReadOnly>,
    /// The encoding of the database, if it cannot hold all characters.
    pub(super) encoding: Option<String>,
}

pub(super) fn uniqueness(unique: bool) -> Uniqueness {
    if unique { Uniqueness::Unique } else { Uniqueness::Plain }
}

/// The restrictions that apply.
pub(super) fn restrictions<const N: usize>(conditions: [(bool, IndexRestriction); N]) -> Vec<IndexRestriction> {
    conditions.into_iter().filter_map(|(holds, limit)| holds.then_some(limit)).collect()
}

/// What the `WHERE` of an index leaves out. A search by all its columns has no NULL in any of them; a search by the first
/// may have one in the others. Source: <https://www.sqlite.org/partialindex.html>,
/// <https://www.postgresql.org/docs/current/indexes-partial.html>.
pub(super) fn partial(
    condition: &str,
    columns: &[String],
    uniqueness: Uniqueness,
    dialect: Dialect,
) -> IndexRestriction {
    let tokens = tokens(condition);
    let words: Vec<&Token<'_>> = tokens.iter().filter(|token| !["(", ")"].contains(&token.text)).collect();
    let searched = if uniqueness == Uniqueness::Unique { columns } else { &columns[..columns.len().min(1)] };
    let is_searched = |column: &Token<'_>| searched.iter().any(|name| dialect.same_name(name, &column.name()));
    let is_not_null = |term: &[&Token<'_>]| match term {
        [column, is, not, null] => is_searched(column) && is.is("IS") && not.is("NOT") && null.is("NULL"),
        [column, not_null] => is_searched(column) && not_null.is("NOTNULL"),
        _ => false,
    };
    // `NOT (column IS NULL)`
    let is_negated = match words.as_slice() {
        [not, column, is, null] if not.is("NOT") => is_searched(column) && is.is("IS") && null.is("NULL"),
        [not, column, is_null] if not.is("NOT") => is_searched(column) && is_null.is("ISNULL"),
        _ => false,
    };
    let mut terms = words.split(|token| token.is("AND"));
    if is_negated || terms.all(is_not_null) { IndexRestriction::LeavesOutNulls } else { IndexRestriction::Partial }
}

/// The action of a foreign key, as the SQL standard spells it.
pub(super) fn action(words: &str) -> Action {
    match words {
        "RESTRICT" => Action::Restrict,
        "CASCADE" => Action::Cascade,
        "SET NULL" => Action::SetNull,
        "SET DEFAULT" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

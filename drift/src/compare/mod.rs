//! Pairs what is declared with what is live and lists where they disagree. Total and pure: no database, no error, and
//! no opinion; what a difference breaks is said in [`consequence`](crate::consequence).

mod columns;
mod indexes;
mod pair;

use std::{borrow::Cow, collections::BTreeMap};

use columns::columns;
use indexes::{indexes, primary_key};

use crate::{
    change::Change,
    difference::Unchecked,
    model::{Dialect, Schema, Table, TableName},
};

/// All disagreements, in the order of the tables and their columns, and all that could not be judged.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) changes: Vec<(TableName, Change)>,
    pub(crate) unchecked: Vec<Unchecked>,
}

/// Compares each declared table with the live one of its name.
pub(crate) fn compare(declared: &Schema, live: &Schema) -> Comparison {
    let dialect = live.dialect;
    let by_name: BTreeMap<&TableName, &Table> = live.tables.iter().map(|table| (&table.name, table)).collect();
    let mut comparison = Comparison::default();
    for table in &declared.tables {
        let mut changes = Vec::new();
        match by_name.get(&table.name) {
            None => changes.push(Change::TableMissing),
            Some(live) => {
                let live = &respelt(live, table, dialect);
                columns(table, live, dialect, &mut changes, &mut comparison.unchecked);
                changes.extend(primary_key(table, live));
                indexes(table, live, &mut changes);
            }
        }
        comparison.changes.extend(changes.into_iter().map(|change| (table.name.clone(), change)));
    }
    comparison
}

/// The live table with the columns of its keys spelt as the entity spells them, where the database does not care.
fn respelt<'a>(live: &'a Table, declared: &Table, dialect: Dialect) -> Cow<'a, Table> {
    let spelling = |column: &String| {
        let same = declared.columns.iter().find(|declared| declared.name.eq_ignore_ascii_case(column));
        same.map(|declared| &declared.name).filter(|spelling| *spelling != column)
    };
    let mut keys = live.indexes.iter().map(|index| &index.columns).chain([&live.primary_key]).flatten();
    if dialect == Dialect::Postgres || keys.all(|column| spelling(column).is_none()) {
        return Cow::Borrowed(live);
    }
    let mut live = live.clone();
    for column in live.indexes.iter_mut().map(|index| &mut index.columns).chain([&mut live.primary_key]).flatten() {
        if let Some(spelling) = spelling(column) {
            column.clone_from(spelling);
        }
    }
    Cow::Owned(live)
}

#[cfg(test)]
mod tests;

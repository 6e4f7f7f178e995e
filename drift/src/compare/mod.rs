//! Pairs what is declared with what is live and lists where they disagree. Total and pure: no database, no error, and
//! no opinion; what a difference breaks is said in [`consequence`](crate::consequence).

mod columns;
mod indexes;
mod pair;

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
    let mut comparison = Comparison::default();
    for table in &declared.tables {
        let mut changes = Vec::new();
        match live.tables.iter().find(|live| live.name == table.name) {
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
fn respelt(live: &Table, declared: &Table, dialect: Dialect) -> Table {
    let mut live = live.clone();
    if dialect != Dialect::Postgres {
        let keys = live.indexes.iter_mut().map(|index| &mut index.columns).chain([&mut live.primary_key]);
        for column in keys.flatten() {
            let same = declared.columns.iter().find(|declared| declared.name.eq_ignore_ascii_case(column));
            *column = same.map_or_else(|| column.clone(), |declared| declared.name.clone());
        }
    }
    live
}

#[cfg(test)]
mod tests;

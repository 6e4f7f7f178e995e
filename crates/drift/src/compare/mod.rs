//! Pairs what is declared with what is live and lists where they disagree. Total and pure: no database, no error, and
//! no opinion; what a difference breaks is said in [`consequence`](crate::consequence).

mod access;
mod columns;
mod constraints;
mod indexes;
mod pair;

use std::{borrow::Cow, collections::BTreeMap};

use access::access;
use columns::columns;
use constraints::{checks, foreign_keys};
use indexes::{indexes, primary_key};

use crate::{
    change::Change,
    decision::Decision,
    difference::Unchecked,
    model::{Dialect, RowSecurity, Schema, Sides, Table, TableName, Visibility},
};

/// All disagreements, in the order of the tables and their columns, and all that could not be judged.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) changes: Vec<(TableName, Change)>,
    pub(crate) unchecked: Vec<Unchecked>,
}

/// How much of a table can be compared, or has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Everything.
    Whole,
    /// What a view shows: its columns and their types.
    Shown,
    /// The same, for an entity that is only read.
    Read,
}

/// Compares each declared table with the live one of its name.
pub(crate) fn compare(declared: &Schema, live: &Schema) -> Comparison {
    let dialect = live.dialect;
    let live_tables: BTreeMap<&TableName, &Table> = live.tables.iter().map(|table| (&table.name, table)).collect();
    let mut comparison = Comparison::default();
    for table in &declared.tables {
        let mut changes = Vec::new();
        if let Some(live) = live_tables.get(&table.name) {
            self::table(table, &respelt(live, table, dialect), dialect, &mut changes, &mut comparison.unchecked);
        } else {
            let elsewhere = live.elsewhere.get(&table.name).cloned().unwrap_or_default();
            changes.push(Change::TableMissing { elsewhere });
        }
        comparison.changes.extend(changes.into_iter().map(|change| (table.name.clone(), change)));
    }
    comparison
}

fn table(declared: &Table, live: &Table, dialect: Dialect, changes: &mut Vec<Change>, unchecked: &mut Vec<Unchecked>) {
    let scope = match (declared.relation.is_view(), live.relation.is_view()) {
        (true, _) => Scope::Read,
        (false, true) => Scope::Shown,
        (false, false) => Scope::Whole,
    };
    let mut open = |rule, why| unchecked.push(unchecked_table(declared, rule, why));
    if scope != Scope::Read {
        changes.extend(Sides::differing(&declared.relation, &live.relation).map(|sides| Change::Relation { sides }));
        for trigger in &live.triggers {
            open("trigger-unchecked", format!("what the {trigger} does to what is written"));
        }
    }
    if scope == Scope::Shown {
        open("view-unchecked", format!("keys, indexes, defaults and NULLs of what stands behind {}", live.relation));
    }
    if live.row_security == RowSecurity::Conditional {
        open("policy-unchecked", "which rows the policies of row security let through".to_owned());
    }
    columns(declared, live, dialect, scope, changes, unchecked);
    if scope == Scope::Whole {
        changes.extend(primary_key(declared, live));
        indexes(declared, live, dialect, changes);
        let declares_constraints = !declared.foreign_keys.is_empty() || !declared.checks.is_empty();
        foreign_keys(declared, live, dialect, changes);
        if live.constraints == Visibility::Shown {
            for check in checks(declared, live, dialect, changes) {
                let why = format!("whether the CHECK {} is the one that the entity declares", check.text);
                unchecked.push(unchecked_table(declared, "check-unchecked", why));
            }
        } else if declares_constraints {
            let why = "CHECKs and what foreign keys do, which the connected role may not see".to_owned();
            unchecked.push(unchecked_table(declared, "constraint-unchecked", why));
        }
    }
    access(declared, live, dialect, scope, changes);
}

fn unchecked_table(declared: &Table, rule: &'static str, why: String) -> Unchecked {
    Unchecked { rule, table: declared.name.clone(), column: None, why, decision: Decision::default() }
}

/// The live table with its keys and constraints naming columns as the entity does, where the database does not care.
fn respelt<'a>(live: &'a Table, declared: &Table, dialect: Dialect) -> Cow<'a, Table> {
    let spelling = |column: &String| {
        let same = declared.columns.iter().find(|declared| dialect.same_name(&declared.name, column));
        same.map(|declared| &declared.name).filter(|spelling| *spelling != column)
    };
    let is_spelt_alike = live.columns.iter().all(|column| spelling(&column.name).is_none());
    if dialect == Dialect::Postgres || is_spelt_alike {
        return Cow::Borrowed(live);
    }
    let mut live = live.clone();
    let keys = live.indexes.iter_mut().map(|index| &mut index.columns).chain([&mut live.primary_key]);
    let foreign_keys = live.foreign_keys.iter_mut().map(|key| &mut key.columns);
    let checks = live.checks.iter_mut().map(|check| &mut check.columns);
    for column in keys.chain(foreign_keys).chain(checks).flatten() {
        if let Some(spelling) = spelling(column) {
            column.clone_from(spelling);
        }
    }
    Cow::Owned(live)
}

#[cfg(test)]
mod tests;

//! Pairs declared with live objects and lists where they disagree. Total and pure: no database and no errors. What a
//! difference breaks is decided in [`impact`](crate::impact).

mod columns;
mod constraints;
mod indexes;
mod pair;
mod privileges;
mod renames;

use std::{borrow::Cow, collections::BTreeMap};

use columns::columns;
use constraints::{checks, foreign_keys};
use indexes::{indexes, primary_key};
use privileges::privileges;
use renames::renames;

use crate::{
    change::Change,
    difference::Unchecked,
    model::{Dialect, RelationKind, RowSecurity, Schema, Sides, Table, TableName, Visibility},
    rule::Rule,
};

/// All disagreements, in the order of the tables and their columns, and all that could not be checked.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) changes: Vec<(TableName, Change)>,
    pub(crate) unchecked: Vec<Unchecked>,
}

/// How much of a table is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Everything.
    Whole,
    /// The columns of a view and their types.
    Shown,
    /// The same, for a read-only entity.
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
            self::table(
                table,
                &with_declared_spelling(live, table, dialect),
                dialect,
                &mut changes,
                &mut comparison.unchecked,
            );
        } else {
            let of_table = |names: &BTreeMap<_, Vec<String>>| names.get(&table.name).cloned().unwrap_or_default();
            changes
                .push(Change::TableMissing { elsewhere: of_table(&live.elsewhere), similar: of_table(&live.similar) });
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
    if matches!(live.relation, RelationKind::NoTable(_)) {
        let sides = Sides { declared: declared.relation.clone(), live: live.relation.clone() };
        changes.push(Change::RelationKind { sides });
        return;
    }
    let mut open = |rule, why| unchecked.push(Unchecked::of_table(rule, &declared.name, why));
    if scope != Scope::Read {
        changes
            .extend(Sides::differing(&declared.relation, &live.relation).map(|sides| Change::RelationKind { sides }));
        for trigger in &live.triggers {
            open(Rule::TriggerUnchecked, format!("whether the {trigger} changes what is written"));
        }
    }
    if scope == Scope::Shown {
        open(Rule::ViewUnchecked, "the keys, indexes, defaults and NULLs behind the view".to_owned());
    }
    if live.row_security == RowSecurity::Conditional {
        open(Rule::PolicyUnchecked, "which rows the row security policies show".to_owned());
    }
    columns(declared, live, dialect, scope, changes, unchecked);
    if scope == Scope::Whole {
        changes.extend(primary_key(declared, live));
        indexes(declared, live, dialect, changes);
        let declares_constraints = !declared.foreign_keys.is_empty() || !declared.checks.is_empty();
        foreign_keys(declared, live, dialect, changes);
        if live.constraints == Visibility::Shown {
            for check in checks(declared, live, dialect, changes) {
                let why = format!("whether the CHECK {} means the same as the declared one", check.text);
                unchecked.push(Unchecked::of_table(Rule::CheckUnchecked, &declared.name, why));
            }
        } else if declares_constraints {
            let why = "CHECKs and foreign key actions, which the connected role may not see".to_owned();
            unchecked.push(Unchecked::of_table(Rule::ConstraintUnchecked, &declared.name, why));
        }
    }
    privileges(declared, live, dialect, scope, changes);
}

/// The live table, with its keys and constraints naming columns as the entity does where the database ignores case, or
/// where a missing column may have been renamed: the keys of a renamed column are renamed with it.
fn with_declared_spelling<'a>(live: &'a Table, declared: &Table, dialect: Dialect) -> Cow<'a, Table> {
    let renames = renames(declared, live, dialect);
    let spelling = |column: &String| {
        let same = declared.columns.iter().find(|declared| dialect.same_name(&declared.name, column));
        let other_name = || renames.iter().find(|(_, names)| names[0].name == *column).map(|(declared, _)| *declared);
        same.or_else(other_name).map(|declared| &declared.name).filter(|spelling| *spelling != column)
    };
    let is_spelt_alike = live.columns.iter().all(|column| spelling(&column.name).is_none());
    if is_spelt_alike {
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

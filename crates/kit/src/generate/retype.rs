//! Types that cannot change together with the rest. Where each statement commits on its own, one that fails because of a row must
//! leave what can be run again: a narrower type comes in a migration of its own, whose statements may be repeated. And MySQL
//! and MariaDB change no type that a foreign key holds: the key goes first, and comes back once both sides have the new type.

use std::collections::BTreeSet;

use sea_orm_drift::{
    Report,
    model::{Check, Dialect, ForeignKey, Table, TableName},
};
use sea_orm_migration::sea_orm::sea_query::{ColumnType, MysqlQueryBuilder, TableBuilder};

use super::{
    drafting::{Draft, Drafting},
    error::GenerateError,
    operation::{Operation, Step},
    spec::TableSpec,
};

/// The steps of a table, in this order.
#[derive(Debug)]
pub(super) struct Altered {
    pub(super) before: TableSpec,
    pub(super) expand: Vec<Step>,
    /// Once all tables are expanded.
    retype: Vec<Step>,
    /// Once all types are those that are declared.
    constrain: Vec<Step>,
    pub(super) contract: Vec<Step>,
    /// Columns whose values may not fit the new type.
    narrowed: BTreeSet<String>,
}

/// Columns whose types change late.
type Late = BTreeSet<(TableName, String)>;

impl Altered {
    pub(super) fn new(before: TableSpec, expand: Vec<Step>, contract: Vec<Step>, narrowed: BTreeSet<String>) -> Self {
        Self { before, expand, retype: Vec::new(), constrain: Vec::new(), contract, narrowed }
    }

    /// The columns that get another type, unless they change with the primary key, in one statement.
    fn retyped(&self) -> impl Iterator<Item = &str> {
        let is_of_key = |step: &Step| matches!(step, Step::AddPrimaryKey(_) | Step::DropPrimaryKey(_));
        let steps = if self.expand.iter().any(is_of_key) { &[] } else { self.expand.as_slice() };
        steps.iter().filter_map(|step| match step {
            Step::ModifyColumn { from, to } if from.ty != to.ty => Some(to.name.as_str()),
            _ => None,
        })
    }

    /// Moves what must wait for the types, or is their change, out of the first steps.
    fn defer(&mut self, late: &Late) {
        let table = self.before.name.clone();
        for step in std::mem::take(&mut self.expand) {
            let is_late = |columns: &[String]| is_late(&table, columns, late);
            match &step {
                Step::ModifyColumn { to, .. } if is_late(std::slice::from_ref(&to.name)) => self.retype.push(step),
                Step::AddForeignKey(key) if is_held(&table, key, late) => self.constrain.push(step),
                Step::AddUnique(unique) if is_late(&unique.columns) => self.constrain.push(step),
                Step::AddCheck(Check { columns, .. }) if is_late(columns) => self.constrain.push(step),
                _ => self.expand.push(step),
            }
        }
    }

    /// The type that a column has in the end.
    fn type_of(&self, column: &str) -> Option<&ColumnType> {
        let retyped = self.retype.iter().chain(&self.expand).find_map(|step| match step {
            Step::ModifyColumn { to, .. } | Step::AddColumn(to) if to.name == column => Some(&to.ty),
            _ => None,
        });
        retyped.or_else(|| self.before.column(column).map(|column| &column.ty))
    }
}

fn retyped(altered: &[Altered]) -> Late {
    let of = |table: &Altered| {
        let name = table.before.name.clone();
        table.retyped().map(|column| (name.clone(), column.to_owned())).collect::<Vec<_>>()
    };
    altered.iter().flat_map(of).collect()
}

fn is_late(table: &TableName, columns: &[String], late: &Late) -> bool {
    columns.iter().any(|column| late.contains(&(table.clone(), column.clone())))
}

/// Whether the foreign key names such a column, on either side.
fn is_held(table: &TableName, key: &ForeignKey, late: &Late) -> bool {
    is_late(table, &key.columns, late) || is_late(&key.target, &key.target_columns, late)
}

impl Drafting<'_> {
    /// Decides which types change late. `missing` lose the foreign keys that must wait for them, which are returned with
    /// their tables. Foreign keys of `dropped` tables are left out.
    pub(super) fn defer_types(
        &self,
        altered: &mut Vec<Altered>,
        missing: &mut [TableSpec],
        dropped: &[TableSpec],
        report: &Report,
    ) -> Result<Vec<(TableSpec, Vec<ForeignKey>)>, GenerateError> {
        if self.dialect() == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let retyped = retyped(altered);
        let holders = if matches!(self.dialect(), Dialect::MySql | Dialect::MariaDb) {
            self.holders(&retyped, dropped, report)?
        } else {
            Vec::new()
        };
        let is_narrowed = |(table, column): &(TableName, String)| {
            altered.iter().any(|other| other.before.name == *table && other.narrowed.contains(column))
        };
        let added = altered.iter().flat_map(|table| &table.expand).filter_map(|step| match step {
            Step::AddForeignKey(key) => Some(key),
            _ => None,
        });
        let new: Vec<&ForeignKey> = added.chain(missing.iter().flat_map(|table| &table.foreign_keys)).collect();
        let is_waited_for = |late: &(TableName, String)| {
            let held = Late::from([late.clone()]);
            holders.iter().any(|(table, key)| is_held(&table.name, key, &held))
                || new.iter().any(|key| is_late(&key.target, &key.target_columns, &held))
        };
        let late: Late = retyped.iter().filter(|late| is_narrowed(late) || is_waited_for(late)).cloned().collect();
        for table in altered.iter_mut() {
            table.defer(&late);
        }
        for (table, key) in holders.into_iter().filter(|(table, key)| is_held(&table.name, key, &late)) {
            let position = altered.iter().position(|other| other.before.name == table.name).unwrap_or_else(|| {
                altered.push(Altered::new(table, Vec::new(), Vec::new(), BTreeSet::new()));
                altered.len() - 1
            });
            let holder = &mut altered[position];
            let drop = Step::DropForeignKey(key.clone());
            if !holder.expand.contains(&drop) {
                holder.expand.insert(0, drop);
                holder.constrain.push(Step::AddForeignKey(key.clone()));
                self.refuse_two_types(&key, &altered[position], altered)?;
            }
        }
        let mut waiting = Vec::new();
        for table in missing {
            let (wait, own) = std::mem::take(&mut table.foreign_keys)
                .into_iter()
                .partition::<Vec<_>, _>(|key| is_late(&key.target, &key.target_columns, &late));
            table.foreign_keys = own;
            if !wait.is_empty() {
                waiting.push((table.clone(), wait));
            }
        }
        Ok(waiting)
    }

    /// On PostgreSQL: the foreign keys that MySQL and MariaDB must be without while types change.
    pub(super) fn held_elsewhere(
        &self,
        altered: &[Altered],
        dropped: &[TableSpec],
        report: &Report,
    ) -> Result<Vec<(TableName, ForeignKey)>, GenerateError> {
        if self.dialect() != Dialect::Postgres {
            return Ok(Vec::new());
        }
        let retyped = retyped(altered);
        let goes = |key: &ForeignKey| {
            let drop = Step::DropForeignKey(key.clone());
            altered.iter().any(|table| table.expand.contains(&drop))
        };
        let held = self.holders(&retyped, dropped, report)?.into_iter().filter(|(_, key)| !goes(key));
        Ok(held.map(|(table, key)| (table.name, key)).collect())
    }

    /// The foreign keys that hold such a column, with their tables.
    fn holders(
        &self,
        retyped: &Late,
        dropped: &[TableSpec],
        report: &Report,
    ) -> Result<Vec<(TableSpec, ForeignKey)>, GenerateError> {
        let mut holders = Vec::new();
        let stays = |table: &&Table| !dropped.iter().any(|gone| gone.name == table.name);
        for table in self.live.tables.iter().chain(&self.undeclared.tables).filter(stays) {
            if table.foreign_keys.is_empty() || retyped.is_empty() {
                continue;
            }
            let spec = self.live_spec(table, report)?;
            let held = spec.foreign_keys.iter().filter(|key| is_held(&spec.name, key, retyped));
            let held: Vec<ForeignKey> = held.cloned().collect();
            holders.extend(held.into_iter().map(|key| (spec.clone(), key)));
        }
        Ok(holders)
    }

    /// An error if the sides of the foreign key would have two types in the end.
    fn refuse_two_types(&self, key: &ForeignKey, table: &Altered, all: &[Altered]) -> Result<(), GenerateError> {
        let target = all.iter().find(|other| other.before.name == key.target);
        let live = self.live.tables.iter().chain(&self.undeclared.tables).find(|other| other.name == key.target);
        for (column, target_column) in key.columns.iter().zip(&key.target_columns) {
            let live = || {
                let column = live?.columns.iter().find(|other| other.name == *target_column)?;
                column.ty.to_sea_query(self.dialect())
            };
            let theirs = match target {
                Some(target) => target.type_of(target_column).cloned(),
                None => live(),
            };
            let (Some(ours), Some(theirs)) = (table.type_of(column), theirs) else { continue };
            let (ours, theirs) = (shown(ours), shown(&theirs));
            let is_text = |ty: &str| ty.contains("char") || ty.contains("text");
            if ours != theirs && !(is_text(&ours) && is_text(&theirs)) {
                return Err(GenerateError::Usage(format!(
                    "the foreign key {} needs one type on both sides, and {}.{column} would be {ours}, {}.{target_column} {theirs}: \
                     declare both alike, or drop the foreign key first, in a migration of its own",
                    key.name, table.before.name, key.target
                )));
            }
        }
        Ok(())
    }
}

fn shown(ty: &ColumnType) -> String {
    let mut text = String::new();
    TableBuilder::prepare_column_type(&MysqlQueryBuilder, ty, &mut text);
    text
}

impl Draft {
    /// The steps of all tables, as operations; `between` come once the tables are expanded, `waiting` once the types are those
    /// that are declared.
    pub(super) fn alter(
        &mut self,
        altered: Vec<Altered>,
        between: Vec<Operation>,
        waiting: Vec<(TableSpec, Vec<ForeignKey>)>,
    ) {
        let narrows = altered.iter().any(|table| {
            let is_narrowed =
                |step: &Step| matches!(step, Step::ModifyColumn { to, .. } if table.narrowed.contains(&to.name));
            table.retype.iter().any(is_narrowed)
        });
        let (mut retype, mut constrain) = (Vec::new(), Vec::new());
        for table in altered {
            let mut state = table.before;
            for (operations, steps) in [
                (&mut self.expand, table.expand),
                (&mut retype, table.retype),
                (&mut constrain, table.constrain),
                (&mut self.contract, table.contract),
            ] {
                if steps.is_empty() {
                    continue;
                }
                let operation = Operation::alter(&state, steps);
                if let Operation::AlterTable { after, .. } = &operation {
                    state = after.clone();
                }
                operations.push(operation);
            }
        }
        let waiting = waiting
            .into_iter()
            .map(|(table, keys)| Operation::alter(&table, keys.into_iter().map(Step::AddForeignKey).collect()));
        self.expand.extend(between);
        // To undo a wider type may fail because of a row, so that nothing may be undone in the same migration before it: a foreign
        // key that is gone could not be dropped again.
        let (types, constraints) = if narrows {
            (&mut self.narrow, None)
        } else if constrain.iter().any(Operation::adds_foreign_key) {
            (&mut self.expand, Some(&mut self.constrain))
        } else {
            (&mut self.expand, None)
        };
        types.extend(retype);
        constraints.unwrap_or(types).extend(constrain.into_iter().chain(waiting));
    }
}

//! What a migration does, before it is executed or written. Each operation knows how to undo itself.

use sea_orm_drift::model::{Check, ForeignKey, Index, TableName};

use super::{
    native_enum::Enum,
    spec::{ColumnSpec, TableSpec, Unique, zero},
};

#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a migration has few")]
pub(super) enum Operation {
    /// A native enum (PostgreSQL).
    CreateEnum(Enum),
    DropEnum(Enum),
    /// Other labels.
    ChangeEnum {
        name: String,
        from: Vec<String>,
        to: Vec<String>,
        /// Where it is used, on PostgreSQL.
        columns: Vec<(TableName, ColumnSpec)>,
        /// A new label is used in the same transaction, in which a label that was added cannot be.
        is_used_at_once: bool,
    },
    CreateTable(TableSpec),
    DropTable(TableSpec),
    RenameTable {
        from: TableName,
        to: TableName,
    },
    RenameColumn {
        table: TableName,
        from: String,
        to: String,
    },
    AlterTable {
        before: TableSpec,
        after: TableSpec,
        steps: Vec<Step>,
    },
    CreateIndex {
        table: TableName,
        index: Index,
        pace: Pace,
    },
    DropIndex {
        table: TableName,
        index: Index,
        pace: Pace,
    },
    /// Drops foreign keys on MySQL and MariaDB, which change no type that one holds.
    ReleaseKeys(Vec<(TableName, ForeignKey)>),
    /// Adds them again.
    RestoreKeys(Vec<(TableName, ForeignKey)>),
    /// Gives the rows that have NULL a value.
    Fill(Fill),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fill {
    pub(super) table: TableName,
    /// An integer column that is the whole primary key.
    pub(super) key: Option<String>,
    pub(super) column: String,
    pub(super) value: Value,
    /// Nobody chose the value.
    pub(super) is_placeholder: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Sql(String),
    Constant(sea_orm_drift::DefaultExpr),
}

/// A part of an `ALTER TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    AddColumn(ColumnSpec),
    DropColumn(ColumnSpec),
    ModifyColumn { from: ColumnSpec, to: ColumnSpec },
    AddPrimaryKey(PrimaryKey),
    DropPrimaryKey(PrimaryKey),
    AddForeignKey(ForeignKey),
    DropForeignKey(ForeignKey),
    AddUnique(Unique),
    DropUnique(Unique),
    AddCheck(Check),
    DropCheck(Check),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct PrimaryKey {
    pub(super) columns: Vec<String>,
    /// The name of its constraint, on PostgreSQL.
    pub(super) name: String,
}

/// How an index is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// In the migration's transaction: the table is new, or the index must go before a column.
    AtOnce,
    /// While others write.
    Online,
}

impl Operation {
    /// What undoes it; `None` if nothing need be undone.
    pub(super) fn undo(&self) -> Option<Self> {
        Some(match self.clone() {
            Self::CreateEnum(it) => Self::DropEnum(it),
            Self::DropEnum(it) => Self::CreateEnum(it),
            Self::ChangeEnum { name, from, to, columns, is_used_at_once } => {
                Self::ChangeEnum { name, from: to, to: from, columns, is_used_at_once }
            }
            Self::CreateTable(table) => Self::DropTable(table),
            Self::DropTable(table) => Self::CreateTable(table),
            Self::RenameTable { from, to } => Self::RenameTable { from: to, to: from },
            Self::RenameColumn { table, from, to } => Self::RenameColumn { table, from: to, to: from },
            Self::AlterTable { before, after, steps } => {
                let steps = steps.into_iter().rev().flat_map(Step::undo).collect();
                Self::AlterTable { before: after, after: before, steps }
            }
            Self::CreateIndex { table, index, pace } => Self::DropIndex { table, index, pace },
            Self::DropIndex { table, index, pace } => Self::CreateIndex { table, index, pace },
            Self::ReleaseKeys(keys) => Self::RestoreKeys(keys),
            Self::RestoreKeys(keys) => Self::ReleaseKeys(keys),
            Self::Fill(_) => return None,
        })
    }

    /// Whether it adds a foreign key to a table that is there.
    pub(super) fn adds_foreign_key(&self) -> bool {
        let Self::AlterTable { steps, .. } = self else { return false };
        steps.iter().any(|step| matches!(step, Step::AddForeignKey(_)))
    }

    /// Alters `before` by these steps.
    pub(super) fn alter(before: &TableSpec, steps: Vec<Step>) -> Self {
        let mut after = before.clone();
        for step in &steps {
            step.apply(&mut after);
        }
        Self::AlterTable { before: before.clone(), after, steps }
    }
}

impl Step {
    fn undo(self) -> Vec<Self> {
        vec![match self {
            Self::AddColumn(column) => Self::DropColumn(column),
            // The rows get a value, or the column could not be added.
            Self::DropColumn(column) if column.is_required() => {
                let Some(value) = zero(&column.ty) else { return vec![Self::AddColumn(column)] };
                let filled = ColumnSpec { default: Some(value), ..column.clone() };
                return vec![Self::AddColumn(filled.clone()), Self::ModifyColumn { from: filled, to: column }];
            }
            Self::DropColumn(column) => Self::AddColumn(column),
            Self::ModifyColumn { from, to } => Self::ModifyColumn { from: to, to: from },
            Self::AddPrimaryKey(key) => Self::DropPrimaryKey(key),
            Self::DropPrimaryKey(key) => Self::AddPrimaryKey(key),
            Self::AddForeignKey(key) => Self::DropForeignKey(key),
            Self::DropForeignKey(key) => Self::AddForeignKey(key),
            Self::AddUnique(unique) => Self::DropUnique(unique),
            Self::DropUnique(unique) => Self::AddUnique(unique),
            Self::AddCheck(check) => Self::DropCheck(check),
            Self::DropCheck(check) => Self::AddCheck(check),
        }]
    }

    fn apply(&self, table: &mut TableSpec) {
        match self {
            Self::AddColumn(column) => table.columns.push(column.clone()),
            Self::DropColumn(column) => table.columns.retain(|other| other.name != column.name),
            Self::ModifyColumn { to, .. } => {
                for column in table.columns.iter_mut().filter(|column| column.name == to.name) {
                    *column = to.clone();
                }
            }
            Self::AddPrimaryKey(key) => table.primary_key.clone_from(&key.columns),
            Self::DropPrimaryKey(_) => table.primary_key.clear(),
            Self::AddForeignKey(key) => table.foreign_keys.push(key.clone()),
            Self::DropForeignKey(key) => table.foreign_keys.retain(|other| other != key),
            Self::AddUnique(unique) => table.uniques.push(unique.clone()),
            Self::DropUnique(unique) => table.uniques.retain(|other| other != unique),
            Self::AddCheck(check) => table.checks.push(check.clone()),
            Self::DropCheck(check) => table.checks.retain(|other| other != check),
        }
    }
}

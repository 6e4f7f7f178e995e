//! Operations as calls of a migration, for each database. What is executed on the scratch database and what is written are
//! made from the same calls.

mod check;
mod mysql;
mod postgres;
mod sqlite;
mod sqlite_values;
mod statement;
mod types;

use sea_orm_drift::model::ForeignKey;

use super::operation::{Operation, Pace};
pub(super) use check::{bare, check_name, check_names};
use mysql::{is_of_primary_key, keeping_index_on_mysql, on_mysql, relabelled_on_mysql, with_primary_key_on_mysql};
use postgres::{on_postgres, relabelled, renamed_on_postgres};
pub(super) use sqlite::is_rebuilt;
use sqlite::on_sqlite;
pub(super) use statement::{Call, Modified};
pub(super) use types::keeps_every_value;

/// The calls on each kind of database.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Calls {
    pub(super) postgres: Vec<Call>,
    pub(super) mysql: Vec<Call>,
    pub(super) sqlite: Vec<Call>,
}

impl Calls {
    fn everywhere(calls: Vec<Call>) -> Self {
        Self { postgres: calls.clone(), mysql: calls.clone(), sqlite: calls }
    }

    fn on_postgres(calls: Vec<Call>) -> Self {
        Self { postgres: calls, ..Self::default() }
    }

    fn on_mysql(calls: Vec<Call>) -> Self {
        Self { mysql: calls, ..Self::default() }
    }

    pub(super) fn of(operation: &Operation) -> Self {
        match operation.clone() {
            Operation::CreateEnum(it) => Self::on_postgres(vec![Call::CreateType(it)]),
            Operation::DropEnum(it) => Self::on_postgres(vec![Call::DropType(it.name)]),
            Operation::ChangeEnum { name, from, to, columns, is_used_at_once } => {
                let mysql = relabelled_on_mysql(&to, &columns);
                Self { mysql, ..Self::on_postgres(relabelled(&name, &from, &to, &columns, is_used_at_once)) }
            }
            Operation::CreateTable(table) => {
                let (name, indexes) = (table.name.clone(), table.indexes.clone());
                let create = |index| Call::CreateIndex { table: name.clone(), index, pace: Pace::AtOnce };
                let indexes = indexes.into_iter().map(create);
                Self::everywhere(std::iter::once(Call::CreateTable(table)).chain(indexes).collect())
            }
            Operation::DropTable(table) => Self::everywhere(vec![Call::DropTable(table.name)]),
            Operation::RenameTable { from, to } => {
                let postgres = renamed_on_postgres(&from, &to);
                Self { postgres: vec![postgres], ..Self::everywhere(vec![Call::RenameTable { from, to }]) }
            }
            Operation::RenameColumn { table, from, to } => {
                Self::everywhere(vec![Call::RenameColumn { table, from, to }])
            }
            Operation::AlterTable { before, after, steps } => Self {
                postgres: steps.iter().flat_map(|step| on_postgres(&before.name, step)).collect(),
                mysql: if let Some(calls) = keeping_index_on_mysql(&before, &steps) {
                    calls
                } else if steps.iter().any(is_of_primary_key) {
                    with_primary_key_on_mysql(&before.name, &steps)
                } else {
                    steps.iter().flat_map(|step| on_mysql(&before.name, step)).collect()
                },
                sqlite: on_sqlite(&before, &after, &steps),
            },
            Operation::CreateIndex { table, index, pace } => {
                Self::everywhere(vec![Call::CreateIndex { table, index, pace }])
            }
            Operation::DropIndex { table, index, pace } => {
                Self::everywhere(vec![Call::DropIndex { table, index, pace }])
            }
            Operation::ReleaseKeys(keys) => {
                let drop = |(table, key): (_, ForeignKey)| Call::DropForeignKey { table, name: key.name };
                Self::on_mysql(keys.into_iter().map(drop).collect())
            }
            Operation::RestoreKeys(keys) => {
                let add = |(table, key)| Call::AddForeignKey { table, key };
                Self::on_mysql(keys.into_iter().map(add).collect())
            }
            Operation::Fill(fill) => Self::everywhere(vec![Call::Fill(fill)]),
        }
    }
}

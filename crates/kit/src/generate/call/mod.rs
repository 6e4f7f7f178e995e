//! Operations as calls of a migration, for each database. What is executed on the scratch database and what is written are
//! made from the same calls.

mod mysql;
mod postgres;
mod sqlite;
mod types;

use sea_orm_drift::{
    DefaultExpr,
    model::{Check, ForeignKey, Index, Nullability, TableName},
};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::{
    length::within_limit,
    operation::{Enum, Fill, Operation, Pace, Step},
    spec::{ColumnSpec, TableSpec},
};
use mysql::{is_of_primary_key, keeping_index_on_mysql, on_mysql, with_primary_key_on_mysql};
use postgres::{on_postgres, relabelled, renamed_on_postgres};
pub(super) use sqlite::is_rebuilt;
use sqlite::on_sqlite;
pub(super) use types::keeps_every_value;

/// One statement of a migration.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Call {
    CreateType(Enum),
    DropType(String),
    CreateTable(TableSpec),
    DropTable(TableName),
    /// SQLite: makes it anew.
    RebuildTable(TableSpec),
    RenameTable {
        from: TableName,
        to: TableName,
    },
    RenameColumn {
        table: TableName,
        from: String,
        to: String,
    },
    AddColumn {
        table: TableName,
        column: ColumnSpec,
    },
    DropColumn {
        table: TableName,
        column: String,
    },
    Modify {
        table: TableName,
        column: Modified,
    },
    AddForeignKey {
        table: TableName,
        key: ForeignKey,
    },
    DropForeignKey {
        table: TableName,
        name: String,
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
    Fill(Fill),
    /// SQL that sea-query cannot build.
    Sql(String),
}

/// What `modify_column` is given: on PostgreSQL only what changes, on MySQL and MariaDB the whole column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Modified {
    pub(super) name: String,
    pub(super) ty: Option<ColumnType>,
    pub(super) nullability: Option<Nullability>,
    pub(super) default: Option<DefaultExpr>,
    pub(super) is_generated: bool,
    pub(super) using: Option<String>,
    pub(super) extra: Option<String>,
}

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

    pub(super) fn of(operation: &Operation) -> Self {
        match operation.clone() {
            Operation::CreateEnum(it) => Self::on_postgres(vec![Call::CreateType(it)]),
            Operation::DropEnum(it) => Self::on_postgres(vec![Call::DropType(it.name)]),
            Operation::ChangeEnum { name, from, to, columns, is_used_at_once } => {
                Self::on_postgres(relabelled(&name, &from, &to, &columns, is_used_at_once))
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
            Operation::Fill(fill) => Self::everywhere(vec![Call::Fill(fill)]),
        }
    }
}

fn on_server(table: &TableName, step: &Step) -> Vec<Call> {
    let table = table.clone();
    match step.clone() {
        Step::AddColumn(column) => vec![Call::AddColumn { table, column }],
        Step::DropColumn(column) => vec![Call::DropColumn { table, column: column.name }],
        Step::AddForeignKey(key) => vec![Call::AddForeignKey { table, key }],
        Step::DropForeignKey(key) => vec![Call::DropForeignKey { table, name: key.name }],
        Step::ModifyColumn { .. }
        | Step::AddPrimaryKey(_)
        | Step::DropPrimaryKey(_)
        | Step::AddUnique(_)
        | Step::DropUnique(_)
        | Step::AddCheck(_)
        | Step::DropCheck(_) => Vec::new(),
    }
}

pub(super) fn check_name(table: &TableName, check: &Check) -> String {
    match (check.name.as_str(), check.columns.as_slice()) {
        ("", []) => within_limit(&format!("{}_check", table.name)),
        ("", columns) => within_limit(&format!("{}_{}_check", table.name, columns.join("_"))),
        (name, _) => name.to_owned(),
    }
}

/// A name for each CHECK of a table, as PostgreSQL chooses them.
pub(super) fn check_names(table: &TableSpec) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for check in &table.checks {
        let name = check_name(&table.name, check);
        let numbered = (1_u32..).map(|number| within_limit(&format!("{name}{number}")));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
        names.push(free.unwrap_or(name));
    }
    names
}

/// In parentheses.
fn condition(check: &Check) -> String {
    format!("({})", bare(&check.text))
}

/// The condition without parentheses around it: each statement adds its own.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return text };
    let (mut depth, mut is_quoted) = (0_i32, false);
    let is_whole = inside.chars().all(|character| {
        is_quoted ^= character == '\'';
        depth += i32::from(!is_quoted && character == '(') - i32::from(!is_quoted && character == ')');
        depth >= 0
    });
    if is_whole && depth == 0 { bare(inside) } else { text }
}

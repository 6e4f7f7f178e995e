//! The statements of a migration.

use sea_orm_drift::{
    DefaultExpr,
    model::{ForeignKey, Index, Nullability, TableName},
};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use crate::generate::{
    native_enum::Enum,
    operation::{Fill, Pace, Step},
    spec::{ColumnSpec, TableSpec},
};

/// One statement of a migration.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::generate) enum Call {
    CreateType(Enum),
    DropType(String),
    CreateTable(TableSpec),
    DropTable(TableName),
    /// SQLite: makes it anew, with these columns in the form of their new type, as SQL.
    RebuildTable(TableSpec, Vec<(String, String)>),
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
pub(in crate::generate) struct Modified {
    pub(in crate::generate) name: String,
    pub(in crate::generate) ty: Option<ColumnType>,
    pub(in crate::generate) nullability: Option<Nullability>,
    pub(in crate::generate) default: Option<DefaultExpr>,
    pub(in crate::generate) is_generated: bool,
    pub(in crate::generate) using: Option<String>,
    pub(in crate::generate) extra: Option<String>,
}

/// The calls of a step that PostgreSQL takes as MySQL and MariaDB do; none for other steps.
pub(super) fn on_server(table: &TableName, step: &Step) -> Vec<Call> {
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

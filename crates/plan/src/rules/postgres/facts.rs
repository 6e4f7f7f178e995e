//! Catalog facts about the objects that a statement names. Reads only the catalog, which waits for no lock.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use sea_orm_migration::sea_orm::{self, DbBackend, DbErr, FromQueryResult};
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, ColumnOption, DataType, Expr, ObjectName, ObjectType, Statement, Visit,
    visit_expressions,
};

use crate::{
    catalog::Catalog,
    lock_mode::LockMode,
    server::Version,
    shadow_schema::{Aspect, ShadowSchema},
    sql,
};

/// Facts about the objects that one statement names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The columns that the altered table will have, by name.
    pub(crate) columns: BTreeMap<String, Column>,
    /// The columns among those added that already exist by then.
    pub(crate) present: BTreeSet<String>,
    /// Foreign keys from and to the tables that are altered or dropped.
    pub(crate) references: Vec<Reference>,
    /// Foreign keys from and to the table that becomes a partition.
    pub(crate) partition_references: Vec<Reference>,
    /// The tables of indexes, by index.
    pub(crate) tables_of: BTreeMap<String, String>,
    /// The volatility of functions, by lower-case name. Without those that the server does not have.
    pub(crate) functions: BTreeMap<String, Volatility>,
    /// The default partition of the table that gets a partition.
    pub(crate) default_partition: Option<String>,
    /// The columns of the partition key of the table that gets an index, and what is an expression; `None` unless it is partitioned.
    pub(crate) partition_key: Option<Vec<String>>,
    /// User-defined types, by name.
    pub(crate) types: BTreeMap<String, TypeKind>,
    /// The defaults of such types, by the same names; `None` if a default cannot be parsed.
    pub(crate) defaults: BTreeMap<String, Option<Expr>>,
    /// Whether the session's time zone is UTC, where timestamps with and without time zone have the same value.
    pub(crate) is_utc: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// In the words of `format_type`; `None` if an earlier statement changes it.
    pub(crate) data_type: Option<String>,
    pub(crate) nullability: Nullability,
    /// Whether a valid `CHECK` uses it.
    pub(crate) is_checked: bool,
    pub(crate) index_use: IndexUse,
}

/// The kind of index that uses a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexUse {
    None,
    /// As a plain column.
    Plain,
    /// An index with an expression or a condition, which is rebuilt when the column's type changes.
    Special,
    /// An earlier statement creates or drops an index.
    Unknown,
}

/// Whether the column may have NULL in some rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nullability {
    /// The column is `NOT NULL`.
    NotNull,
    /// A valid `CHECK` is exactly `column IS NOT NULL`.
    CheckedNotNull,
    /// A valid `CHECK` contains `IS NOT NULL`, or an earlier statement changes the column.
    Unknown,
    Nullable,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    name: String,
    data_type: String,
    nullability: String,
    /// A `NOT VALID` constraint that is exactly `CHECK (column IS NOT NULL)`.
    unvalidated: Option<String>,
    is_checked: bool,
    is_indexed: bool,
    is_in_special_index: bool,
}

impl From<&ColumnRow> for Column {
    fn from(row: &ColumnRow) -> Self {
        let nullability = match row.nullability.as_str() {
            "not null" => Nullability::NotNull,
            "checked" => Nullability::CheckedNotNull,
            "unknown" => Nullability::Unknown,
            _ => Nullability::Nullable,
        };
        let index_use = match (row.is_in_special_index, row.is_indexed) {
            (true, _) => IndexUse::Special,
            (false, true) => IndexUse::Plain,
            (false, false) => IndexUse::None,
        };
        Self { data_type: Some(row.data_type.clone()), nullability, is_checked: row.is_checked, index_use }
    }
}

impl Column {
    /// The column once the earlier statements have run.
    fn after(row: &ColumnRow, table: &str, shadow: &ShadowSchema) -> Self {
        let mut column = Self::from(row);
        let changes = &shadow.changes;
        if changes.has_altered(table, &row.name, Aspect::Type) {
            column.data_type = None;
        }
        let is_validated = row.unvalidated.as_ref().is_some_and(|constraint| changes.validates(table, constraint));
        let was_checked = column.nullability == Nullability::CheckedNotNull;
        if changes.has_altered(table, &row.name, Aspect::Nullability)
            || (was_checked && changes.drops_constraint(table))
        {
            column.nullability = Nullability::Unknown;
        } else if column.nullability == Nullability::Nullable
            && (is_validated || changes.has_not_null_check(table, &row.name))
        {
            column.nullability = Nullability::CheckedNotNull;
        }
        column.is_checked |= changes.has_check(table, &row.name);
        if shadow.changes_indexes(table) {
            column.index_use = IndexUse::Unknown;
        }
        column
    }
}

/// One column pair of a foreign key from or to a table.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Reference {
    pub(crate) constraint: String,
    /// In the words of `pg_get_constraintdef`; `None` if an earlier statement adds the key.
    pub(crate) definition: Option<String>,
    /// Whether the key is from this table to the other one.
    pub(crate) is_outgoing: bool,
    pub(crate) own_column: String,
    pub(crate) other_table: String,
}

impl Reference {
    /// Whether attaching a partition with the key `other` keeps that instead of adding a copy of this one.
    fn equals(&self, other: &Self) -> bool {
        match (&self.definition, &other.definition) {
            (Some(definition), Some(other_definition)) => definition == other_definition,
            _ => self.other_table == other.other_table && self.own_column == other.own_column,
        }
    }

    /// The lock on the table at the other end when the partitioned table gets a partition with the keys `existing`, as
    /// observed: a copy of the key adds triggers there, and a key that is kept drops its own.
    pub(crate) fn lock_for_partition(&self, existing: &[Self], version: Version) -> Option<(&str, LockMode)> {
        let is_kept = || existing.iter().any(|other| other.is_outgoing && self.equals(other));
        let mode = match self.is_outgoing {
            true if is_kept() => LockMode::AccessExclusive,
            true => LockMode::ShareRowExclusive,
            false if version >= Version(14, 0, 0) => LockMode::ShareRowExclusive,
            false => return None,
        };
        Some((&self.other_table, mode))
    }
}

/// Whether a function may return another value for each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volatility {
    Volatile,
    Constant,
    /// Functions of this name differ, or the body decides.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeKind {
    Plain,
    /// A domain with a `CHECK` or `NOT NULL`.
    CheckedDomain,
}

#[derive(FromQueryResult)]
struct FunctionRow {
    is_volatile: bool,
    is_unknown: bool,
}

#[derive(FromQueryResult)]
struct TypeRow {
    kind: String,
    default: Option<String>,
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

impl Facts {
    pub(crate) fn gather(statement: &Statement, catalog: &Catalog, shadow: &ShadowSchema) -> Result<Self, DbErr> {
        let mut facts = Self::default();
        match statement {
            Statement::CreateTable(create) => {
                if let Some(parent) = &create.partition_of {
                    facts.gather_partitioned(parent, catalog)?;
                    facts.references = references(catalog, parent, shadow)?;
                }
            }
            Statement::CreateIndex(create) => {
                let sql = include_str!("partition_key.sql");
                let key: Vec<TextRow> = catalog.query_rows(sql, &[&create.table_name.to_string()])?;
                facts.partition_key = (!key.is_empty()).then(|| key.into_iter().map(|part| part.text).collect());
            }
            Statement::AlterTable(alter) => facts.gather_altered(alter, catalog, shadow)?,
            Statement::Drop { object_type: ObjectType::Table, names, .. } => {
                for name in names {
                    facts.references.extend(references(catalog, name, shadow)?);
                }
            }
            Statement::Drop { object_type: ObjectType::Index, names, .. } => {
                for name in names {
                    facts.gather_index(name, catalog, shadow)?;
                }
            }
            _ => {}
        }
        Ok(facts)
    }

    fn gather_altered(&mut self, alter: &AlterTable, catalog: &Catalog, shadow: &ShadowSchema) -> Result<(), DbErr> {
        let table = sql::table(DbBackend::Postgres, &alter.name);
        let rows: Vec<ColumnRow> = catalog.query_rows(include_str!("columns.sql"), &[&alter.name.to_string()])?;
        let kept = rows.iter().filter(|row| shadow.has_column(&table, &row.name, true));
        self.columns = kept.map(|row| (row.name.clone(), Column::after(row, &table, shadow))).collect();
        self.references = references(catalog, &alter.name, shadow)?;
        let zone = catalog.query_rows::<TextRow>("SELECT current_setting('TimeZone') AS text", &[])?;
        self.is_utc =
            zone.first().is_some_and(|zone| ["UTC", "Etc/UTC", "GMT", "Etc/GMT"].contains(&zone.text.as_str()));
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::AddColumn { column_def, .. } => {
                    let name = sql::name(DbBackend::Postgres, &column_def.name);
                    let exists_now = rows.iter().any(|row| row.name == name);
                    if shadow.has_column(&table, &name, exists_now) {
                        self.present.insert(name);
                    }
                    self.gather_added(column_def, catalog)?;
                }
                AlterTableOperation::AttachPartitionOf { partition, .. } => {
                    self.gather_partitioned(&alter.name, catalog)?;
                    self.partition_references = references(catalog, partition, shadow)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn gather_partitioned(&mut self, parent: &ObjectName, catalog: &Catalog) -> Result<(), DbErr> {
        let found: Vec<TextRow> = catalog.query_rows(include_str!("default_partition.sql"), &[&parent.to_string()])?;
        self.default_partition = found.into_iter().next().map(|found| found.text);
        Ok(())
    }

    fn gather_added(&mut self, column: &ColumnDef, catalog: &Catalog) -> Result<(), DbErr> {
        if let DataType::Custom(name, _) = &column.data_type {
            let found: Vec<TypeRow> = catalog.query_rows(include_str!("type.sql"), &[&name.to_string()])?;
            if let Some(found) = found.first() {
                let kind = if found.kind == "checked domain" { TypeKind::CheckedDomain } else { TypeKind::Plain };
                self.types.insert(name.to_string(), kind);
                if let Some(default) = &found.default {
                    let default = sql::expression(default);
                    if let Some(default) = &default {
                        self.gather_functions(default, catalog)?;
                    }
                    self.defaults.insert(name.to_string(), default);
                }
            }
        }
        for option in &column.options {
            if let ColumnOption::Default(default) = &option.option {
                self.gather_functions(default, catalog)?;
            }
        }
        Ok(())
    }

    fn gather_functions(&mut self, default: &Expr, catalog: &Catalog) -> Result<(), DbErr> {
        for function in functions(default) {
            let rows: Vec<FunctionRow> = catalog.query_rows(include_str!("function.sql"), &[&function])?;
            let volatility = rows.first().map(|row| match (row.is_unknown, row.is_volatile) {
                (true, _) => Volatility::Unknown,
                (false, true) => Volatility::Volatile,
                (false, false) => Volatility::Constant,
            });
            if let Some(volatility) = volatility {
                self.functions.insert(function, volatility);
            }
        }
        Ok(())
    }

    fn gather_index(&mut self, index: &ObjectName, catalog: &Catalog, shadow: &ShadowSchema) -> Result<(), DbErr> {
        let name = sql::table(DbBackend::Postgres, index);
        let table = if let Some(table) = shadow.table_of(&name) {
            Some(table.to_owned())
        } else {
            let found: Vec<TextRow> = catalog.query_rows(include_str!("table_of_index.sql"), &[&index.to_string()])?;
            found.into_iter().next().map(|found| found.text)
        };
        self.tables_of.extend(table.map(|table| (name, table)));
        Ok(())
    }
}

fn references(catalog: &Catalog, table: &ObjectName, shadow: &ShadowSchema) -> Result<Vec<Reference>, DbErr> {
    let mut references: Vec<Reference> = catalog.query_rows(include_str!("references.sql"), &[&table.to_string()])?;
    let table = sql::table(DbBackend::Postgres, table);
    for added in shadow.changes.references(&table) {
        let is_outgoing = added.table == table;
        let other_table = if is_outgoing { added.other.clone() } else { added.table.clone() };
        // The referred columns are often not named, and the lock on the other table does not depend on them.
        let own_columns = if is_outgoing { added.columns.clone() } else { vec![String::new()] };
        references.extend(own_columns.into_iter().map(|own_column| Reference {
            constraint: added.constraint.clone(),
            definition: None,
            is_outgoing,
            own_column,
            other_table: other_table.clone(),
        }));
    }
    Ok(references)
}

/// The estimate of the last `ANALYZE`; `None` before the first.
pub(crate) fn estimated_rows(catalog: &Catalog, table: &str) -> Result<Option<u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Rows {
        rows: i64,
    }
    let quoted: Vec<String> = table.split('.').map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    let rows: Vec<Rows> = catalog.query_rows(include_str!("rows.sql"), &[&quoted.join(".")])?;
    Ok(rows.first().and_then(|row| u64::try_from(row.rows).ok()))
}

/// The functions called anywhere in it, without those that are keywords.
pub(crate) fn functions(expression: &impl Visit) -> Vec<String> {
    let mut names = Vec::new();
    let _ = visit_expressions(expression, |expression| {
        if let Expr::Function(function) = expression {
            let name = function.name.0.last().and_then(|part| part.as_ident());
            names.extend(name.map(|name| sql::name(DbBackend::Postgres, name)));
        }
        ControlFlow::<()>::Continue(())
    });
    names.retain(|name| !CONSTANT_KEYWORDS.contains(&name.as_str()));
    names
}

/// <https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-CURRENT>: constant within a
/// transaction; <https://www.postgresql.org/docs/current/functions-info.html>: constant within a session.
const CONSTANT_KEYWORDS: [&str; 11] = [
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "user",
];

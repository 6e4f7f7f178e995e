//! What a statement does not say and the catalogue does. Reads the catalogue only, which waits for nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use sea_orm_migration::sea_orm::{self, DbBackend, DbErr, FromQueryResult};
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, ColumnOption, DataType, Expr, ObjectName, ObjectType, Statement, Visit,
    visit_expressions,
};

use crate::{changes::Aspect, foreseen::Foreseen, live::Live, sql};

/// What the catalogue says of the things that one statement names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// By name, of the one table that is altered: those that it has by then.
    pub(crate) columns: BTreeMap<String, Column>,
    /// Of the columns that are added, those that are there by then.
    pub(crate) present: BTreeSet<String>,
    /// From the tables that are altered or dropped, and to them.
    pub(crate) references: Vec<Reference>,
    /// The tables of indexes.
    pub(crate) tables_of: BTreeMap<String, String>,
    /// The volatility of functions, by their lower-case names. Those that the server does not know are missing.
    pub(crate) functions: BTreeMap<String, Volatility>,
    /// The default partition of the table that gets another one.
    pub(crate) default_partition: Option<String>,
    /// Types that PostgreSQL does not bring along, by the names that were asked for.
    pub(crate) types: BTreeMap<String, TypeKind>,
    /// What a column of such a type has that names no default, by the same names; `None` where it cannot be read.
    pub(crate) defaults: BTreeMap<String, Option<Expr>>,
    /// Whether the session's time zone is UTC, in which a timestamp with and without time zone is the same.
    pub(crate) is_utc: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// As `format_type` says it, unless it is another one by then.
    pub(crate) data_type: Option<String>,
    pub(crate) nulls: Nulls,
    /// Whether it is in a valid `CHECK`.
    pub(crate) is_checked: bool,
    pub(crate) indexed: Indexed,
}

/// Which kind of index a column is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indexed {
    No,
    /// As it is.
    Plainly,
    /// In one with an expression or a condition, which is made anew with the column.
    Specially,
    /// A statement before makes or drops one.
    Unclear,
}

/// What is known about rows without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// The column is `NOT NULL`.
    Refused,
    /// A valid `CHECK` says nothing but that there are none.
    Proven,
    /// A valid `CHECK` says that among other things, or it is changed before.
    Unclear,
    Taken,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    name: String,
    data_type: String,
    nulls: String,
    /// A `CHECK` for new rows that says nothing but that they have a value.
    unproven: Option<String>,
    is_checked: bool,
    is_indexed: bool,
    is_in_special_index: bool,
}

impl From<&ColumnRow> for Column {
    fn from(row: &ColumnRow) -> Self {
        let nulls = match row.nulls.as_str() {
            "refused" => Nulls::Refused,
            "proven" => Nulls::Proven,
            "unclear" => Nulls::Unclear,
            _ => Nulls::Taken,
        };
        let indexed = match (row.is_in_special_index, row.is_indexed) {
            (true, _) => Indexed::Specially,
            (false, true) => Indexed::Plainly,
            (false, false) => Indexed::No,
        };
        Self { data_type: Some(row.data_type.clone()), nulls, is_checked: row.is_checked, indexed }
    }
}

impl Column {
    /// As it is when the statements before have run.
    fn by_then(row: &ColumnRow, table: &str, foreseen: &Foreseen) -> Self {
        let mut column = Self::from(row);
        let changes = &foreseen.changes;
        if changes.has_altered(table, &row.name, Aspect::Type) {
            column.data_type = None;
        }
        let is_validated = row.unproven.as_ref().is_some_and(|constraint| changes.validates(table, constraint));
        let was_proven = column.nulls == Nulls::Proven;
        if changes.has_altered(table, &row.name, Aspect::Nulls) || (was_proven && changes.loosens(table)) {
            column.nulls = Nulls::Unclear;
        } else if column.nulls == Nulls::Taken && (is_validated || changes.proves(table, &row.name)) {
            column.nulls = Nulls::Proven;
        }
        column.is_checked |= changes.checks(table, &row.name);
        if foreseen.changes_indexes(table) {
            column.indexed = Indexed::Unclear;
        }
        column
    }
}

/// One pair of columns of a foreign key of the table that is asked about, or to it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Reference {
    pub(crate) constraint: String,
    /// Whether it is the table asked about that refers to the other one.
    pub(crate) is_outgoing: bool,
    pub(crate) own_column: String,
    pub(crate) other_table: String,
}

/// Whether a function gives each row a value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volatility {
    Volatile,
    Constant,
    /// Functions of the same name differ, or it depends on the body.
    Unclear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeKind {
    Plain,
    /// A domain whose values are checked.
    CheckedDomain,
}

#[derive(FromQueryResult)]
struct FunctionRow {
    is_volatile: bool,
    is_unclear: bool,
}

#[derive(FromQueryResult)]
struct TypeRow {
    kind: String,
    default: Option<String>,
}

#[derive(FromQueryResult)]
struct Text {
    text: String,
}

impl Facts {
    pub(crate) fn gather(statement: &Statement, live: &Live, foreseen: &Foreseen) -> Result<Self, DbErr> {
        let mut facts = Self::default();
        match statement {
            Statement::CreateTable(create) => {
                if let Some(parent) = &create.partition_of {
                    facts.gather_partitioned(parent, live)?;
                }
            }
            Statement::AlterTable(alter) => facts.gather_altered(alter, live, foreseen)?,
            Statement::Drop { object_type: ObjectType::Table, names, .. } => {
                for name in names {
                    facts.references.extend(references(live, name, foreseen)?);
                }
            }
            Statement::Drop { object_type: ObjectType::Index, names, .. } => {
                for name in names {
                    facts.gather_index(name, live, foreseen)?;
                }
            }
            _ => {}
        }
        Ok(facts)
    }

    fn gather_altered(&mut self, alter: &AlterTable, live: &Live, foreseen: &Foreseen) -> Result<(), DbErr> {
        let table = sql::table(DbBackend::Postgres, &alter.name);
        let rows: Vec<ColumnRow> = live.ask_rows(include_str!("columns.sql"), &[&alter.name.to_string()])?;
        let kept = rows.iter().filter(|row| foreseen.has_column(&table, &row.name, true));
        self.columns = kept.map(|row| (row.name.clone(), Column::by_then(row, &table, foreseen))).collect();
        self.references = references(live, &alter.name, foreseen)?;
        let zone = live.ask_rows::<Text>("SELECT current_setting('TimeZone') AS text", &[])?;
        self.is_utc =
            zone.first().is_some_and(|zone| ["UTC", "Etc/UTC", "GMT", "Etc/GMT"].contains(&zone.text.as_str()));
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::AddColumn { column_def, .. } => {
                    let name = sql::name(DbBackend::Postgres, &column_def.name);
                    let is_there = rows.iter().any(|row| row.name == name);
                    if foreseen.has_column(&table, &name, is_there) {
                        self.present.insert(name);
                    }
                    self.gather_added(column_def, live)?;
                }
                AlterTableOperation::AttachPartitionOf { .. } => self.gather_partitioned(&alter.name, live)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn gather_partitioned(&mut self, parent: &ObjectName, live: &Live) -> Result<(), DbErr> {
        let found: Vec<Text> = live.ask_rows(include_str!("default_partition.sql"), &[&parent.to_string()])?;
        self.default_partition = found.into_iter().next().map(|found| found.text);
        Ok(())
    }

    fn gather_added(&mut self, column: &ColumnDef, live: &Live) -> Result<(), DbErr> {
        if let DataType::Custom(name, _) = &column.data_type {
            let found: Vec<TypeRow> = live.ask_rows(include_str!("type.sql"), &[&name.to_string()])?;
            if let Some(found) = found.first() {
                let kind = if found.kind == "checked domain" { TypeKind::CheckedDomain } else { TypeKind::Plain };
                self.types.insert(name.to_string(), kind);
                if let Some(default) = &found.default {
                    let default = sql::expression(default);
                    if let Some(default) = &default {
                        self.gather_functions(default, live)?;
                    }
                    self.defaults.insert(name.to_string(), default);
                }
            }
        }
        for option in &column.options {
            if let ColumnOption::Default(default) = &option.option {
                self.gather_functions(default, live)?;
            }
        }
        Ok(())
    }

    fn gather_functions(&mut self, default: &Expr, live: &Live) -> Result<(), DbErr> {
        for function in functions(default) {
            let rows: Vec<FunctionRow> = live.ask_rows(include_str!("function.sql"), &[&function])?;
            let volatility = rows.first().map(|row| match (row.is_unclear, row.is_volatile) {
                (true, _) => Volatility::Unclear,
                (false, true) => Volatility::Volatile,
                (false, false) => Volatility::Constant,
            });
            if let Some(volatility) = volatility {
                self.functions.insert(function, volatility);
            }
        }
        Ok(())
    }

    fn gather_index(&mut self, index: &ObjectName, live: &Live, foreseen: &Foreseen) -> Result<(), DbErr> {
        let name = sql::table(DbBackend::Postgres, index);
        let table = if let Some(table) = foreseen.table_of(&name) {
            Some(table.to_owned())
        } else {
            let found: Vec<Text> = live.ask_rows(include_str!("table_of_index.sql"), &[&index.to_string()])?;
            found.into_iter().next().map(|found| found.text)
        };
        self.tables_of.extend(table.map(|table| (name, table)));
        Ok(())
    }
}

fn references(live: &Live, table: &ObjectName, foreseen: &Foreseen) -> Result<Vec<Reference>, DbErr> {
    let mut references: Vec<Reference> = live.ask_rows(include_str!("references.sql"), &[&table.to_string()])?;
    let table = sql::table(DbBackend::Postgres, table);
    for made in foreseen.changes.references(&table) {
        let is_outgoing = made.table == table;
        let other_table = if is_outgoing { made.other.clone() } else { made.table.clone() };
        // Which columns it refers to is often not said, and does not matter as long as the other table is locked at most.
        let own_columns = if is_outgoing { made.columns.clone() } else { vec![String::new()] };
        references.extend(own_columns.into_iter().map(|own_column| Reference {
            constraint: made.constraint.clone(),
            is_outgoing,
            own_column,
            other_table: other_table.clone(),
        }));
    }
    Ok(references)
}

/// About how many rows a table has, where that has been counted.
pub(crate) fn rows(live: &Live, table: &str) -> Result<Option<u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Rows {
        rows: i64,
    }
    let quoted: Vec<String> = table.split('.').map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    let rows: Vec<Rows> = live.ask_rows(include_str!("rows.sql"), &[&quoted.join(".")])?;
    Ok(rows.first().and_then(|row| u64::try_from(row.rows).ok()))
}

/// The functions that are called anywhere in it, without those that the language itself has.
pub(crate) fn functions(expression: &impl Visit) -> Vec<String> {
    let mut names = Vec::new();
    let _ = visit_expressions(expression, |expression| {
        if let Expr::Function(function) = expression {
            let name = function.name.0.last().and_then(|part| part.as_ident());
            names.extend(name.map(|name| sql::name(DbBackend::Postgres, name)));
        }
        ControlFlow::<()>::Continue(())
    });
    names.retain(|name| !CONSTANT_WORDS.contains(&name.as_str()));
    names
}

/// <https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-CURRENT>: the same all through a
/// transaction; <https://www.postgresql.org/docs/current/functions-info.html>: a session's.
const CONSTANT_WORDS: [&str; 11] = [
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

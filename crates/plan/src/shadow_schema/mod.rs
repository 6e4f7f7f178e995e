//! The schema as it will be once the statements so far have run, as far as their text tells.

mod changes;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, CreateTable, Expr, FromTable, ObjectName, ObjectType,
    RenameTableNameKind, Statement, TableConstraint, TableFactor, TableObject, TableWithJoins,
};

use self::{changes::Changes, rows::Rows};
use crate::sql;

pub(crate) use self::changes::Aspect;

/// What the statements so far change in the database.
#[derive(Clone, Debug)]
pub(crate) struct ShadowSchema {
    backend: DbBackend,
    tables: BTreeMap<String, PendingChange>,
    /// By table and column.
    columns: BTreeMap<(String, String), PendingChange>,
    /// By name: the table and the change.
    indexes: BTreeMap<String, (String, PendingChange)>,
    /// Tables whose rows or schema are changed.
    touched: BTreeSet<String>,
    /// The rows that are inserted, by table.
    rows: BTreeMap<String, Rows>,
    /// Changes to columns and constraints.
    pub(crate) changes: Changes,
    /// Whether the effect of a statement is unknown, so that anything may have changed.
    is_unknown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PendingChange {
    Created,
    Dropped,
    /// Exists by then, under a new name.
    Renamed,
}

/// Whether an object will exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Exists,
    Missing,
    /// No statement has changed it: the catalog is right.
    AsInCatalog,
    /// The catalog may be wrong by then.
    Unknown,
}

impl ShadowSchema {
    pub(crate) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            tables: BTreeMap::new(),
            columns: BTreeMap::new(),
            indexes: BTreeMap::new(),
            touched: BTreeSet::new(),
            rows: BTreeMap::new(),
            changes: Changes::new(backend),
            is_unknown: false,
        }
    }

    pub(crate) fn table(&self, table: &str) -> Presence {
        match self.tables.get(table) {
            Some(PendingChange::Created | PendingChange::Renamed) => Presence::Exists,
            Some(PendingChange::Dropped) => Presence::Missing,
            None => self.untouched(table),
        }
    }

    /// Whether a table is partitioned, which it stays, and which one that the plan creates is not.
    pub(crate) fn partitioning(&self, table: &str) -> Presence {
        match self.tables.get(table) {
            Some(PendingChange::Created | PendingChange::Dropped) => Presence::Missing,
            Some(PendingChange::Renamed) => Presence::Unknown,
            None => self.untouched_part(table),
        }
    }

    pub(crate) fn column(&self, table: &str, column: &str) -> Presence {
        let key = (table.to_owned(), column.to_owned());
        match (self.columns.get(&key), self.tables.get(table)) {
            (Some(PendingChange::Created | PendingChange::Renamed), _) => Presence::Exists,
            (Some(PendingChange::Dropped), _) | (None, Some(PendingChange::Created | PendingChange::Dropped)) => {
                Presence::Missing
            }
            (None, Some(PendingChange::Renamed)) => Presence::Unknown,
            (None, None) => self.untouched_part(table),
        }
    }

    pub(crate) fn index(&self, table: &str, index: &str) -> Presence {
        match (self.indexes.get(index), self.tables.get(table)) {
            (Some((_, PendingChange::Created | PendingChange::Renamed)), _) => Presence::Exists,
            (Some((_, PendingChange::Dropped)), _) | (None, Some(PendingChange::Dropped)) => Presence::Missing,
            (None, Some(PendingChange::Created)) if !self.may_be_named_by_server(table, index) => Presence::Missing,
            (None, Some(PendingChange::Created | PendingChange::Renamed)) => Presence::Unknown,
            (None, None) => self.untouched_part(table),
        }
    }

    /// A constraint may have an index whose name the server chooses: after the table on PostgreSQL, which shortens long
    /// names, and after a column on MySQL and MariaDB.
    fn may_be_named_by_server(&self, table: &str, index: &str) -> bool {
        let is_after = |name: &str| index.starts_with(name.get(..20).unwrap_or(name));
        ["primary", "sqlite_autoindex_"].iter().any(|name| index.to_lowercase().starts_with(name))
            || is_after(table)
            || self.columns.keys().any(|(of, column)| of == table && is_after(column))
    }

    /// A column or index that no statement names, of a table that one may name.
    fn untouched_part(&self, table: &str) -> Presence {
        if self.touched.contains(table) && !self.is_unknown { Presence::AsInCatalog } else { self.untouched(table) }
    }

    /// Unknown if a statement may have named the table with its schema.
    fn untouched(&self, table: &str) -> Presence {
        if self.leaves_untouched(&[table.to_owned()]) { Presence::AsInCatalog } else { Presence::Unknown }
    }

    /// Whether the plan creates this table, so that no other session uses it.
    pub(crate) fn is_new(&self, table: &str) -> bool {
        self.tables.get(table) == Some(&PendingChange::Created)
    }

    /// The table of an index that the plan creates.
    pub(crate) fn table_of(&self, index: &str) -> Option<&str> {
        self.indexes.get(index).filter(|(_, change)| *change == PendingChange::Created).map(|(table, _)| table.as_str())
    }

    /// Whether the plan changes the indexes of a table.
    pub(crate) fn changes_indexes(&self, table: &str) -> bool {
        self.indexes.values().any(|(of, _)| of == table)
    }

    /// Whether a column will exist, given whether it does now.
    pub(crate) fn has_column(&self, table: &str, column: &str, exists_now: bool) -> bool {
        match self.column(table, column) {
            Presence::Exists => true,
            Presence::Missing => false,
            Presence::AsInCatalog | Presence::Unknown => exists_now,
        }
    }

    /// Whether a new table certainly has no row that matches the condition.
    pub(crate) fn has_no_rows(&self, table: &str, condition: Option<&Expr>) -> bool {
        let rows = self.rows.get(table);
        self.is_new(table) && rows.is_none_or(|rows| rows.none_matches(self.backend, condition))
    }

    /// Whether no statement changes these tables.
    pub(crate) fn leaves_untouched(&self, tables: &[String]) -> bool {
        let unqualified = |table: &str| table.rsplit('.').next().unwrap_or_default().to_owned();
        let is_touched = |table: &String| self.touched.iter().any(|touched| unqualified(touched) == unqualified(table));
        !self.is_unknown && !tables.iter().any(is_touched)
    }

    /// Whether no statement has changed anything.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.is_unknown && self.touched.is_empty()
    }

    /// Records a statement whose effect is unknown.
    pub(crate) fn mark_unknown(&mut self) {
        self.is_unknown = true;
    }

    /// Applies a statement. The caller leaves out those that do nothing, such as `IF NOT EXISTS` of an existing table.
    pub(crate) fn apply(&mut self, statement: &Statement) {
        self.changes.apply(statement);
        match statement {
            Statement::CreateTable(create) => self.create(create),
            Statement::AlterTable(alter) => self.alter(alter),
            Statement::CreateIndex(create) => {
                let table = sql::table(self.backend, &create.table_name);
                if let Some(name) = &create.name {
                    self.indexes.insert(sql::table(self.backend, name), (table, PendingChange::Created));
                }
            }
            Statement::RenameTable(renamings) => {
                for renaming in renamings {
                    self.rename(&renaming.old_name, &renaming.new_name);
                }
            }
            Statement::Drop { object_type, names, table, .. } => self.drop(*object_type, names, table.as_ref()),
            Statement::Insert(insert) => match &insert.table {
                TableObject::TableName(table) => {
                    let table = sql::table(self.backend, table);
                    self.touched.insert(table.clone());
                    self.rows.entry(table).or_insert_with(Rows::empty).add(self.backend, insert);
                }
                _ => self.is_unknown = true,
            },
            Statement::Update(update) => self.touch(&update.table),
            Statement::Delete(delete) => {
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
                for table in from {
                    self.touch(table);
                }
            }
            Statement::Truncate(truncate) => {
                for target in &truncate.table_names {
                    self.touched.insert(sql::table(self.backend, &target.name));
                }
            }
            Statement::CreateView(view) => {
                let view = sql::table(self.backend, &view.name);
                self.touched.insert(view.clone());
                // It exists, with columns that are unknown here.
                self.tables.insert(view, PendingChange::Renamed);
            }
            // The text does not tell what a function or a block does.
            Statement::Query(_)
            | Statement::Call(_)
            | Statement::Copy { .. }
            | Statement::Execute { .. }
            | Statement::Merge(_) => {
                self.is_unknown = true;
            }
            _ => {}
        }
    }

    fn create(&mut self, create: &CreateTable) {
        let table = sql::table(self.backend, &create.name);
        for column in &create.columns {
            self.add_column(&table, column);
        }
        if create.query.is_some() || create.like.is_some() || create.inherits.is_some() || create.partition_of.is_some()
        {
            // Its columns are not in the statement.
            self.is_unknown = true;
        }
        let rows = if create.query.is_some() { Rows::Unknown } else { Rows::empty() };
        self.rows.insert(table.clone(), rows);
        for constraint in &create.constraints {
            self.constrain(&table, constraint);
        }
        self.touched.insert(table.clone());
        self.tables.insert(table, PendingChange::Created);
    }

    /// Some constraints have an index of the same name.
    fn constrain(&mut self, table: &str, constraint: &TableConstraint) {
        let index = match constraint {
            TableConstraint::Unique(unique) => unique.name.as_ref().or(unique.index_name.as_ref()),
            TableConstraint::PrimaryKey(key) => key.name.as_ref(),
            TableConstraint::Index(index) => index.name.as_ref(),
            TableConstraint::FulltextOrSpatial(index) => index.opt_index_name.as_ref(),
            _ => None,
        };
        if let Some(index) = index {
            self.indexes.insert(sql::name(self.backend, index), (table.to_owned(), PendingChange::Created));
        }
    }

    fn add_column(&mut self, table: &str, column: &ColumnDef) {
        let name = sql::name(self.backend, &column.name);
        self.columns.insert((table.to_owned(), name), PendingChange::Created);
    }

    fn alter(&mut self, alter: &AlterTable) {
        let table = sql::table(self.backend, &alter.name);
        self.touched.insert(table.clone());
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::AddColumn { column_def, .. } => self.add_column(&table, column_def),
                AlterTableOperation::DropColumn { column_names, .. } => {
                    for column in column_names {
                        let name = sql::name(self.backend, column);
                        self.columns.insert((table.clone(), name), PendingChange::Dropped);
                    }
                }
                AlterTableOperation::RenameColumn { old_column_name: old, new_column_name: new }
                | AlterTableOperation::ChangeColumn { old_name: old, new_name: new, .. } => {
                    let (old, new) = (sql::name(self.backend, old), sql::name(self.backend, new));
                    self.columns.insert((table.clone(), old), PendingChange::Dropped);
                    self.columns.insert((table.clone(), new), PendingChange::Renamed);
                }
                AlterTableOperation::RenameTable {
                    table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new),
                } => self.rename(&alter.name, new),
                AlterTableOperation::AddConstraint { constraint, .. } => self.constrain(&table, constraint),
                AlterTableOperation::DropIndex { name } | AlterTableOperation::DropConstraint { name, .. } => {
                    self.indexes.insert(sql::name(self.backend, name), (table.clone(), PendingChange::Dropped));
                }
                _ => {}
            }
        }
    }

    fn rename(&mut self, old: &ObjectName, new: &ObjectName) {
        let (old, new) = (sql::table(self.backend, old), sql::table(self.backend, new));
        let change = if self.is_new(&old) { PendingChange::Created } else { PendingChange::Renamed };
        let columns: Vec<_> = self.columns.keys().filter(|(table, _)| *table == old).cloned().collect();
        for key in columns {
            if let Some(change) = self.columns.remove(&key) {
                self.columns.insert((new.clone(), key.1), change);
            }
        }
        if let Some(rows) = self.rows.remove(&old) {
            self.rows.insert(new.clone(), rows);
        }
        self.touched.extend([old.clone(), new.clone()]);
        self.tables.insert(old, PendingChange::Dropped);
        self.tables.insert(new, change);
    }

    fn drop(&mut self, what: ObjectType, names: &[ObjectName], of: Option<&ObjectName>) {
        for name in names.iter().map(|name| sql::table(self.backend, name)) {
            match what {
                ObjectType::Table | ObjectType::View | ObjectType::MaterializedView => {
                    self.touched.insert(name.clone());
                    self.columns.retain(|(table, _), _| *table != name);
                    self.tables.insert(name, PendingChange::Dropped);
                }
                ObjectType::Index => {
                    let known = self.indexes.get(&name).map(|(table, _)| table.clone());
                    let table = of.map(|of| sql::table(self.backend, of)).or(known).unwrap_or_default();
                    self.indexes.insert(name, (table, PendingChange::Dropped));
                }
                // With all objects in it.
                ObjectType::Schema | ObjectType::Database => self.is_unknown = true,
                _ => {}
            }
        }
    }

    fn touch(&mut self, table: &TableWithJoins) {
        if let TableFactor::Table { name, .. } = &table.relation {
            let table = sql::table(self.backend, name);
            // The rows that the plan inserted may have changed.
            if let Some(rows) = self.rows.get_mut(&table) {
                *rows = Rows::Unknown;
            }
            self.touched.insert(table);
        }
    }
}

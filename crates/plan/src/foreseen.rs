//! The schema as it will be once the statements so far have run, as far as they say it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, CreateTable, Expr, FromTable, ObjectName, ObjectType,
    RenameTableNameKind, Statement, TableConstraint, TableFactor, TableObject, TableWithJoins,
};

use super::{changes::Changes, rows::Rows, sql};

/// What the statements so far have made of a database.
#[derive(Clone, Debug)]
pub(crate) struct Foreseen {
    backend: DbBackend,
    tables: BTreeMap<String, Fate>,
    /// By table and column.
    columns: BTreeMap<(String, String), Fate>,
    /// By name: of which table, and what becomes of it.
    indexes: BTreeMap<String, (String, Fate)>,
    /// Tables whose rows, or whose description, are touched.
    touched: BTreeSet<String>,
    /// Those of new tables to which rows are added.
    rows: BTreeMap<String, Rows>,
    /// What becomes of tables that are there.
    pub(crate) changes: Changes,
    /// Whether some statement could not be read, so that anything may have happened.
    is_blind: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Made,
    Dropped,
    /// There, under a name that it has not yet.
    Renamed,
}

/// What is foreseen of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    There,
    Gone,
    /// Nothing has been done to it: it is as the database says.
    Untouched,
    /// What the database says of it may not be so any more.
    Unclear,
}

impl Foreseen {
    pub(crate) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            tables: BTreeMap::new(),
            columns: BTreeMap::new(),
            indexes: BTreeMap::new(),
            touched: BTreeSet::new(),
            rows: BTreeMap::new(),
            changes: Changes::new(backend),
            is_blind: false,
        }
    }

    pub(crate) fn table(&self, table: &str) -> Sight {
        match self.tables.get(table) {
            Some(Fate::Made | Fate::Renamed) => Sight::There,
            Some(Fate::Dropped) => Sight::Gone,
            None => self.untouched(table),
        }
    }

    pub(crate) fn column(&self, table: &str, column: &str) -> Sight {
        let key = (table.to_owned(), column.to_owned());
        match (self.columns.get(&key), self.tables.get(table)) {
            (Some(Fate::Made | Fate::Renamed), _) => Sight::There,
            (Some(Fate::Dropped), _) | (None, Some(Fate::Made | Fate::Dropped)) => Sight::Gone,
            (None, Some(Fate::Renamed)) => Sight::Unclear,
            (None, None) => self.untouched_part(table),
        }
    }

    pub(crate) fn index(&self, table: &str, index: &str) -> Sight {
        match (self.indexes.get(index), self.tables.get(table)) {
            (Some((_, Fate::Made | Fate::Renamed)), _) => Sight::There,
            (Some((_, Fate::Dropped)), _) | (None, Some(Fate::Dropped)) => Sight::Gone,
            (None, Some(Fate::Made)) if !self.may_be_the_servers(table, index) => Sight::Gone,
            (None, Some(Fate::Made | Fate::Renamed)) => Sight::Unclear,
            (None, None) => self.untouched_part(table),
        }
    }

    /// A constraint has an index, too, whose name the server chooses: after the table on PostgreSQL, which shortens that
    /// where it is long, and after a column on MySQL and MariaDB.
    fn may_be_the_servers(&self, table: &str, index: &str) -> bool {
        let is_after = |name: &str| index.starts_with(name.get(..20).unwrap_or(name));
        ["primary", "sqlite_autoindex_"].iter().any(|name| index.to_lowercase().starts_with(name))
            || is_after(table)
            || self.columns.keys().any(|(of, column)| of == table && is_after(column))
    }

    /// What has not been named itself, of a table that may have been.
    fn untouched_part(&self, table: &str) -> Sight {
        if self.touched.contains(table) && !self.is_blind { Sight::Untouched } else { self.untouched(table) }
    }

    /// Unless it may be one that was named with its schema.
    fn untouched(&self, table: &str) -> Sight {
        if self.leaves_alone(&[table.to_owned()]) { Sight::Untouched } else { Sight::Unclear }
    }

    /// Whether the plan makes this table, so that nobody else uses it.
    pub(crate) fn is_new(&self, table: &str) -> bool {
        self.tables.get(table) == Some(&Fate::Made)
    }

    /// The table of an index that the plan makes.
    pub(crate) fn table_of(&self, index: &str) -> Option<&str> {
        self.indexes.get(index).filter(|(_, fate)| *fate == Fate::Made).map(|(table, _)| table.as_str())
    }

    /// Whether a table's indexes are others than the catalogue says.
    pub(crate) fn changes_indexes(&self, table: &str) -> bool {
        self.indexes.values().any(|(of, _)| of == table)
    }

    /// Whether a column will be there, of a table that has it or has not.
    pub(crate) fn has_column(&self, table: &str, column: &str, is_there: bool) -> bool {
        match self.column(table, column) {
            Sight::There => true,
            Sight::Gone => false,
            Sight::Untouched | Sight::Unclear => is_there,
        }
    }

    /// Whether it is certain that a new table has no row that fulfils this.
    pub(crate) fn has_none(&self, table: &str, condition: Option<&Expr>) -> bool {
        let rows = self.rows.get(table);
        self.is_new(table) && rows.is_none_or(|rows| rows.none_is(self.backend, condition))
    }

    /// Whether what the database says of these tables is still so.
    pub(crate) fn leaves_alone(&self, tables: &[String]) -> bool {
        let own = |table: &str| table.rsplit('.').next().unwrap_or_default().to_owned();
        let is_touched = |table: &String| self.touched.iter().any(|touched| own(touched) == own(table));
        !self.is_blind && !tables.iter().any(is_touched)
    }

    /// Whether any statement has been seen.
    pub(crate) fn is_pristine(&self) -> bool {
        !self.is_blind && self.touched.is_empty()
    }

    /// Something that cannot be read will run.
    pub(crate) fn go_blind(&mut self) {
        self.is_blind = true;
    }

    /// What this statement will have done. One that makes what is there already does nothing, and is not for here.
    pub(crate) fn take(&mut self, statement: &Statement) {
        self.changes.take(statement);
        match statement {
            Statement::CreateTable(create) => self.create(create),
            Statement::AlterTable(alter) => self.alter(alter),
            Statement::CreateIndex(create) => {
                let table = sql::table(self.backend, &create.table_name);
                if let Some(name) = &create.name {
                    self.indexes.insert(sql::table(self.backend, name), (table, Fate::Made));
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
                    self.rows.entry(table).or_insert_with(Rows::none).add(self.backend, insert);
                }
                _ => self.is_blind = true,
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
                // There, with columns that come from elsewhere.
                self.tables.insert(view, Fate::Renamed);
            }
            // What a function or a block does is not in the statement.
            Statement::Query(_)
            | Statement::Call(_)
            | Statement::Copy { .. }
            | Statement::Execute { .. }
            | Statement::Merge(_) => {
                self.is_blind = true;
            }
            _ => {}
        }
    }

    fn create(&mut self, create: &CreateTable) {
        let table = sql::table(self.backend, &create.name);
        for column in &create.columns {
            self.make_column(&table, column);
        }
        if create.query.is_some() || create.like.is_some() || create.inherits.is_some() || create.partition_of.is_some()
        {
            // Its columns come from elsewhere.
            self.is_blind = true;
        }
        let rows = if create.query.is_some() { Rows::Unknown } else { Rows::none() };
        self.rows.insert(table.clone(), rows);
        for constraint in &create.constraints {
            self.constrain(&table, constraint);
        }
        self.touched.insert(table.clone());
        self.tables.insert(table, Fate::Made);
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
            self.indexes.insert(sql::name(self.backend, index), (table.to_owned(), Fate::Made));
        }
    }

    fn make_column(&mut self, table: &str, column: &ColumnDef) {
        let name = sql::name(self.backend, &column.name);
        self.columns.insert((table.to_owned(), name), Fate::Made);
    }

    fn alter(&mut self, alter: &AlterTable) {
        let table = sql::table(self.backend, &alter.name);
        self.touched.insert(table.clone());
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::AddColumn { column_def, .. } => self.make_column(&table, column_def),
                AlterTableOperation::DropColumn { column_names, .. } => {
                    for column in column_names {
                        let name = sql::name(self.backend, column);
                        self.columns.insert((table.clone(), name), Fate::Dropped);
                    }
                }
                AlterTableOperation::RenameColumn { old_column_name: old, new_column_name: new }
                | AlterTableOperation::ChangeColumn { old_name: old, new_name: new, .. } => {
                    let (old, new) = (sql::name(self.backend, old), sql::name(self.backend, new));
                    self.columns.insert((table.clone(), old), Fate::Dropped);
                    self.columns.insert((table.clone(), new), Fate::Renamed);
                }
                AlterTableOperation::RenameTable {
                    table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new),
                } => self.rename(&alter.name, new),
                AlterTableOperation::AddConstraint { constraint, .. } => self.constrain(&table, constraint),
                AlterTableOperation::DropIndex { name } | AlterTableOperation::DropConstraint { name, .. } => {
                    self.indexes.insert(sql::name(self.backend, name), (table.clone(), Fate::Dropped));
                }
                _ => {}
            }
        }
    }

    fn rename(&mut self, old: &ObjectName, new: &ObjectName) {
        let (old, new) = (sql::table(self.backend, old), sql::table(self.backend, new));
        let fate = if self.is_new(&old) { Fate::Made } else { Fate::Renamed };
        let columns: Vec<_> = self.columns.keys().filter(|(table, _)| *table == old).cloned().collect();
        for key in columns {
            if let Some(fate) = self.columns.remove(&key) {
                self.columns.insert((new.clone(), key.1), fate);
            }
        }
        if let Some(rows) = self.rows.remove(&old) {
            self.rows.insert(new.clone(), rows);
        }
        self.touched.extend([old.clone(), new.clone()]);
        self.tables.insert(old, Fate::Dropped);
        self.tables.insert(new, fate);
    }

    fn drop(&mut self, what: ObjectType, names: &[ObjectName], of: Option<&ObjectName>) {
        for name in names.iter().map(|name| sql::table(self.backend, name)) {
            match what {
                ObjectType::Table | ObjectType::View | ObjectType::MaterializedView => {
                    self.touched.insert(name.clone());
                    self.columns.retain(|(table, _), _| *table != name);
                    self.tables.insert(name, Fate::Dropped);
                }
                ObjectType::Index => {
                    let known = self.indexes.get(&name).map(|(table, _)| table.clone());
                    let table = of.map(|of| sql::table(self.backend, of)).or(known).unwrap_or_default();
                    self.indexes.insert(name, (table, Fate::Dropped));
                }
                // With what is in it.
                ObjectType::Schema | ObjectType::Database => self.is_blind = true,
                _ => {}
            }
        }
    }

    fn touch(&mut self, table: &TableWithJoins) {
        if let TableFactor::Table { name, .. } = &table.relation {
            let table = sql::table(self.backend, name);
            // Those that the plan has added are others now.
            if let Some(rows) = self.rows.get_mut(&table) {
                *rows = Rows::Unknown;
            }
            self.touched.insert(table);
        }
    }
}

//! What a statement does not say and the catalogue does.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_migration::sea_orm::{self, DbBackend, DbErr, FromQueryResult};
use sqlparser::ast::{AlterTable, AlterTableOperation, ObjectName, ObjectType, Statement};

use crate::{changes::Aspect, foreseen::Foreseen, live::Live, sql};

/// What the catalogue says of the table that one statement changes. Of a table that is not there yet it says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// By name.
    pub(crate) columns: BTreeMap<String, Column>,
    /// Of the columns that are added, those that are there by then.
    pub(crate) present: BTreeSet<String>,
    /// Whether the indexes are others by then.
    pub(crate) changes_indexes: bool,
    /// By name: the columns of each index.
    pub(crate) indexes: BTreeMap<String, Vec<String>>,
    /// That texts have which say none.
    pub(crate) collation: Option<String>,
    /// What keeps the table, where that is not `InnoDB`.
    pub(crate) engine: Option<String>,
    /// Why the server may not do at once what it does at once with other tables.
    pub(crate) oddity: Option<String>,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As `SHOW CREATE TABLE` says it.
    pub(crate) data_type: String,
    pub(crate) is_nullable: i64,

    pub(crate) collation: Option<String>,
    /// The most bytes that a text may have.
    pub(crate) bytes: Option<u64>,
    pub(crate) extra: String,
}

#[derive(FromQueryResult)]
struct TableRow {
    engine: Option<String>,
    row_format: Option<String>,
    collation: Option<String>,
}

#[derive(FromQueryResult)]
struct IndexRow {
    name: String,
    column_name: String,
    index_type: String,
}

impl Facts {
    pub(crate) fn gather(statement: &Statement, live: &Live, foreseen: &Foreseen) -> Result<Self, DbErr> {
        match statement {
            Statement::AlterTable(alter) => {
                let mut facts = Self::of_table(&alter.name, live)?;
                facts.foresee(alter, foreseen);
                Ok(facts)
            }
            Statement::CreateIndex(create) => Self::of_table(&create.table_name, live),
            Statement::Drop { object_type: ObjectType::Index, table: Some(table), .. } => Self::of_table(table, live),
            _ => Ok(Self::default()),
        }
    }

    fn of_table(table: &ObjectName, live: &Live) -> Result<Self, DbErr> {
        let Some(name) = table.0.last().and_then(|part| part.as_ident()) else { return Ok(Self::default()) };
        let table = [name.value.as_str()];
        let columns: Vec<Column> = live.ask_rows(include_str!("columns.sql"), &table)?;
        let index_rows: Vec<IndexRow> = live.ask_rows(include_str!("indexes.sql"), &table)?;
        let tables: Vec<TableRow> = live.ask_rows(include_str!("table.sql"), &table)?;
        let mut indexes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &index_rows {
            indexes.entry(row.name.clone()).or_default().push(row.column_name.clone());
        }
        let oddity = tables.first().and_then(|table| oddity(table, &columns, &index_rows));
        let engine = tables.first().map(|table| table.engine.clone().unwrap_or_else(|| "no engine".to_owned()));
        let engine = engine.filter(|engine| engine != "InnoDB");
        let collation = tables.into_iter().next().and_then(|table| table.collation);
        let columns = columns.into_iter().map(|column| (column.name.clone(), column)).collect();
        Ok(Self { columns, indexes, collation, engine, oddity, ..Self::default() })
    }
}

impl Facts {
    /// As it is when the statements before have run.
    fn foresee(&mut self, alter: &AlterTable, foreseen: &Foreseen) {
        let table = sql::table(DbBackend::MySql, &alter.name);
        let added = alter.operations.iter().filter_map(|operation| match operation {
            AlterTableOperation::AddColumn { column_def, .. } => Some(sql::name(DbBackend::MySql, &column_def.name)),
            _ => None,
        });
        let present = added.filter(|name| foreseen.has_column(&table, name, self.columns.contains_key(name)));
        self.present = present.collect();
        self.columns.retain(|name, _| {
            foreseen.has_column(&table, name, true) && !foreseen.changes.has_altered(&table, name, Aspect::Type)
        });
        self.changes_indexes = foreseen.changes_indexes(&table);
        if foreseen.changes.makes_odd(&table) {
            self.oddity = Some("a statement before adds a generated column or a special index".to_owned());
        }
    }
}

fn oddity(table: &TableRow, columns: &[Column], indexes: &[IndexRow]) -> Option<String> {
    let row_format = table.row_format.as_deref().unwrap_or_default();
    if !["Dynamic", "Compact"].contains(&row_format) {
        return Some(format!("the row format of the table is {row_format}"));
    }
    // MySQL calls a default `DEFAULT_GENERATED` that is an expression.
    if columns.iter().any(|column| column.extra.contains(" GENERATED")) {
        return Some("the table has a generated column".to_owned());
    }
    let index = indexes.iter().find(|index| index.index_type != "BTREE")?;
    Some(format!("the table has a {} index", index.index_type))
}

/// About how many rows a table has.
pub(crate) fn rows(live: &Live, table: &str) -> Result<Option<u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Rows {
        count: Option<u64>,
    }
    let rows: Vec<Rows> = live.ask_rows(include_str!("rows.sql"), &[table])?;
    Ok(rows.first().and_then(|row| row.count))
}

//! Catalog facts about the table that a statement changes.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_migration::sea_orm::{self, DbBackend, DbErr, FromQueryResult};
use sqlparser::ast::{AlterTable, AlterTableOperation, ObjectName, ObjectType, Statement};

use crate::{
    catalog::Catalog,
    shadow_schema::{Aspect, ShadowSchema},
    sql,
};

/// Facts about the table that one statement changes. Empty for a table that does not exist yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// By name.
    pub(crate) columns: BTreeMap<String, Column>,
    /// The columns among those added that already exist by then.
    pub(crate) present: BTreeSet<String>,
    /// Whether an earlier statement changes the indexes.
    pub(crate) changes_indexes: bool,
    /// The columns of each index, by index.
    pub(crate) indexes: BTreeMap<String, Vec<String>>,
    /// The indexes of `UNIQUE` on a whole TEXT or BLOB (MariaDB): `InnoDB` copies a table that has one.
    pub(crate) hash_indexes: BTreeSet<String>,
    /// The default collation of the table.
    pub(crate) collation: Option<String>,
    /// The storage engine, if it is not `InnoDB`.
    pub(crate) engine: Option<String>,
    /// The table of the trigger that the statement drops.
    pub(crate) trigger_table: Option<String>,
    /// Why the server may not use the fast algorithms for this table.
    pub(crate) restriction: Option<String>,
}

/// As `information_schema.STATISTICS` names the type of such an index.
const HASH: &str = "HASH";

#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As `SHOW CREATE TABLE` writes it.
    pub(crate) data_type: String,
    pub(crate) is_nullable: i64,
    pub(crate) collation: Option<String>,
    /// The maximum length in bytes.
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
    pub(crate) fn gather(statement: &Statement, catalog: &Catalog, shadow: &ShadowSchema) -> Result<Self, DbErr> {
        match statement {
            Statement::AlterTable(alter) => {
                let mut facts = Self::of_table(&alter.name, catalog)?;
                facts.apply_shadow(alter, shadow);
                Ok(facts)
            }
            Statement::CreateIndex(create) => Self::of_table(&create.table_name, catalog),
            Statement::Drop { object_type: ObjectType::Index, table: Some(table), .. } => {
                Self::of_table(table, catalog)
            }
            Statement::DropTrigger(drop) => Self::of_trigger(&drop.trigger_name, catalog),
            _ => Ok(Self::default()),
        }
    }

    fn of_trigger(trigger: &ObjectName, catalog: &Catalog) -> Result<Self, DbErr> {
        #[derive(FromQueryResult)]
        struct Trigger {
            table_name: String,
        }
        let Some(name) = trigger.0.last().and_then(|part| part.as_ident()) else { return Ok(Self::default()) };
        let triggers: Vec<Trigger> = catalog.query_rows(include_str!("trigger.sql"), &[name.value.as_str()])?;
        Ok(Self { trigger_table: triggers.into_iter().next().map(|found| found.table_name), ..Self::default() })
    }

    fn of_table(table: &ObjectName, catalog: &Catalog) -> Result<Self, DbErr> {
        let Some(name) = table.0.last().and_then(|part| part.as_ident()) else { return Ok(Self::default()) };
        let table = [name.value.as_str()];
        let columns: Vec<Column> = catalog.query_rows(include_str!("columns.sql"), &table)?;
        let index_rows: Vec<IndexRow> = catalog.query_rows(include_str!("indexes.sql"), &table)?;
        let tables: Vec<TableRow> = catalog.query_rows(include_str!("table.sql"), &table)?;
        let mut indexes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &index_rows {
            indexes.entry(row.name.clone()).or_default().push(row.column_name.clone());
        }
        let hashed = index_rows.iter().filter(|index| index.index_type == HASH);
        let hash_indexes = hashed.map(|index| index.name.clone()).collect();
        let restriction = tables.first().and_then(|table| restriction(table, &columns, &index_rows));
        let engine = tables.first().map(|table| table.engine.clone().unwrap_or_else(|| "no engine".to_owned()));
        let engine = engine.filter(|engine| engine != "InnoDB");
        let collation = tables.into_iter().next().and_then(|table| table.collation);
        let columns = columns.into_iter().map(|column| (column.name.clone(), column)).collect();
        Ok(Self { columns, indexes, hash_indexes, collation, engine, restriction, ..Self::default() })
    }
}

impl Facts {
    /// The facts once the earlier statements have run.
    fn apply_shadow(&mut self, alter: &AlterTable, shadow: &ShadowSchema) {
        let table = sql::table(DbBackend::MySql, &alter.name);
        let added = alter.operations.iter().filter_map(|operation| match operation {
            AlterTableOperation::AddColumn { column_def, .. } => Some(sql::name(DbBackend::MySql, &column_def.name)),
            _ => None,
        });
        let present = added.filter(|name| shadow.has_column(&table, name, self.columns.contains_key(name)));
        self.present = present.collect();
        self.columns.retain(|name, _| {
            shadow.has_column(&table, name, true) && !shadow.changes.has_altered(&table, name, Aspect::Type)
        });
        self.changes_indexes = shadow.changes_indexes(&table);
        if shadow.changes.restricts_algorithms(&table) {
            self.restriction = Some("an earlier statement adds a generated column or a special index".to_owned());
        }
    }
}

fn restriction(table: &TableRow, columns: &[Column], indexes: &[IndexRow]) -> Option<String> {
    let row_format = table.row_format.as_deref().unwrap_or_default();
    if !["Dynamic", "Compact"].contains(&row_format) {
        return Some(format!("the row format of the table is {row_format}"));
    }
    // `DEFAULT_GENERATED` is a default expression of MySQL, not a generated column.
    if columns.iter().any(|column| column.extra.contains(" GENERATED")) {
        return Some("the table has a generated column".to_owned());
    }
    let index = indexes.iter().find(|index| !["BTREE", HASH].contains(&index.index_type.as_str()))?;
    Some(format!("the table has a {} index", index.index_type))
}

/// The estimate of the server.
pub(crate) fn estimated_rows(catalog: &Catalog, table: &str) -> Result<Option<u64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Rows {
        count: Option<u64>,
    }
    let rows: Vec<Rows> = catalog.query_rows(include_str!("rows.sql"), &[table])?;
    Ok(rows.first().and_then(|row| row.count))
}

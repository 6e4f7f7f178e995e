//! The rule for each kind of statement.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterIndexOperation, CascadeOption, ColumnOption, CommentObject, CreateIndex, CreateTable, Expr, FromTable,
    ObjectName, ObjectType, Statement, TableConstraint, TableFactor, TableObject, TableWithJoins,
};

use super::{
    alter_table,
    facts::{Facts, functions},
};
use crate::{impact::Impact, lock_mode::LockMode, plan::Work, server::Version, sql};

pub(crate) fn analyse(text: &str, statement: &Statement, version: Version, facts: &Facts) -> Impact {
    match statement {
        Statement::CreateTable(create) => create_table(create, version, facts),
        Statement::AlterTable(alter) => alter_table::analyse(alter, version, facts),
        Statement::CreateIndex(create) => create_index(text, create, facts),
        // This locks the index and not its table.
        Statement::AlterIndex { operation: AlterIndexOperation::RenameIndex { .. }, .. } => {
            Impact::lock_free(Work::Metadata)
        }
        Statement::Drop { object_type, names, cascade, .. } => drop(text, *object_type, names, *cascade, facts),
        Statement::Truncate(truncate) => {
            let tables = truncate.table_names.iter().map(|target| table(&target.name));
            let impact = tables.fold(Impact::lock_free(Work::ChangesRows), |impact, table| {
                impact.locking(table, LockMode::AccessExclusive)
            });
            match truncate.cascade {
                Some(CascadeOption::Cascade) => Impact { locks: None, ..impact }
                    .with_reason("CASCADE also empties all tables that refer to it, directly or indirectly"),
                Some(CascadeOption::Restrict) | None => impact,
            }
        }
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => changes_rows(&table(name)),
            _ => Impact::unknown("the target is not a table"),
        },
        Statement::Update(update) => changes_rows_of(&update.table),
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            from.first().map_or_else(|| Impact::unknown("the statement names no table"), changes_rows_of)
        }
        Statement::CreateTrigger(create) => {
            Impact::on(table(&create.table_name), LockMode::ShareRowExclusive, Work::Metadata)
        }
        Statement::DropTrigger(drop) => match &drop.table_name {
            Some(name) => Impact::on(table(name), LockMode::AccessExclusive, Work::Metadata),
            None => Impact::unknown("the statement names no table"),
        },
        Statement::CreatePolicy(create) => {
            Impact::on(table(&create.table_name), LockMode::AccessExclusive, Work::Metadata)
        }
        Statement::DropPolicy(drop) => Impact::on(table(&drop.table_name), LockMode::AccessExclusive, Work::Metadata),
        Statement::CreateView(create) if !create.materialized => {
            let tables = sql::relations(DbBackend::Postgres, create.query.as_ref());
            tables
                .into_iter()
                .fold(Impact::lock_free(Work::Metadata), |impact, table| impact.locking(table, LockMode::AccessShare))
        }
        Statement::Comment { object_type: CommentObject::Table, object_name, .. } => {
            Impact::on(table(object_name), LockMode::ShareUpdateExclusive, Work::Metadata)
        }
        Statement::Comment { object_type: CommentObject::Column, object_name, .. } => {
            let of_column = ObjectName(object_name.0.split_last().map_or(Vec::new(), |(_, table)| table.to_vec()));
            Impact::on(table(&of_column), LockMode::ShareUpdateExclusive, Work::Metadata)
        }
        Statement::Analyze(analyze) => match &analyze.table_name {
            Some(name) => Impact::on(table(name), LockMode::ShareUpdateExclusive, Work::ReadsTable)
                .with_reason("the server reads a sample of the rows"),
            None => Impact::unknown("the statement names no table"),
        },
        Statement::CreateType { .. }
        | Statement::AlterType(_)
        | Statement::CreateDomain(_)
        | Statement::CreateFunction(_)
        | Statement::DropFunction(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateSequence { .. }
        | Statement::CreateSchema { .. }
        | Statement::CreateRole(_)
        | Statement::Grant(_)
        | Statement::Revoke(_) => Impact::lock_free(Work::Metadata),
        Statement::Set(_) => Impact::lock_free(Work::Nothing).with_reason("a session setting"),
        Statement::Query(query) if functions(query.as_ref()).is_empty() && sql::only_reads(query) => {
            let tables = sql::relations(DbBackend::Postgres, query.as_ref());
            tables
                .into_iter()
                .fold(Impact::lock_free(Work::ReadsTable), |impact, table| impact.locking(table, LockMode::AccessShare))
        }
        Statement::Query(_) => Impact::unknown("the effect of its functions is unknown"),
        _ => Impact::unknown("no rule for this kind of statement"),
    }
}

fn create_index(text: &str, create: &CreateIndex, facts: &Facts) -> Impact {
    let mode = if create.concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share };
    let on = |work| Impact::on(table(&create.table_name), mode, work);
    if let Some(key) = &facts.partition_key {
        let has = |column: &String| {
            create.columns.iter().any(|part| match &part.column.expr {
                Expr::Identifier(identifier) => sql::name(DbBackend::Postgres, identifier) == *column,
                _ => false,
            })
        };
        if create.unique && !key.iter().all(has) {
            let key = key.join(", ");
            return on(Work::Nothing).with_reason(format!(
                "the server rejects the statement: a unique index of a partitioned table must contain the partition key \
                 ({key})"
            ));
        }
        if create.concurrently {
            return on(Work::Nothing).with_reason(
                "the server rejects the statement: it builds no index of a partitioned table concurrently; \
                 `online::create_index` builds one for each partition",
            );
        }
        if sql::indexes_only_the_parent(text) {
            return on(Work::Metadata).with_reason("the partitions are left out; they get their own");
        }
    }
    on(Work::ReadsTable).with_reason("the server builds the index")
}

/// No session can wait for a new table, but the tables that it refers to exist.
fn create_table(create: &CreateTable, version: Version, facts: &Facts) -> Impact {
    let of_columns = create.columns.iter().flat_map(|column| &column.options).filter_map(|option| {
        if let ColumnOption::ForeignKey(reference) = &option.option { Some(&reference.foreign_table) } else { None }
    });
    let of_table = create.constraints.iter().filter_map(|constraint| {
        if let TableConstraint::ForeignKey(reference) = constraint { Some(&reference.foreign_table) } else { None }
    });
    let own = table(&create.name);
    let mut impact = Impact::lock_free(Work::Metadata);
    for other in of_columns.chain(of_table).map(table).filter(|other| *other != own) {
        impact = impact.locking(other, LockMode::ShareRowExclusive);
    }
    if let Some(parent) = &create.partition_of {
        let impact = facts
            .references
            .iter()
            .filter_map(|reference| reference.lock_for_partition(&[], version))
            .fold(impact, |impact, (other, mode)| impact.locking(other, mode))
            .locking(table(parent), LockMode::AccessExclusive);
        return match &facts.default_partition {
            None => impact,
            Some(default) => impact
                .and(Impact::on(default, LockMode::AccessExclusive, Work::ReadsTable))
                .with_reason("the server checks each row of the default partition"),
        };
    }
    if let Some(query) = &create.query {
        let tables = sql::relations(DbBackend::Postgres, query.as_ref());
        impact.work = Work::ReadsTable;
        return tables.into_iter().fold(impact, |impact, table| impact.locking(table, LockMode::AccessShare));
    }
    for parent in create.inherits.iter().flatten() {
        impact = impact.locking(table(parent), LockMode::ShareUpdateExclusive);
    }
    impact
}

fn drop(text: &str, object_type: ObjectType, names: &[ObjectName], cascades: bool, facts: &Facts) -> Impact {
    match object_type {
        ObjectType::Table => {
            let tables: Vec<String> = names.iter().map(table).collect();
            let dropped = tables.iter().fold(Impact::lock_free(Work::Metadata), |impact, table| {
                impact.locking(table, LockMode::AccessExclusive)
            });
            // Dropping its foreign keys drops triggers of the tables at their other ends.
            let others = facts.references.iter().filter(|reference| reference.is_outgoing || cascades);
            let dropped = if cascades { dropped.with_reason("CASCADE also drops what depends on it") } else { dropped };
            others.fold(dropped, |impact, reference| {
                let other = &reference.other_table;
                if tables.iter().any(|table| table == other) {
                    impact
                } else {
                    impact.locking(other, LockMode::AccessExclusive)
                }
            })
        }
        ObjectType::Index => {
            let is_concurrent = sql::drops_concurrently(text);
            let mode = if is_concurrent { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
            let impacts = names.iter().map(|name| of_index(name, mode, facts));
            impacts.reduce(Impact::and).unwrap_or_else(|| Impact::unknown("the statement names no index"))
        }
        ObjectType::View | ObjectType::MaterializedView => names
            .iter()
            .map(table)
            .fold(Impact::lock_free(Work::Metadata), |impact, view| impact.locking(view, LockMode::AccessExclusive)),
        ObjectType::Type | ObjectType::Sequence | ObjectType::Role if !cascades => Impact::lock_free(Work::Metadata),
        _ => Impact::unknown("the statement does not name what is dropped with it"),
    }
}

/// The statement names an index and locks its table.
fn of_index(index: &ObjectName, mode: LockMode, facts: &Facts) -> Impact {
    match facts.tables_of.get(&table(index)) {
        Some(table) => Impact::on(table, mode, Work::Metadata),
        None => Impact::lock_free(Work::Nothing).with_reason("the index does not exist"),
    }
}

fn changes_rows_of(relation: &TableWithJoins) -> Impact {
    match &relation.relation {
        TableFactor::Table { name, .. } => changes_rows(&table(name)),
        _ => Impact::unknown("the target is not a table"),
    }
}

fn changes_rows(table: &str) -> Impact {
    Impact::on(table, LockMode::RowExclusive, Work::ChangesRows)
}

fn table(name: &ObjectName) -> String {
    sql::table(DbBackend::Postgres, name)
}

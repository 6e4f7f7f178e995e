//! One statement.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterIndexOperation, CascadeOption, ColumnOption, CommentObject, CreateTable, FromTable, ObjectName, ObjectType,
    Statement, TableConstraint, TableFactor, TableObject, TableWithJoins,
};

use super::{
    alter_table,
    facts::{Facts, functions},
};
use crate::{effect::Effect, mode::Mode, model::Work, server::Version, sql};

pub(crate) fn judge(text: &str, statement: &Statement, version: Version, facts: &Facts) -> Effect {
    match statement {
        Statement::CreateTable(create) => create_table(create, facts),
        Statement::AlterTable(alter) => alter_table::judge(alter, version, facts),
        Statement::CreateIndex(create) => {
            let mode = if create.concurrently { Mode::ShareUpdateExclusive } else { Mode::Share };
            Effect::on(table(&create.table_name), mode, Work::ReadsTable).because("the index is built")
        }
        // The index is locked so that nobody else renames it, and its table is not.
        Statement::AlterIndex { operation: AlterIndexOperation::RenameIndex { .. }, .. } => {
            Effect::elsewhere(Work::Metadata)
        }
        Statement::Drop { object_type, names, cascade, .. } => drop(text, *object_type, names, *cascade, facts),
        Statement::Truncate(truncate) => {
            let tables = truncate.table_names.iter().map(|target| table(&target.name));
            let effect = tables.fold(Effect::elsewhere(Work::ChangesRows), |effect, table| {
                effect.locking(table, Mode::AccessExclusive)
            });
            match truncate.cascade {
                Some(CascadeOption::Cascade) => Effect { locks: None, ..effect }
                    .because("the tables that refer to it, and those that refer to them, are emptied with it"),
                Some(CascadeOption::Restrict) | None => effect,
            }
        }
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => changes(&table(name)),
            _ => Effect::unknown("what it inserts into is not a table"),
        },
        Statement::Update(update) => of_relation(&update.table),
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            from.first().map_or_else(|| Effect::unknown("it names no table"), of_relation)
        }
        Statement::CreateTrigger(create) => {
            Effect::on(table(&create.table_name), Mode::ShareRowExclusive, Work::Metadata)
        }
        Statement::DropTrigger(drop) => match &drop.table_name {
            Some(name) => Effect::on(table(name), Mode::AccessExclusive, Work::Metadata),
            None => Effect::unknown("it names no table"),
        },
        Statement::CreatePolicy(create) => Effect::on(table(&create.table_name), Mode::AccessExclusive, Work::Metadata),
        Statement::DropPolicy(drop) => Effect::on(table(&drop.table_name), Mode::AccessExclusive, Work::Metadata),
        Statement::CreateView(create) if !create.materialized => {
            let tables = sql::relations(DbBackend::Postgres, create.query.as_ref());
            tables
                .into_iter()
                .fold(Effect::elsewhere(Work::Metadata), |effect, table| effect.locking(table, Mode::AccessShare))
        }
        Statement::Comment { object_type: CommentObject::Table, object_name, .. } => {
            Effect::on(table(object_name), Mode::ShareUpdateExclusive, Work::Metadata)
        }
        Statement::Comment { object_type: CommentObject::Column, object_name, .. } => {
            let of_column = ObjectName(object_name.0.split_last().map_or(Vec::new(), |(_, table)| table.to_vec()));
            Effect::on(table(&of_column), Mode::ShareUpdateExclusive, Work::Metadata)
        }
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
        | Statement::Revoke(_) => Effect::elsewhere(Work::Metadata),
        Statement::Set(_) => Effect::elsewhere(Work::Nothing).because("it is a setting"),
        Statement::Query(query) if functions(query.as_ref()).is_empty() && sql::only_reads(query) => {
            let tables = sql::relations(DbBackend::Postgres, query.as_ref());
            tables
                .into_iter()
                .fold(Effect::elsewhere(Work::ReadsTable), |effect, table| effect.locking(table, Mode::AccessShare))
        }
        Statement::Query(_) => Effect::unknown("what its functions do is not in the statement"),
        _ => Effect::unknown("this kind of statement is not among those that are judged"),
    }
}

/// Nobody sees a table that is just being made; but those that it refers to are there.
fn create_table(create: &CreateTable, facts: &Facts) -> Effect {
    let of_columns = create.columns.iter().flat_map(|column| &column.options).filter_map(|option| {
        if let ColumnOption::ForeignKey(reference) = &option.option { Some(&reference.foreign_table) } else { None }
    });
    let of_table = create.constraints.iter().filter_map(|constraint| {
        if let TableConstraint::ForeignKey(reference) = constraint { Some(&reference.foreign_table) } else { None }
    });
    let own = table(&create.name);
    let mut effect = Effect::elsewhere(Work::Metadata);
    for other in of_columns.chain(of_table).map(table).filter(|other| *other != own) {
        effect = effect.locking(other, Mode::ShareRowExclusive);
    }
    if let Some(parent) = &create.partition_of {
        let effect = effect.locking(table(parent), Mode::AccessExclusive);
        return match &facts.default_partition {
            None => effect,
            Some(default) => effect
                .and(Effect::on(default, Mode::AccessExclusive, Work::ReadsTable))
                .because("each row of the default partition is checked"),
        };
    }
    if let Some(query) = &create.query {
        let tables = sql::relations(DbBackend::Postgres, query.as_ref());
        effect.work = Work::ReadsTable;
        return tables.into_iter().fold(effect, |effect, table| effect.locking(table, Mode::AccessShare));
    }
    for parent in create.inherits.iter().flatten() {
        effect = effect.locking(table(parent), Mode::ShareUpdateExclusive);
    }
    effect
}

fn drop(text: &str, what: ObjectType, names: &[ObjectName], cascades: bool, facts: &Facts) -> Effect {
    match what {
        ObjectType::Table => {
            let tables: Vec<String> = names.iter().map(table).collect();
            let dropped = tables
                .iter()
                .fold(Effect::elsewhere(Work::Metadata), |effect, table| effect.locking(table, Mode::AccessExclusive));
            // With its foreign keys go triggers of the tables at their other ends.
            let others = facts.references.iter().filter(|reference| reference.is_outgoing || cascades);
            let dropped = if cascades { dropped.because("and what depends on it goes with it") } else { dropped };
            others.fold(dropped, |effect, reference| {
                let other = &reference.other_table;
                if tables.iter().any(|table| table == other) {
                    effect
                } else {
                    effect.locking(other, Mode::AccessExclusive)
                }
            })
        }
        ObjectType::Index => {
            let is_concurrent = sql::drops_concurrently(text);
            let mode = if is_concurrent { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
            let effects = names.iter().map(|name| of_index(name, mode, facts));
            effects.reduce(Effect::and).unwrap_or_else(|| Effect::unknown("it names no index"))
        }
        ObjectType::View | ObjectType::MaterializedView => names
            .iter()
            .map(table)
            .fold(Effect::elsewhere(Work::Metadata), |effect, view| effect.locking(view, Mode::AccessExclusive)),
        ObjectType::Type | ObjectType::Sequence | ObjectType::Role if !cascades => Effect::elsewhere(Work::Metadata),
        _ => Effect::unknown("what goes with it is not in the statement"),
    }
}

/// An index is named, and its table is locked.
fn of_index(index: &ObjectName, mode: Mode, facts: &Facts) -> Effect {
    match facts.tables_of.get(&table(index)) {
        Some(table) => Effect::on(table, mode, Work::Metadata),
        None => Effect::elsewhere(Work::Nothing).because("the database has no such index"),
    }
}

fn of_relation(relation: &TableWithJoins) -> Effect {
    match &relation.relation {
        TableFactor::Table { name, .. } => changes(&table(name)),
        _ => Effect::unknown("what it changes is not a table"),
    }
}

fn changes(table: &str) -> Effect {
    Effect::on(table, Mode::RowExclusive, Work::ChangesRows)
}

fn table(name: &ObjectName) -> String {
    sql::table(DbBackend::Postgres, name)
}

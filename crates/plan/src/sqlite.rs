//! SQLite: one lock for the whole file; and which statement goes through all rows.
//!
//! <https://www.sqlite.org/lang_altertable.html>: a table's rows are read where a new column is checked, and written
//! anew where one is dropped.

use std::collections::BTreeMap;

use sea_orm_migration::sea_orm::{self, DbBackend, DbErr, FromQueryResult, Statement as Question};
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, ColumnOption, CreateTable, ObjectName, ObjectType, RenameTableNameKind,
    Statement, Value,
};

use super::{
    effect::Effect,
    foreseen::{Foreseen, Sight},
    live::Live,
    model::{Warning, Work},
    sql,
};

pub(crate) fn judge(statement: &Statement) -> Effect {
    match statement {
        Statement::CreateTable(CreateTable { query: None, .. })
        | Statement::CreateView(_)
        | Statement::CreateTrigger(_)
        | Statement::DropTrigger(_)
        | Statement::CreateVirtualTable { .. } => Effect::on_file(Work::Metadata),
        Statement::CreateTable(_) => Effect::on_file(Work::ReadsTable),
        Statement::CreateIndex(_) => Effect::on_file(Work::ReadsTable).because("the index is built"),
        Statement::Drop { object_type: ObjectType::Table | ObjectType::Index | ObjectType::View, .. } => {
            Effect::on_file(Work::Metadata)
        }
        Statement::AlterTable(alter) => alter_table(alter),
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => Effect::on_file(Work::ChangesRows),
        Statement::Pragma { name, value: Some(value), .. } if is_foreign_keys(name) => {
            let state = if is_on(value) { "on" } else { "off" };
            Effect::elsewhere(Work::Metadata).because(format!("foreign keys are {state} from here on"))
        }
        Statement::Pragma { .. } => Effect::unknown("what a pragma does is not in the statement"),
        _ => Effect::unknown("this kind of statement is not among those that are judged"),
    }
}

fn alter_table(alter: &AlterTable) -> Effect {
    let effects = alter.operations.iter().map(|operation| match operation {
        AlterTableOperation::AddColumn { column_def, .. } => add(column_def),
        AlterTableOperation::DropColumn { .. } => {
            Effect::on_file(Work::RewritesTable).because("each row is written without the column")
        }
        AlterTableOperation::RenameColumn { .. } | AlterTableOperation::RenameTable { .. } => {
            Effect::on_file(Work::Metadata)
        }
        _ => Effect::unknown("SQLite has no such ALTER TABLE, or a newer one than is judged"),
    });
    effects.reduce(Effect::and).unwrap_or_else(|| Effect::unknown("it changes nothing that is known"))
}

fn add(column: &ColumnDef) -> Effect {
    let has = |is_it: fn(&ColumnOption) -> bool| column.options.iter().any(|option| is_it(&option.option));
    let is_generated = has(|option| matches!(option, ColumnOption::Generated { .. }));
    let is_checked = has(|option| matches!(option, ColumnOption::Check(_)))
        || (is_generated && has(|option| matches!(option, ColumnOption::NotNull)));
    if is_checked {
        Effect::on_file(Work::ReadsTable).because("each row is checked")
    } else {
        Effect::on_file(Work::Metadata)
    }
}

/// What the statements so far have made of foreign keys.
#[derive(Debug)]
pub(super) struct References {
    are_enforced: bool,
    /// By the name that a table has now: the one that it has in the database.
    renamed: BTreeMap<String, String>,
}

/// Another table's rows that refer to rows of a table.
#[derive(FromQueryResult)]
struct Reference {
    child: String,
    on_delete: String,
}

impl References {
    pub(super) fn ask(live: &Live) -> Result<Self, DbErr> {
        let rows = live.ask(Question::from_string(DbBackend::Sqlite, "PRAGMA foreign_keys"))?;
        let are_enforced = rows.first().map_or(Ok(0), |row| row.try_get_by_index::<i32>(0))? != 0;
        Ok(Self { are_enforced, renamed: BTreeMap::new() })
    }

    /// What this statement will have done.
    pub(super) fn take(&mut self, statement: &Statement, foreseen: &Foreseen) {
        match statement {
            Statement::Pragma { name, value: Some(value), .. } if is_foreign_keys(name) => {
                self.are_enforced = is_on(value);
            }
            Statement::AlterTable(alter) => {
                for operation in &alter.operations {
                    if let AlterTableOperation::RenameTable {
                        table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new),
                    } = operation
                    {
                        let (old, new) = (table(&alter.name), table(new));
                        if !foreseen.is_new(&old) {
                            let origin = self.renamed.remove(&old).unwrap_or(old);
                            self.renamed.insert(new, origin);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Of a table that is dropped while others refer to it: SQLite deletes its rows first.
    /// <https://www.sqlite.org/foreignkeys.html#fk_schemacommands>
    pub(super) fn warnings(&self, statement: &Statement, live: &Live, foreseen: &Foreseen) -> Vec<Warning> {
        let Statement::Drop { object_type: ObjectType::Table, names, .. } = statement else { return Vec::new() };
        let names = names.iter().map(table);
        names.flat_map(|name| self.of_dropped(&name, live, foreseen)).collect()
    }

    fn of_dropped(&self, name: &str, live: &Live, foreseen: &Foreseen) -> Vec<Warning> {
        if foreseen.is_new(name) {
            return Vec::new();
        }
        let origin = self.renamed.get(name).map_or(name, String::as_str);
        let found = live.ask_rows::<Reference>(include_str!("sqlite/references.sql"), &[origin]);
        // What cannot be found out is not warned of; the statement is judged all the same.
        let references = found.unwrap_or_default().into_iter();
        let references = references
            .filter(|reference| foreseen.table(&sql::folded(DbBackend::Sqlite, &reference.child)) != Sight::Gone);
        references.map(|reference| self.warning(name, &reference)).collect()
    }

    fn warning(&self, name: &str, Reference { child, on_delete }: &Reference) -> Warning {
        let (message, help) = if self.are_enforced {
            let rows = match on_delete.as_str() {
                "CASCADE" => format!("the rows of {child} that refer to it are deleted"),
                "SET NULL" | "SET DEFAULT" => {
                    format!("the rows of {child} that refer to it no longer do (ON DELETE {on_delete})")
                }
                _ => format!("it fails where rows of {child} refer to it"),
            };
            let help = "to rebuild the table, run `PRAGMA foreign_keys = OFF` before the first statement";
            (format!("dropping {name} deletes its rows first: {rows}"), help)
        } else {
            let help = "give another table its name before foreign keys are on again; the runner checks that before it commits";
            (format!("rows of {child} refer to {name}, and refer to nothing once it is dropped"), help)
        };
        Warning { rule: "drop-referenced-table".to_owned(), message, help: Some(help.to_owned()) }
    }
}

fn table(name: &ObjectName) -> String {
    sql::table(DbBackend::Sqlite, name)
}

fn is_foreign_keys(name: &ObjectName) -> bool {
    name.0.last().and_then(|part| part.as_ident()).is_some_and(|name| name.value.eq_ignore_ascii_case("foreign_keys"))
}

fn is_on(value: &sqlparser::ast::ValueWithSpan) -> bool {
    match &value.value {
        Value::Number(number, _) => number.to_string() != "0",
        Value::SingleQuotedString(word) | Value::DoubleQuotedString(word) => {
            ["on", "yes", "true", "1"].iter().any(|on| word.eq_ignore_ascii_case(on))
        }
        _ => false,
    }
}

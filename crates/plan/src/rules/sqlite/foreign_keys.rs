//! SQLite deletes the rows of a table that is dropped, which fails or cascades where other tables refer to it.
//!
//! <https://www.sqlite.org/foreignkeys.html#fk_schemacommands>

use std::collections::BTreeMap;

use sea_orm_migration::sea_orm::{self, DbBackend, DbErr, FromQueryResult, Statement as Query};
use sqlparser::ast::{
    AlterTableOperation, ObjectName, ObjectType, RenameTableNameKind, Statement, Value, ValueWithSpan,
};

use crate::{
    catalog::Catalog,
    plan::Warning,
    shadow_schema::{Presence, ShadowSchema},
    sql,
};

/// The state of foreign keys after the statements so far.
#[derive(Debug)]
pub(crate) struct ForeignKeys {
    are_enforced: bool,
    /// The names in the database of tables that are renamed, by new name.
    renamed: BTreeMap<String, String>,
}

/// Another table with a foreign key to a table.
#[derive(FromQueryResult)]
struct Reference {
    child: String,
    on_delete: String,
}

impl ForeignKeys {
    pub(crate) fn read(catalog: &Catalog) -> Result<Self, DbErr> {
        let rows = catalog.query(Query::from_string(DbBackend::Sqlite, "PRAGMA foreign_keys"))?;
        let are_enforced = rows.first().map_or(Ok(0), |row| row.try_get_by_index::<i32>(0))? != 0;
        Ok(Self { are_enforced, renamed: BTreeMap::new() })
    }

    /// Applies a statement, before the shadow schema does.
    pub(crate) fn apply(&mut self, statement: &Statement, shadow: &ShadowSchema) {
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
                        if !shadow.is_new(&old) {
                            let origin = self.renamed.remove(&old).unwrap_or(old);
                            self.renamed.insert(new, origin);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Warnings about a `DROP TABLE` of a table that others refer to.
    pub(crate) fn warnings(&self, statement: &Statement, catalog: &Catalog, shadow: &ShadowSchema) -> Vec<Warning> {
        let Statement::Drop { object_type: ObjectType::Table, names, .. } = statement else { return Vec::new() };
        let names = names.iter().map(table);
        names.flat_map(|name| self.warnings_about(&name, catalog, shadow)).collect()
    }

    fn warnings_about(&self, name: &str, catalog: &Catalog, shadow: &ShadowSchema) -> Vec<Warning> {
        if shadow.is_new(name) {
            return Vec::new();
        }
        let origin = self.renamed.get(name).map_or(name, String::as_str);
        let found = catalog.query_rows::<Reference>(include_str!("references.sql"), &[origin]);
        // Without the references there is no warning, and the rest of the plan is still right.
        let references = found.unwrap_or_default().into_iter();
        let references = references
            .filter(|reference| shadow.table(&sql::folded(DbBackend::Sqlite, &reference.child)) != Presence::Missing);
        references.map(|reference| self.warning(name, &reference)).collect()
    }

    fn warning(&self, name: &str, Reference { child, on_delete }: &Reference) -> Warning {
        let (message, help) = if self.are_enforced {
            let consequence = match on_delete.as_str() {
                "CASCADE" => format!("also deletes the rows of {child} that refer to them"),
                "SET NULL" | "SET DEFAULT" => {
                    format!("changes the rows of {child} that refer to them (ON DELETE {on_delete})")
                }
                _ => format!("fails if rows of {child} refer to them"),
            };
            let help = "to rebuild the table, run `PRAGMA foreign_keys = OFF` before the first statement";
            (format!("DROP TABLE {name} deletes its rows first, which {consequence}"), help)
        } else {
            let help = "rename another table to this name before you switch foreign keys on; the runner checks them before \
                        it commits";
            (format!("rows of {child} refer to {name}, and are orphaned once it is dropped"), help)
        };
        Warning { rule: "drop-referenced-table".to_owned(), message, help: Some(help.to_owned()) }
    }
}

fn table(name: &ObjectName) -> String {
    sql::table(DbBackend::Sqlite, name)
}

pub(super) fn is_foreign_keys(name: &ObjectName) -> bool {
    name.0.last().and_then(|part| part.as_ident()).is_some_and(|name| name.value.eq_ignore_ascii_case("foreign_keys"))
}

pub(super) fn is_on(value: &ValueWithSpan) -> bool {
    match &value.value {
        Value::Number(number, _) => number.as_str() != "0",
        Value::SingleQuotedString(word) | Value::DoubleQuotedString(word) => {
            ["on", "yes", "true", "1"].iter().any(|on| word.eq_ignore_ascii_case(on))
        }
        _ => false,
    }
}

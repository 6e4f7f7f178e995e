//! Native enums of PostgreSQL that nothing uses once a column is gone.

use sea_orm_drift::model::{Dialect, TableName};

use super::{
    drafting::{Draft, Drafting},
    enum_uses::EnumUse,
    native_enum::{Enum, enum_of, live_enum},
    operation::{Operation, Step},
};

/// A column that an enum loses.
#[derive(Clone, Debug)]
struct Freed {
    table: TableName,
    column: String,
    of: Enum,
}

impl Drafting<'_> {
    /// Drops the enums of the columns that go, or get another type, where nothing else uses them.
    pub(super) fn drop_unused_enums(&self, draft: &mut Draft) {
        if self.dialect() != Dialect::Postgres {
            return;
        }
        let early = self.freed(&draft.expand);
        let all: Vec<Freed> = early.iter().cloned().chain(self.freed(&draft.contract)).collect();
        let mut dropped: Vec<Enum> = Vec::new();
        for Freed { of: it, .. } in &all {
            let is_freed = |of: &EnumUse| all.iter().any(|Freed { table, column, .. }| of.is_of(table, column));
            let mut uses = self.enum_uses.iter().filter(|of| of.name == it.name && of.is_used).peekable();
            let is_last = uses.peek().is_some() && uses.all(is_freed);
            if is_last && !self.declares_enum(&it.name) && !dropped.contains(it) {
                dropped.push(it.clone());
            }
        }
        for it in dropped {
            let count = |freed: &[Freed]| freed.iter().filter(|freed| freed.of == it).count();
            // The last of its columns may go only once another is filled.
            let operations = if count(&early) == count(&all) { &mut draft.expand } else { &mut draft.contract };
            operations.push(Operation::DropEnum(it));
        }
    }

    fn declares_enum(&self, name: &str) -> bool {
        let mut types = self.types.iter().flat_map(|types| &types.columns);
        types.any(|(_, ty)| enum_of(ty).is_some_and(|it| it.name == name))
    }

    /// The columns of enums that the operations drop, or give another type.
    fn freed(&self, operations: &[Operation]) -> Vec<Freed> {
        let mut columns: Vec<(&TableName, &str)> = Vec::new();
        for operation in operations {
            match operation {
                Operation::DropTable(table) => {
                    columns.extend(table.columns.iter().map(|column| (&table.name, column.name.as_str())));
                }
                Operation::AlterTable { before, steps, .. } => {
                    columns.extend(steps.iter().filter_map(|step| match step {
                        Step::DropColumn(column) => Some((&before.name, column.name.as_str())),
                        Step::ModifyColumn { from, to } if from.ty != to.ty => Some((&before.name, from.name.as_str())),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        let of = |(table, column): (&TableName, &str)| {
            let of = self.live_enum(table, column)?;
            Some(Freed { table: table.clone(), column: column.to_owned(), of })
        };
        columns.into_iter().filter_map(of).collect()
    }

    fn live_enum(&self, table: &TableName, column: &str) -> Option<Enum> {
        let mut tables = self.live.tables.iter().chain(&self.undeclared.tables);
        let table = tables.find(|other| other.name == *table)?;
        live_enum(&table.columns.iter().find(|other| other.name == column)?.ty)
    }
}

//! Native enums of PostgreSQL that nothing uses once a column is gone.

use sea_orm_drift::model::{Dialect, TableName};
use sea_orm_migration::sea_orm::{self, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::{
    draft::{Draft, Drafting},
    enums::{enum_of, live_enum},
    operation::{Enum, Operation, Step},
};

/// A use of an enum: by a column, or by something else.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct EnumUse {
    name: String,
    is_used: bool,
    schema: Option<String>,
    is_default_schema: bool,
    table: Option<String>,
    column: Option<String>,
}

/// The uses of the enums that the migrations made; none on other databases.
pub(super) async fn enum_uses(db: &impl ConnectionTrait) -> Result<Vec<EnumUse>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let statement = Statement::from_string(DbBackend::Postgres, include_str!("enum_uses.sql"));
    EnumUse::find_by_statement(statement).all(db).await
}

/// A column that an enum loses.
#[derive(Clone, Debug)]
struct Freed {
    table: TableName,
    column: String,
    of: Enum,
}

impl EnumUse {
    fn is_of(&self, table: &TableName, column: &str) -> bool {
        let is_table = self.table.as_ref() == Some(&table.name)
            && match &table.schema {
                Some(schema) => self.schema.as_ref() == Some(schema),
                None => self.is_default_schema,
            };
        is_table && self.column.as_deref() == Some(column)
    }
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
        live_enum(&table.columns.iter().find(|other| other.name == column)?.ty.kind)
    }
}

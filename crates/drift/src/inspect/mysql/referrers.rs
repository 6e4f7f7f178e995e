//! Foreign keys of other tables that refer to these.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::{facts::action, scope};
use crate::{
    inspect::answer::rows,
    model::{Dialect, ForeignKey, Referrer, Table, TableName, Validity},
};

/// One column of a foreign key.
#[derive(FromQueryResult)]
struct PartRow {
    name: String,
    table: String,
    column: String,
    target: String,
    target_column: String,
    on_delete: String,
    on_update: String,
}

/// Finds those that refuse a delete or another key. `InnoDB` accepts no `SET NULL` of a column that is NOT NULL, and no `SET DEFAULT`.
/// Does not ask where that opens many other tables.
pub(super) async fn add_referrers(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    tables: &mut [Table],
) -> Result<(), DbErr> {
    let names: Vec<TableName> = tables.iter().map(|table| table.name.clone()).collect();
    let Some(schema) = scope::readable_schema(db, dialect, &names).await? else { return Ok(()) };
    let ask = Statement::from_sql_and_values(
        DbBackend::MySql,
        include_str!("referrers.sql"),
        [schema.name.clone().into(), schema.name.clone().into()],
    );
    let parts: Vec<PartRow> = rows(db, ask).await?;
    for parts in parts.chunk_by(|one, other| (&one.table, &one.name) == (&other.table, &other.name)) {
        let (on_delete, on_update) = (action(&parts[0].on_delete), action(&parts[0].on_update));
        let is_target = |table: &&mut Table| schema.same_name(&table.name.name, &parts[0].target);
        let target = tables.iter_mut().find(is_target);
        let (Some(target), true) = (target, on_delete.rejects() || on_update.rejects()) else { continue };
        target.referrers.push(Referrer {
            table: TableName { schema: schema.name.clone(), name: parts[0].table.clone() },
            not_null_columns: Vec::new(),
            has_default: false,
            key: ForeignKey {
                name: parts[0].name.clone(),
                columns: parts.iter().map(|part| part.column.clone()).collect(),
                target: target.name.clone(),
                is_target_elsewhere: false,
                target_columns: parts.iter().map(|part| part.target_column.clone()).collect(),
                on_delete,
                on_update,
                validity: Validity::Validated,
                is_full: false,
            },
        });
    }
    Ok(())
}

//! Foreign keys of other tables that refer to these.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::{
    error::has_number,
    facts::action,
    scope::{NameCase, case_of_small_schema, share_a_schema},
};
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

/// A foreign key, as `InnoDB` has it.
#[derive(FromQueryResult)]
struct KeyRow {
    id: String,
    name: String,
    table: String,
    target: String,
    on_delete: String,
    on_update: String,
    lower_case: i64,
}

/// One column of it.
#[derive(FromQueryResult)]
struct KeyColumnRow {
    id: String,
    column: String,
    target_column: String,
}

/// Finds those that refuse a delete or another key. `InnoDB` accepts no `SET NULL` of a column that is NOT NULL, and no `SET DEFAULT`.
/// Does not ask where that opens many other tables.
pub(super) async fn add_referrers(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    tables: &mut [Table],
) -> Result<(), DbErr> {
    let names: Vec<TableName> = tables.iter().map(|table| table.name.clone()).collect();
    if names.is_empty() || !share_a_schema(&names) {
        return Ok(());
    }
    let schema = names[0].schema.clone();
    let of_innodb = if dialect == Dialect::MariaDb { of_innodb(db, schema.as_deref()).await? } else { None };
    let (parts, case) = match of_innodb {
        Some(found) => found,
        None => match case_of_small_schema(db, dialect, &names).await? {
            Some(case) => (of_catalogue(db, schema.as_deref()).await?, case),
            None => return Ok(()),
        },
    };
    let positions: HashMap<String, usize> =
        names.iter().enumerate().map(|(position, table)| (case.key(&table.name), position)).collect();
    for parts in parts.chunk_by(|one, other| (&one.table, &one.name) == (&other.table, &other.name)) {
        let (on_delete, on_update) = (action(&parts[0].on_delete), action(&parts[0].on_update));
        let position = positions.get(&case.key(&parts[0].target));
        let (Some(&position), true) = (position, on_delete.rejects() || on_update.rejects()) else { continue };
        let target = &mut tables[position];
        target.referrers.push(Referrer {
            table: TableName { schema: schema.clone(), name: parts[0].table.clone() },
            not_null_columns: Vec::new(),
            has_default: false,
            key: ForeignKey {
                name: parts[0].name.clone(),
                columns: parts.iter().map(|part| part.column.clone()).collect(),
                target: target.name.clone(),
                is_target_in_other_schema: false,
                target_columns: parts.iter().map(|part| part.target_column.clone()).collect(),
                on_delete,
                on_update,
                validity: Validity::Validated,
                is_match_full: false,
            },
        });
    }
    Ok(())
}

async fn of_catalogue(db: &impl ConnectionTrait, schema: Option<&str>) -> Result<Vec<PartRow>, DbErr> {
    let values = [schema.into(), schema.into()];
    rows(db, Statement::from_sql_and_values(DbBackend::MySql, include_str!("referrers.sql"), values)).await
}

/// What `InnoDB` itself tells, which opens no table; `None` if the role lacks `PROCESS`, and may not ask.
async fn of_innodb(db: &impl ConnectionTrait, schema: Option<&str>) -> Result<Option<(Vec<PartRow>, NameCase)>, DbErr> {
    const ACCESS_DENIED: &str = "1227";
    let ask = Statement::from_sql_and_values(DbBackend::MySql, include_str!("referrers.innodb.sql"), [schema.into()]);
    let keys: Vec<KeyRow> = match rows(db, ask).await {
        Err(error) if has_number(&error, ACCESS_DENIED) => return Ok(None),
        keys => keys?,
    };
    let Some(first) = keys.first() else { return Ok(Some((Vec::new(), NameCase::Kept))) };
    let case = NameCase::of(first.lower_case);
    let ask = Statement::from_string(DbBackend::MySql, include_str!("referrers.innodb_columns.sql"));
    let mut columns_of: HashMap<String, Vec<KeyColumnRow>> = HashMap::new();
    for column in rows::<KeyColumnRow>(db, ask).await? {
        columns_of.entry(column.id.clone()).or_default().push(column);
    }
    let parts = keys.into_iter().flat_map(|key| {
        let columns = columns_of.remove(&key.id).unwrap_or_default();
        columns.into_iter().map(move |KeyColumnRow { column, target_column, .. }| PartRow {
            name: key.name.clone(),
            table: key.table.clone(),
            column,
            target: key.target.clone(),
            target_column,
            on_delete: key.on_delete.clone(),
            on_update: key.on_update.clone(),
        })
    });
    Ok(Some((parts.collect(), case)))
}

//! What partitions have that their table lacks.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::ask as statement;
use crate::{inspect::answer::rows, model::Table};

#[derive(FromQueryResult)]
struct Row {
    /// The number of the partitioned table.
    root: i64,
    what: String,
    is_foreign: bool,
}

/// Asks about the partitioned tables, given by their numbers and positions; one statement, if there are any.
pub(super) async fn ask(
    db: &impl ConnectionTrait,
    partitioned: &BTreeMap<i64, usize>,
    tables: &mut [Table],
) -> Result<(), DbErr> {
    if partitioned.is_empty() {
        return Ok(());
    }
    let numbers: serde_json::Value = partitioned.keys().copied().collect();
    for row in rows::<Row>(db, statement(include_str!("partitions.sql"), numbers.to_string())).await? {
        let table = partitioned.get(&row.root).and_then(|position| tables.get_mut(*position));
        if let Some(table) = table {
            table.has_foreign_partitions |= row.is_foreign;
            table.partition_only_objects.push(row.what);
        }
    }
    Ok(())
}

//! Foreign keys of other tables that refer to this one, and which deletes and updates of its rows they make fail.

use crate::{
    change::Change,
    difference::Unchecked,
    model::{Nullability, Referrer, Schema, Table, TableName, Validity},
    rule::Rule,
};

pub(super) fn referrers(
    table: &Table,
    live: &Table,
    declared: &Schema,
    changes: &mut Vec<Change>,
    unchecked: &mut Vec<Unchecked>,
) {
    if table.relation.is_view() {
        return;
    }
    for referrer in &live.referrers {
        let referencing_table =
            declared.tables.iter().find(|referencing_table| is_referencing_table(referencing_table, referrer, table));
        let columns = referrer.key.columns.join(", ");
        let mut push_unchecked =
            |question| unchecked.push(Unchecked::of_table(Rule::ConstraintUnchecked, &table.name, question));
        if referrer.key.validity == Validity::Broken
            || !referrer.not_null_columns.is_empty()
                && !referencing_table
                    .is_some_and(|referencing_table| declares_same_conflict(referrer, referencing_table))
        {
            changes.push(Change::ReferringKey { referrer: referrer.clone() });
        } else if referrer.has_default {
            push_unchecked(format!(
                "whether {} has the row that the default of {} ({columns}) names: ON DELETE SET DEFAULT refers to it",
                table.name, referrer.table
            ));
        } else if referencing_table.is_none() && (referrer.key.on_delete.rejects() || referrer.key.on_update.rejects())
        {
            let question = format!(
                "whether rows of {} ({columns}) refer to a row of {} that a program deletes or gives another key",
                referrer.table, table.name
            );
            unchecked.push(Unchecked::of_table(Rule::DeleteUnchecked, &table.name, question));
        }
    }
}

/// Whether this declared table has the foreign key. A name without a schema is resolved by the search path; on SQLite a key refers to
/// its own schema.
fn is_referencing_table(referencing_table: &Table, referrer: &Referrer, table: &Table) -> bool {
    let TableName { schema, name } = &referrer.table;
    let is_same_schema = match schema {
        Some(_) => referencing_table.name.schema == *schema,
        None => referencing_table.name.schema.is_none() || referencing_table.name.schema == table.name.schema,
    };
    is_same_schema && referencing_table.name.name == *name
}

/// Whether the entity of the referencing table declares the same key over the same NOT NULL columns, so that it is meant.
fn declares_same_conflict(referrer: &Referrer, referencing_table: &Table) -> bool {
    let is_alike = referencing_table
        .foreign_keys
        .iter()
        .any(|key| key.columns == referrer.key.columns && key.has_same_actions_as(&referrer.key));
    let is_not_null = |name: &String| {
        referencing_table
            .columns
            .iter()
            .any(|column| column.name == *name && column.nullability == Nullability::NotNull)
    };
    is_alike && referrer.not_null_columns.iter().all(is_not_null)
}

//! Foreign keys that refer to a table: what they make fail there.

use crate::{
    change::Change,
    difference::Unchecked,
    model::{Action, Nullability, Referrer, Schema, Table, TableName, Validity},
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
        let owner = declared.tables.iter().find(|owner| is_owner(owner, referrer, table));
        let columns = referrer.key.columns.join(", ");
        let mut ask = |question| unchecked.push(Unchecked::of_table(Rule::ConstraintUnchecked, &table.name, question));
        if referrer.key.validity == Validity::Broken
            || !referrer.refusing.is_empty() && !owner.is_some_and(|owner| is_declared(referrer, owner))
        {
            changes.push(Change::ReferringKey { referrer: referrer.clone() });
        } else if referrer.has_default {
            ask(format!(
                "whether {} has the row that the default of {} ({columns}) names: ON DELETE SET DEFAULT refers to it",
                table.name, referrer.table
            ));
        } else if owner.is_none() && [referrer.key.on_delete, referrer.key.on_update].contains(&Action::Refuse) {
            let question = format!(
                "whether rows of {} ({columns}) refer to a row of {} that a program deletes or gives another key",
                referrer.table, table.name
            );
            unchecked.push(Unchecked::of_table(Rule::DeleteUnchecked, &table.name, question));
        }
    }
}

/// Whether the key is of this declared table. A name without a schema is one that the search path leads to; SQLite's keys
/// refer to tables of their own schema, and do not name it.
fn is_owner(owner: &Table, referrer: &Referrer, table: &Table) -> bool {
    let TableName { schema, name } = &referrer.table;
    let is_same_schema = match schema {
        Some(_) => owner.name.schema == *schema,
        None => owner.name.schema.is_none() || owner.name.schema == table.name.schema,
    };
    is_same_schema && owner.name.name == *name
}

/// Whether the entity of the referring table declares the same contradiction itself.
fn is_declared(referrer: &Referrer, owner: &Table) -> bool {
    let is_alike = owner.foreign_keys.iter().any(|key| {
        (&key.columns, key.on_delete, key.on_update)
            == (&referrer.key.columns, referrer.key.on_delete, referrer.key.on_update)
    });
    let is_not_null = |name: &String| {
        owner.columns.iter().any(|column| column.name == *name && column.nullability == Nullability::NotNull)
    };
    is_alike && referrer.refusing.iter().all(is_not_null)
}

//! Foreign keys, those that refer to a table among them, and whether they refer to a key at all.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::create_table::definitions;
use crate::{
    inspect::facts::action,
    model::{Action, ForeignKey, Index, IndexRestriction, Referrer, Table, TableName, Uniqueness, Validity},
};

/// One column of a foreign key.
#[derive(Deserialize)]
pub(super) struct ForeignKeyFacts {
    id: i64,
    position: i64,
    column: String,
    target_table: String,
    /// NULL for the target's primary key.
    target_column: Option<String>,
    /// The columns of each key of the target; empty if it does not exist.
    target_keys: Vec<Vec<KeyPartFacts>>,
    target_sql: Option<String>,
    on_delete: String,
    on_update: String,
}

/// One column of a key that a foreign key may refer to.
#[derive(Deserialize)]
pub(super) struct KeyPartFacts {
    /// NULL for an expression.
    name: Option<String>,
    /// NULL for the rowid.
    collation: Option<String>,
}

/// One column of a foreign key that refers to the table.
#[derive(Deserialize)]
pub(super) struct ReferrerFacts {
    table: String,
    id: i64,
    position: i64,
    column: String,
    /// NULL for the primary key.
    target_column: Option<String>,
    on_delete: String,
    on_update: String,
    not_null: Option<i64>,
    default_text: Option<String>,
}

pub(super) fn foreign_keys(mut parts: Vec<ForeignKeyFacts>) -> Vec<ForeignKey> {
    parts.sort_by_key(|part| (part.id, part.position));
    let of_one_key = parts.chunk_by(|one, other| one.id == other.id);
    let keys = of_one_key.map(|parts| ForeignKey {
        name: String::new(),
        columns: parts.iter().map(|part| part.column.clone()).collect(),
        target: TableName::unqualified(&parts[0].target_table),
        is_target_elsewhere: false,
        target_columns: parts.iter().filter_map(|part| part.target_column.clone()).collect(),
        on_delete: action(&parts[0].on_delete),
        on_update: action(&parts[0].on_update),
        validity: if has_such_a_key(parts) { Validity::Validated } else { Validity::Broken },
        is_full: false,
    });
    keys.collect()
}

/// The foreign keys that refer to `table`.
pub(super) fn referrers(mut parts: Vec<ReferrerFacts>, table: &Table) -> Vec<Referrer> {
    parts.sort_by(|one, other| (&one.table, one.id, one.position).cmp(&(&other.table, other.id, other.position)));
    let of_one_key = parts.chunk_by(|one, other| (&one.table, one.id) == (&other.table, other.id));
    let keys = of_one_key.map(|parts| {
        let (on_delete, on_update) = (action(&parts[0].on_delete), action(&parts[0].on_update));
        let does = |wanted| on_delete == wanted || on_update == wanted;
        let refuses = |part: &&ReferrerFacts| {
            let has_default = part.default_text.as_ref().is_some_and(|text| !text.eq_ignore_ascii_case("NULL"));
            part.not_null == Some(1) && (does(Action::SetNull) || does(Action::SetDefault) && !has_default)
        };
        let named: Vec<String> = parts.iter().filter_map(|part| part.target_column.clone()).collect();
        let target_columns = if named.is_empty() { table.primary_key.clone() } else { named };
        let validity = if is_key(&target_columns, parts.len(), table) { Validity::Validated } else { Validity::Broken };
        Referrer {
            table: TableName::unqualified(&parts[0].table),
            not_null_columns: parts.iter().filter(refuses).map(|part| part.column.clone()).collect(),
            has_default: does(Action::SetDefault) && parts.iter().any(|part| part.default_text.is_some()),
            key: ForeignKey {
                name: String::new(),
                columns: parts.iter().map(|part| part.column.clone()).collect(),
                target: table.name.clone(),
                is_target_elsewhere: false,
                target_columns,
                on_delete,
                on_update,
                validity,
                is_full: false,
            },
        }
    });
    keys.collect()
}

/// Whether a foreign key of so many columns may refer to these columns of the table.
fn is_key(columns: &[String], width: usize, table: &Table) -> bool {
    let is_over = |key: &[String]| {
        key.len() == columns.len()
            && columns.iter().all(|column| key.iter().any(|name| name.eq_ignore_ascii_case(column)))
    };
    let serves = |index: &Index| {
        let decides_less = |limit: &IndexRestriction| limit.hides_duplicates();
        index.uniqueness == Uniqueness::Unique && index.restrictions.iter().all(decides_less) && is_over(&index.columns)
    };
    columns.len() == width && (is_over(&table.primary_key) || table.indexes.iter().any(serves))
}

/// Whether the target has the key that these parts refer to, without which every write that sets the columns fails.
/// Source: <https://www.sqlite.org/foreignkeys.html#fk_indexes>.
fn has_such_a_key(parts: &[ForeignKeyFacts]) -> bool {
    let names: Vec<String> = parts[0]
        .target_keys
        .iter()
        .flatten()
        .filter_map(|part| part.name.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let definitions = parts[0].target_sql.as_ref().map(|sql| definitions(sql, &names)).unwrap_or_default();
    let compares_alike = |part: &KeyPartFacts| {
        let own = definitions.collations.iter().find(|(column, _)| Some(column) == part.name.as_ref());
        let own = own.map_or("BINARY", |(_, collation)| collation);
        part.collation.as_ref().is_none_or(|collation| collation.eq_ignore_ascii_case(own))
    };
    parts[0].target_keys.iter().any(|key| {
        let is_in = |column: &Option<String>| {
            // NULL for the primary key, which comes first.
            column.as_ref().is_none_or(|wanted| {
                key.iter().any(|part| {
                    part.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(wanted)) && compares_alike(part)
                })
            })
        };
        key.len() == parts.len() && parts.iter().all(|part| is_in(&part.target_column))
    })
}

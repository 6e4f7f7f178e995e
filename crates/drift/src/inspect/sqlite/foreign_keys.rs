//! Reads the foreign keys of a table and those that refer to it, and sees whether each of them refers to a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use serde::Deserialize;

use super::create_table::definitions;
use crate::{
    inspect::{
        answer::{as_json, parsed, rows},
        facts::action,
    },
    model::{Action, ForeignKey, Index, Referrer, Table, TableName, Uniqueness, Validity},
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
    /// Empty if the target does not exist.
    target_keys: Vec<KeyFacts>,
    on_delete: String,
    on_update: String,
}

/// A key that a foreign key may refer to.
#[derive(Deserialize)]
struct KeyFacts {
    is_primary: i64,
    columns: Vec<KeyColumnFacts>,
}

/// One column of it.
#[derive(Deserialize)]
struct KeyColumnFacts {
    /// NULL for an expression.
    name: Option<String>,
    /// NULL in a primary key, which compares as the column does.
    collation: Option<String>,
}

/// One column of a foreign key that refers to the table.
#[derive(Deserialize)]
struct ReferrerFacts {
    /// The position of the table that it refers to, among those asked for.
    target_ordinal: usize,
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

/// A table that a foreign key refers to, with a collation in its statement.
#[derive(Deserialize)]
struct ReferencedTableFacts {
    name: String,
    sql: String,
}

#[derive(FromQueryResult)]
struct RelatedTablesRow {
    schema_version: i64,
    referrers: String,
    collated: String,
}

/// What foreign keys need to know of other tables than the one that is read.
#[derive(Default)]
pub(super) struct RelatedTables {
    /// Another one after each change of the schema: `PRAGMA schema_version`.
    pub(super) schema_version: i64,
    referrers: Vec<ReferrerFacts>,
    /// The statements of those with a collation that foreign keys refer to, by name in lower case.
    collated: HashMap<String, String>,
}

pub(super) async fn ask(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<RelatedTables, DbErr> {
    let ask =
        Statement::from_sql_and_values(DbBackend::Sqlite, include_str!("related_tables.sql"), [as_json(wanted).into()]);
    let Some(RelatedTablesRow { schema_version, referrers, collated }) = rows::<RelatedTablesRow>(db, ask).await?.pop()
    else {
        return Ok(RelatedTables::default());
    };
    let collated: Vec<ReferencedTableFacts> = parsed(&collated)?;
    Ok(RelatedTables {
        schema_version,
        referrers: parsed(&referrers)?,
        collated: collated.into_iter().map(|table| (table.name.to_ascii_lowercase(), table.sql)).collect(),
    })
}

impl RelatedTables {
    /// Adds the foreign keys that refer to the tables. `wanted` are those asked for.
    pub(super) fn add_referrers(self, wanted: &[TableName], tables: &mut [Table]) {
        let mut of_table: BTreeMap<&TableName, Vec<ReferrerFacts>> = BTreeMap::new();
        for facts in self.referrers {
            if let Some(name) = wanted.get(facts.target_ordinal) {
                of_table.entry(name).or_default().push(facts);
            }
        }
        for table in tables {
            if let Some(parts) = of_table.remove(&table.name) {
                table.referrers = referrers(parts, table);
            }
        }
    }
}

pub(super) fn foreign_keys(mut parts: Vec<ForeignKeyFacts>, related: &RelatedTables) -> Vec<ForeignKey> {
    parts.sort_by_key(|part| (part.id, part.position));
    let by_key = parts.chunk_by(|one, other| one.id == other.id);
    let keys = by_key.map(|parts| ForeignKey {
        name: String::new(),
        columns: parts.iter().map(|part| part.column.clone()).collect(),
        target: TableName::unqualified(&parts[0].target_table),
        is_target_in_other_schema: false,
        target_columns: parts.iter().filter_map(|part| part.target_column.clone()).collect(),
        on_delete: action(&parts[0].on_delete),
        on_update: action(&parts[0].on_update),
        validity: if target_has_key(parts, related) { Validity::Validated } else { Validity::Broken },
        is_match_full: false,
    });
    keys.collect()
}

/// The foreign keys that refer to `table`.
fn referrers(mut parts: Vec<ReferrerFacts>, table: &Table) -> Vec<Referrer> {
    parts.sort_by(|one, other| (&one.table, one.id, one.position).cmp(&(&other.table, other.id, other.position)));
    let by_key = parts.chunk_by(|one, other| (&one.table, one.id) == (&other.table, other.id));
    let keys = by_key.map(|parts| {
        let (on_delete, on_update) = (action(&parts[0].on_delete), action(&parts[0].on_update));
        let has_action = |action| on_delete == action || on_update == action;
        let rejects_null = |part: &&ReferrerFacts| {
            let has_non_null_default =
                part.default_text.as_ref().is_some_and(|text| !text.eq_ignore_ascii_case("NULL"));
            part.not_null == Some(1)
                && (has_action(Action::SetNull) || has_action(Action::SetDefault) && !has_non_null_default)
        };
        let named: Vec<String> = parts.iter().filter_map(|part| part.target_column.clone()).collect();
        let target_columns = if named.is_empty() { table.primary_key.clone() } else { named };
        let validity =
            if can_be_referenced(&target_columns, parts.len(), table) { Validity::Validated } else { Validity::Broken };
        Referrer {
            table: TableName::unqualified(&parts[0].table),
            not_null_columns: parts.iter().filter(rejects_null).map(|part| part.column.clone()).collect(),
            has_default: has_action(Action::SetDefault) && parts.iter().any(|part| part.default_text.is_some()),
            key: ForeignKey {
                name: String::new(),
                columns: parts.iter().map(|part| part.column.clone()).collect(),
                target: table.name.clone(),
                is_target_in_other_schema: false,
                target_columns,
                on_delete,
                on_update,
                validity,
                is_match_full: false,
            },
        }
    });
    keys.collect()
}

/// Whether a foreign key of `count` columns may refer to these columns of the table.
fn can_be_referenced(columns: &[String], count: usize, table: &Table) -> bool {
    let has_same_columns = |key: &[String]| {
        key.len() == columns.len()
            && columns.iter().all(|column| key.iter().any(|name| name.eq_ignore_ascii_case(column)))
    };
    let is_usable = |index: &Index| {
        index.uniqueness == Uniqueness::Unique
            && index.restrictions.iter().all(|restriction| restriction.hides_duplicates())
            && has_same_columns(&index.columns)
    };
    columns.len() == count && (has_same_columns(&table.primary_key) || table.indexes.iter().any(is_usable))
}

/// Whether the target has the key that these parts refer to, without which every write that sets the columns fails.
/// Source: <https://www.sqlite.org/foreignkeys.html#fk_indexes>.
fn target_has_key(parts: &[ForeignKeyFacts], related: &RelatedTables) -> bool {
    let names: Vec<String> = parts[0]
        .target_keys
        .iter()
        .flat_map(|key| &key.columns)
        .filter_map(|part| part.name.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let sql = related.collated.get(&parts[0].target_table.to_ascii_lowercase());
    let definitions = sql.map(|sql| definitions(sql, &names)).unwrap_or_default();
    let compares_alike = |part: &KeyColumnFacts| {
        let own = definitions.collations.iter().find(|(column, _)| Some(column) == part.name.as_ref());
        let own = own.map_or("BINARY", |(_, collation)| collation);
        part.collation.as_ref().is_none_or(|collation| collation.eq_ignore_ascii_case(own))
    };
    // A foreign key that names no columns refers to the primary key.
    let is_referenced_by = |key: &KeyFacts, part: &ForeignKeyFacts| match &part.target_column {
        Some(column) => key
            .columns
            .iter()
            .any(|own| own.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(column)) && compares_alike(own)),
        None => key.is_primary == 1,
    };
    parts[0]
        .target_keys
        .iter()
        .any(|key| key.columns.len() == parts.len() && parts.iter().all(|part| is_referenced_by(key, part)))
}

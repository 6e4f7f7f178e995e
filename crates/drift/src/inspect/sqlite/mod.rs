//! SQLite's catalogue: one statement.

mod create_table;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use serde::Deserialize;

use self::create_table::{definitions, trigger_event, where_of};
use super::{Found, action, as_json, parsed, partial, restrictions, rows, uniqueness};
use crate::{
    model::{
        CharsetCoverage, Collation, Column, Dialect, Equality, ForeignKey, Generation, Index, IndexRestriction,
        Nullability, RelationKind, Table, TableName, Validity, Writability,
    },
    normalise,
};

#[derive(FromQueryResult)]
struct Row {
    ordinal: i64,
    relation: String,
}

#[derive(Deserialize)]
struct RelationFacts {
    /// `table`, `view`, `virtual` or `shadow`.
    kind: String,
    without_rowid: i64,
    sql: Option<String>,
    columns: Vec<ColumnFacts>,
    indexes: Vec<IndexFacts>,
    foreign_keys: Vec<ForeignKeyFacts>,
    triggers: Vec<String>,
    /// Their statements.
    trigger_texts: Vec<String>,
}

#[derive(Deserialize)]
struct ColumnFacts {
    name: String,
    type_text: String,
    not_null: i64,
    default_text: Option<String>,
    /// From 1; 0 for a column outside the primary key.
    key_position: i64,
    /// 2 and 3 for a generated column.
    hidden: i64,
}

#[derive(Deserialize)]
struct IndexFacts {
    name: String,
    /// `pk` for the primary key's.
    origin: String,
    is_unique: i64,
    is_partial: i64,
    /// Of a partial index.
    sql: Option<String>,
    parts: Vec<IndexPartFacts>,
}

#[derive(Deserialize)]
struct IndexPartFacts {
    position: i64,
    is_expression: i64,
    column: Option<String>,
    collation: String,
}

/// One column of a foreign key.
#[derive(Deserialize)]
struct ForeignKeyFacts {
    id: i64,
    position: i64,
    column: String,
    target_table: String,
    /// NULL for the target's primary key.
    target_column: Option<String>,
    on_delete: String,
    on_update: String,
}

pub(super) async fn tables(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Found, DbErr> {
    let ask = Statement::from_sql_and_values(DbBackend::Sqlite, include_str!("tables.sql"), [as_json(wanted).into()]);
    let mut tables = Vec::new();
    for row in rows::<Row>(db, ask).await? {
        if let Some(name) = usize::try_from(row.ordinal).ok().and_then(|ordinal| wanted.get(ordinal)) {
            tables.push(table(name.clone(), parsed(&row.relation)?));
        }
    }
    Ok(Found { tables, ..Found::default() })
}

fn table(name: TableName, facts: RelationFacts) -> Table {
    let names: Vec<String> = facts.columns.iter().map(|column| column.name.clone()).collect();
    let definitions = facts.sql.as_ref().map(|sql| definitions(sql, &names)).unwrap_or_default();
    let collation_of = |column: &str| {
        let found = definitions.collations.iter().find(|(name, _)| name == column);
        found.map_or("BINARY", |(_, collation)| collation.as_str())
    };

    let mut key: Vec<(i64, String)> = facts.columns.iter().map(|row| (row.key_position, row.name.clone())).collect();
    key.retain(|(position, _)| *position > 0);
    key.sort();
    let rowid = RowidKey {
        has_one_column: key.len() == 1,
        has_index: facts.indexes.iter().any(|index| index.origin == "pk"),
        without_rowid: facts.without_rowid == 1,
    };
    let of_indexes = facts.indexes.into_iter().filter(|index| index.origin != "pk");
    Table {
        relation: match facts.kind.as_str() {
            "view" => RelationKind::View(writability(&facts.trigger_texts)),
            "virtual" => RelationKind::Virtual,
            _ => RelationKind::Table,
        },
        indexes: of_indexes.map(|facts| index(facts, collation_of)).collect(),
        primary_key: key.into_iter().map(|(_, name)| name).collect(),
        foreign_keys: foreign_keys(facts.foreign_keys),
        triggers: facts.triggers.into_iter().map(|name| format!("trigger {name}")).collect(),
        columns: facts.columns.into_iter().map(|facts| column(facts, &rowid, collation_of)).collect(),
        checks: definitions.checks.clone(),
        ..Table::new(name)
    }
}

/// Of a view, which is written only through triggers, and never by an upsert: <https://www.sqlite.org/lang_createtrigger.html>.
fn writability(triggers: &[String]) -> Writability {
    let reacts_to =
        |event: &str| triggers.iter().any(|sql| trigger_event(sql).is_some_and(|words| words.starts_with(event)));
    let is_of_some_columns = |sql: &String| trigger_event(sql).is_some_and(|words| words == "UPDATE OF");
    let updates_all = reacts_to("UPDATE") && !triggers.iter().any(is_of_some_columns);
    match (reacts_to("INSERT"), updates_all) {
        (true, true) => Writability::WithoutUpserts,
        (false, false) if triggers.is_empty() => Writability::ReadOnly,
        _ => Writability::Partly,
    }
}

/// Whether a key is an alias of the rowid. <https://www.sqlite.org/lang_createtable.html#rowid>: only with the exact type
/// `INTEGER`, and not with DESC; any other key has an index.
struct RowidKey {
    has_one_column: bool,
    has_index: bool,
    without_rowid: bool,
}

fn column<'a>(facts: ColumnFacts, key: &RowidKey, collation_of: impl Fn(&str) -> &'a str) -> Column {
    let is_rowid = key.has_one_column
        && facts.key_position == 1
        && facts.type_text.eq_ignore_ascii_case("integer")
        && !key.without_rowid
        && !key.has_index;
    let is_computed = [2, 3].contains(&facts.hidden);
    let not_null = facts.not_null == 1 || is_rowid || (facts.key_position > 0 && key.without_rowid);
    let collation = collation_of(&facts.name);
    Column {
        nullability: if not_null { Nullability::NotNull } else { Nullability::Nullable },
        default: facts.default_text.and_then(|text| normalise::default_value(&text, Dialect::Sqlite)),
        generation: if is_computed {
            Generation::Computed
        } else if is_rowid {
            Generation::AutoIncrement
        } else {
            Generation::Supplied
        },
        // <https://www.sqlite.org/datatype3.html#collation>: all other collations take more values for equal.
        collation: (!collation.eq_ignore_ascii_case("BINARY")).then(|| Collation {
            name: collation.to_owned(),
            equality: Equality::Looser,
            coverage: CharsetCoverage::Unicode,
        }),
        ..Column::plain(facts.name, normalise::column_type(&facts.type_text, Dialect::Sqlite))
    }
}

fn index<'a>(facts: IndexFacts, collation_of: impl Fn(&str) -> &'a str) -> Index {
    let mut parts = facts.parts;
    parts.sort_by_key(|part| part.position);
    let compares_otherwise = |part: &IndexPartFacts| {
        part.column.as_ref().is_some_and(|column| !part.collation.eq_ignore_ascii_case(collation_of(column)))
    };
    let others = restrictions([
        (parts.iter().any(|part| part.is_expression == 1), IndexRestriction::Expression),
        (parts.iter().any(compares_otherwise), IndexRestriction::Collation),
    ]);
    let uniqueness = uniqueness(facts.is_unique == 1);
    let columns: Vec<String> =
        parts.into_iter().map(|part| part.column.unwrap_or_else(|| "(expression)".to_owned())).collect();
    let condition = facts.sql.as_deref().and_then(where_of);
    let partial = (facts.is_partial == 1).then(|| match condition {
        Some(condition) => partial(condition, &columns, uniqueness, Dialect::Sqlite),
        None => IndexRestriction::Partial,
    });
    Index { restrictions: partial.into_iter().chain(others).collect(), columns, name: facts.name, uniqueness }
}

fn foreign_keys(mut parts: Vec<ForeignKeyFacts>) -> Vec<ForeignKey> {
    parts.sort_by_key(|part| (part.id, part.position));
    let of_one_key = parts.chunk_by(|one, other| one.id == other.id);
    let keys = of_one_key.map(|parts| ForeignKey {
        name: String::new(),
        columns: parts.iter().map(|part| part.column.clone()).collect(),
        target: TableName::unqualified(&parts[0].target_table),
        target_columns: parts.iter().filter_map(|part| part.target_column.clone()).collect(),
        on_delete: action(&parts[0].on_delete),
        on_update: action(&parts[0].on_update),
        validity: Validity::Validated,
    });
    keys.collect()
}

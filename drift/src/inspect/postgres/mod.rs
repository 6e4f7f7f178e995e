//! PostgreSQL's catalogue: two round trips.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::{IndexPart, add_indexes, as_json, limits, rows, uniqueness};
use crate::{
    model::{Column, Dialect, Generation, Limit, Nullability, Table, TableName},
    normalise,
};

#[derive(FromQueryResult)]
struct ColumnRow {
    ordinal: i32,
    /// NULL for a relation without columns.
    name: Option<String>,
    type_text: Option<String>,
    /// A JSON array; NULL for what is no enum.
    enum_labels: Option<String>,
    not_null: Option<bool>,
    default_text: Option<String>,
    identity_kind: Option<String>,
    is_computed: Option<bool>,
}

#[derive(FromQueryResult)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
struct IndexRow {
    ordinal: i32,
    index_name: String,
    is_primary: bool,
    is_unique: bool,
    is_partial: bool,
    is_deferrable: bool,
    is_invalid: bool,
    is_nulls_not_distinct: bool,
    is_exclusion: bool,
    is_other_method: bool,
    is_expression: bool,
    column_name: String,
}

pub(super) async fn tables(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Vec<Table>, DbErr> {
    let ask = |sql: &str| Statement::from_sql_and_values(DbBackend::Postgres, sql, [as_json(wanted).into()]);

    let mut tables: Vec<Option<Table>> = vec![None; wanted.len()];
    for row in rows::<ColumnRow>(db, ask(include_str!("columns.sql"))).await? {
        let ordinal = position(row.ordinal);
        let Some(name) = wanted.get(ordinal) else { continue };
        let table = tables[ordinal].get_or_insert_with(|| Table {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            primary_key_limits: Vec::new(),
            indexes: Vec::new(),
        });
        table.columns.extend(column(row));
    }

    let mut parts = Vec::new();
    for row in rows::<IndexRow>(db, ask(include_str!("indexes.sql"))).await? {
        let ordinal = position(row.ordinal);
        let limits = limits([
            (row.is_partial, Limit::Partial),
            (row.is_expression, Limit::Expression),
            (row.is_deferrable, Limit::Deferrable),
            (row.is_invalid, Limit::Invalid),
            (row.is_nulls_not_distinct, Limit::NullsNotDistinct),
            (row.is_exclusion, Limit::Exclusion),
            (row.is_other_method, Limit::Method),
        ]);
        if row.is_primary {
            if let Some(table) = tables.get_mut(ordinal).and_then(Option::as_mut) {
                table.primary_key.push(row.column_name);
                table.primary_key_limits = limits;
            }
            continue;
        }
        parts.push(IndexPart {
            ordinal,
            index: row.index_name,
            uniqueness: uniqueness(row.is_unique),
            column: row.column_name,
            limits,
        });
    }
    add_indexes(&mut tables, parts);
    Ok(tables.into_iter().flatten().collect())
}

fn position(ordinal: i32) -> usize {
    usize::try_from(ordinal).unwrap_or(usize::MAX)
}

fn column(row: ColumnRow) -> Option<Column> {
    let default = row.default_text.unwrap_or_default();
    let computed = row.is_computed.unwrap_or_default();
    let generation = match row.identity_kind.as_deref() {
        Some("a") => Generation::AlwaysIdentity,
        Some("d") => Generation::AutoIncrement,
        _ if computed => Generation::Computed,
        _ if default.starts_with("nextval(") => Generation::AutoIncrement,
        _ => Generation::Given,
    };
    let ty = normalise::column_type(&row.type_text?, Dialect::Postgres);
    let labels = row
        .enum_labels
        .map(|labels| serde_json::from_str::<Vec<String>>(&labels).expect("`json_agg` of labels is an array of texts"));
    Some(Column {
        name: row.name?,
        ty: match labels {
            Some(labels) => ty.with_labels(&labels),
            None => ty,
        },
        nullability: if row.not_null? { Nullability::NotNull } else { Nullability::Nullable },
        default: if generation == Generation::Given && !default.is_empty() {
            normalise::default_value(&default, Dialect::Postgres)
        } else {
            None
        },
        generation,
    })
}

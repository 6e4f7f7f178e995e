//! SQLite's catalogue: two statements.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::{IndexPart, add_indexes, as_json, limits, rows, uniqueness};
use crate::{
    model::{Column, Dialect, Generation, Limit, Nullability, Table, TableName},
    normalise,
};

#[derive(FromQueryResult)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
struct ColumnRow {
    ordinal: i64,
    name: String,
    type_text: String,
    not_null: bool,
    default_text: Option<String>,
    /// From 1; 0 for a column outside the primary key.
    key_position: i64,
    is_computed: bool,
    without_rowid: bool,
    has_key_index: bool,
}

#[derive(FromQueryResult)]
struct IndexRow {
    ordinal: i64,
    index_name: String,
    is_unique: bool,
    is_partial: bool,
    is_expression: bool,
    column_name: Option<String>,
}

pub(super) async fn tables(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Vec<Table>, DbErr> {
    let ask = |sql: &str| Statement::from_sql_and_values(DbBackend::Sqlite, sql, [as_json(wanted).into()]);

    let mut found: Vec<Vec<ColumnRow>> = wanted.iter().map(|_| Vec::new()).collect();
    for row in rows::<ColumnRow>(db, ask(include_str!("columns.sql"))).await? {
        if let Some(table) = found.get_mut(position(row.ordinal)) {
            table.push(row);
        }
    }
    let tables = wanted.iter().zip(found).map(|(name, rows)| (!rows.is_empty()).then(|| table(name, rows)));
    let mut tables: Vec<Option<Table>> = tables.collect();

    let parts = rows::<IndexRow>(db, ask(include_str!("indexes.sql"))).await?;
    add_indexes(&mut tables, parts.into_iter().map(part));
    Ok(tables.into_iter().flatten().collect())
}

fn position(ordinal: i64) -> usize {
    usize::try_from(ordinal).unwrap_or(usize::MAX)
}

fn part(row: IndexRow) -> IndexPart {
    IndexPart {
        ordinal: position(row.ordinal),
        index: row.index_name,
        uniqueness: uniqueness(row.is_unique),
        column: row.column_name.unwrap_or_else(|| "(expression)".to_owned()),
        limits: limits([(row.is_partial, Limit::Partial), (row.is_expression, Limit::Expression)]),
    }
}

fn table(name: &TableName, rows: Vec<ColumnRow>) -> Table {
    let mut key: Vec<(i64, String)> =
        rows.iter().filter(|row| row.key_position > 0).map(|row| (row.key_position, row.name.clone())).collect();
    key.sort();
    let single = key.len() == 1;
    Table {
        name: name.clone(),
        columns: rows.into_iter().map(|row| column(row, single)).collect(),
        primary_key: key.into_iter().map(|(_, name)| name).collect(),
        primary_key_limits: Vec::new(),
        indexes: Vec::new(),
    }
}

fn column(row: ColumnRow, single_key: bool) -> Column {
    // <https://www.sqlite.org/lang_createtable.html#rowid>: only the exact word makes an alias of the rowid, and not
    // with DESC behind it; a key that is none has an index.
    let rowid = single_key
        && row.key_position == 1
        && row.type_text.eq_ignore_ascii_case("integer")
        && !row.without_rowid
        && !row.has_key_index;
    let generation = if row.is_computed {
        Generation::Computed
    } else if rowid {
        Generation::AutoIncrement
    } else {
        Generation::Given
    };
    let not_null = row.not_null || rowid || (row.key_position > 0 && row.without_rowid);
    Column {
        name: row.name,
        ty: normalise::column_type(&row.type_text, Dialect::Sqlite),
        nullability: if not_null { Nullability::NotNull } else { Nullability::Nullable },
        default: row.default_text.and_then(|text| normalise::default_value(&text, Dialect::Sqlite)),
        generation,
    }
}

//! The catalogue of MySQL and MariaDB: three round trips.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use super::{IndexPart, add_indexes, limits, rows, uniqueness};
use crate::{
    model::{Column, DefaultValue, Dialect, Generation, Limit, Nullability, Table, TableName},
    normalise,
};

#[derive(FromQueryResult)]
struct VersionRow {
    version: String,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    ordinal: i64,
    name: String,
    type_text: String,
    not_null: bool,
    default_text: Option<String>,
    extra: String,
}

#[derive(FromQueryResult)]
struct IndexRow {
    ordinal: i64,
    index_name: String,
    is_unique: bool,
    is_prefix: bool,
    is_other_method: bool,
    /// NULL for a MySQL 8 index over an expression.
    column_name: Option<String>,
}

pub(super) async fn dialect(db: &impl ConnectionTrait) -> Result<Dialect, DbErr> {
    let ask = Statement::from_string(DbBackend::MySql, "SELECT VERSION() AS version");
    let versions = rows::<VersionRow>(db, ask).await?;
    let mariadb = versions.iter().any(|row| row.version.contains("MariaDB"));
    Ok(if mariadb { Dialect::MariaDb } else { Dialect::MySql })
}

pub(super) async fn tables(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    wanted: &[TableName],
) -> Result<Vec<Table>, DbErr> {
    let mut tables: Vec<Option<Table>> = vec![None; wanted.len()];
    for row in rows::<ColumnRow>(db, ask(include_str!("columns.sql"), "ordinal, column_position", wanted)).await? {
        let ordinal = position(row.ordinal);
        let Some(name) = wanted.get(ordinal) else { continue };
        let table = tables[ordinal].get_or_insert_with(|| Table {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            primary_key_limits: Vec::new(),
            indexes: Vec::new(),
        });
        table.columns.push(column(row, dialect));
    }

    let mut parts = Vec::new();
    for row in
        rows::<IndexRow>(db, ask(include_str!("indexes.sql"), "ordinal, index_name, column_position", wanted)).await?
    {
        let ordinal = position(row.ordinal);
        let is_expression = row.column_name.is_none();
        let column = row.column_name.unwrap_or_else(|| "(expression)".to_owned());
        if row.index_name == "PRIMARY" {
            if let Some(table) = tables.get_mut(ordinal).and_then(Option::as_mut) {
                table.primary_key.push(column);
            }
            continue;
        }
        parts.push(IndexPart {
            ordinal,
            index: row.index_name,
            uniqueness: uniqueness(row.is_unique),
            column,
            limits: limits([
                (row.is_prefix, Limit::Prefix),
                (is_expression, Limit::Expression),
                (row.is_other_method, Limit::Method),
            ]),
        });
    }
    add_indexes(&mut tables, parts);
    Ok(tables.into_iter().flatten().collect())
}

/// One statement that asks for all tables.
fn ask(for_one_table: &str, order: &str, wanted: &[TableName]) -> Statement {
    let each = vec![for_one_table; wanted.len()].join("UNION ALL\n");
    let values = wanted.iter().enumerate().flat_map(|(ordinal, table)| {
        [
            Value::from(i64::try_from(ordinal).unwrap_or(i64::MAX)),
            table.schema.clone().into(),
            table.name.clone().into(),
        ]
    });
    let sql = format!("{each}ORDER BY {order}");
    Statement::from_sql_and_values(DbBackend::MySql, sql, values.collect::<Vec<_>>())
}

fn position(ordinal: i64) -> usize {
    usize::try_from(ordinal).unwrap_or(usize::MAX)
}

fn column(row: ColumnRow, dialect: Dialect) -> Column {
    let extra = row.extra.to_lowercase();
    let generation = if extra.contains("auto_increment") {
        Generation::AutoIncrement
    } else if extra.contains("virtual") || extra.contains("stored") || extra.contains("persistent") {
        Generation::Computed
    } else if extra.contains("on update") {
        Generation::Touched
    } else {
        Generation::Given
    };
    // MariaDB prints defaults as SQL; MySQL prints bare constants, and says in `extra` where one is an expression.
    let bare = dialect == Dialect::MySql && !extra.contains("default_generated");
    Column {
        name: row.name,
        ty: normalise::column_type(&row.type_text, dialect),
        nullability: if row.not_null { Nullability::NotNull } else { Nullability::Nullable },
        default: row.default_text.and_then(|text| {
            if bare { Some(DefaultValue::Literal(text)) } else { normalise::default_value(&text, dialect) }
        }),
        generation,
    }
}

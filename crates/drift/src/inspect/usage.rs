//! How fast the values of a key are used, for keys of which more than half are. Two look-ups by the key's own index for each:
//! its first and its last row, and when they were created.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use super::answer::rows;
use crate::model::{
    Column, CounterKind, Dialect, LogicalType, NextValue, Privilege, RelationKind, Sequence, Table, TableName,
};

/// What programs call the column that has the time of an insert.
const TIMES: [&str; 8] = [
    "created_at",
    "createdat",
    "created",
    "created_on",
    "inserted_at",
    "date_created",
    "creation_date",
    "created_date",
];

/// A SQLite compound `SELECT` has at most 500 parts, and PostgreSQL's lock table is small.
const KEYS_PER_STATEMENT: usize = 100;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

#[derive(FromQueryResult)]
struct Row {
    number: i64,
    /// Whether a row has the largest value.
    is_full: i64,
    first_key: Option<f64>,
    last_key: Option<f64>,
    first_at: Option<f64>,
    last_at: Option<f64>,
}

struct Asked {
    table: usize,
    column: usize,
    sql: String,
}

pub(super) async fn ask(db: &impl ConnectionTrait, dialect: Dialect, tables: &mut [Table]) -> Result<(), DbErr> {
    let mut asked: Vec<Asked> = Vec::new();
    for (position, table) in tables.iter().enumerate() {
        for (place, column) in table.columns.iter().enumerate() {
            let sequence =
                column.sequence.as_ref().filter(|sequence| is_worth_asking(sequence, column, table, dialect));
            asked.extend(sequence.map(|sequence| Asked {
                table: position,
                column: place,
                sql: sql(sequence, column, table, dialect),
            }));
        }
    }
    for asked in asked.chunks(KEYS_PER_STATEMENT) {
        let selects: Vec<String> =
            asked.iter().enumerate().map(|(number, key)| key.sql.replace("{number}", &number.to_string())).collect();
        let statement = Statement::from_string(dialect.backend(), selects.join("\nUNION ALL\n"));
        for row in rows::<Row>(db, statement).await? {
            let Some(key) = usize::try_from(row.number).ok().and_then(|number| asked.get(number)) else { continue };
            if let Some(sequence) = tables[key.table].columns[key.column].sequence.as_mut() {
                // InnoDB's counter stops at the largest value, whether or not a row has it.
                if row.is_full != 0 {
                    sequence.next = Some(sequence.last + 1);
                }
                sequence.per_day = row.per_day();
            }
        }
    }
    Ok(())
}

impl Row {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what it holds")]
    fn per_day(&self) -> Option<u32> {
        let keys = (self.last_key? - self.first_key?).abs();
        let days = (self.last_at? - self.first_at?).abs() / DAY;
        (days >= 1.0).then(|| (keys / days).clamp(0.0, f64::from(u32::MAX)) as u32)
    }
}

/// Whether more than half of its values are used, and the table can be looked at by an index of the key.
fn is_worth_asking(sequence: &Sequence, column: &Column, table: &Table, dialect: Dialect) -> bool {
    let may_read = !column.denied.contains(&Privilege::Select);
    let has_index = table.primary_key.first() == Some(&column.name)
        || table
            .indexes
            .iter()
            .any(|index| index.restrictions.is_empty() && index.columns.first() == Some(&column.name));
    // On PostgreSQL, a table that was not asked before is locked, empty, or shows only some rows.
    let was_asked = dialect != Dialect::Postgres || sequence.state == NextValue::Free;
    let is_table = matches!(
        table.relation,
        RelationKind::Table | RelationKind::Partitioned | RelationKind::Unlogged | RelationKind::WithoutTransactions(_)
    );
    let is_half_used = sequence.next.is_some_and(|next| {
        let end = if let LogicalType::Integer { bits, .. } = column.ty.kind {
            sequence.last.min((1_i128 << bits) - 1)
        } else {
            sequence.last
        };
        // A field of the entity may hold less: SQLite has one size only.
        let end = if matches!(sequence.kind, CounterKind::Rowid { .. }) { end.min(i128::from(i32::MAX)) } else { end };
        next - sequence.first >= end - next
    });
    sequence.increment > 0 && may_read && has_index && was_asked && is_table && is_half_used
}

fn sql(sequence: &Sequence, column: &Column, table: &Table, dialect: Dialect) -> String {
    let only = if dialect == Dialect::Postgres && table.relation != RelationKind::Partitioned { "ONLY " } else { "" };
    let (key, from) = (quoted(&column.name, dialect), quoted_table(&table.name, dialect));
    let number = |expression: &str| match dialect {
        Dialect::Postgres => format!("({expression})::float8"),
        Dialect::MySql | Dialect::MariaDb => format!("({expression}) + 0e0"),
        Dialect::Sqlite => format!("CAST({expression} AS REAL)"),
    };
    let is_time = |column: &&Column| {
        TIMES.contains(&column.name.to_lowercase().as_str())
            && matches!(column.ty.kind, LogicalType::Timestamp { .. } | LogicalType::Date)
            && !column.denied.contains(&Privilege::Select)
    };
    let at = table.columns.iter().find(is_time).map(|at| {
        let at = quoted(&at.name, dialect);
        match dialect {
            Dialect::Postgres => format!("extract(epoch FROM {at})"),
            Dialect::MySql | Dialect::MariaDb => format!("UNIX_TIMESTAMP({at})"),
            Dialect::Sqlite => format!("strftime('%s', {at})"),
        }
    });
    let of_row = |expression: &str, order: &str| {
        number(&format!("(SELECT {expression} FROM {only}{from} ORDER BY {key}{order} LIMIT 1)"))
    };
    let none = number("NULL");
    let of_time = |order: &str| at.as_ref().map_or_else(|| none.clone(), |at| of_row(at, order));
    let is_full = if sequence.kind == CounterKind::AutoIncrement {
        format!("(SELECT COUNT(*) FROM {from} WHERE {key} = {})", sequence.last)
    } else {
        "0".to_owned()
    };
    let (number, is_full) = match dialect {
        Dialect::Postgres => ("{number}::bigint", format!("{is_full}::bigint")),
        Dialect::MySql | Dialect::MariaDb => ("CAST({number} AS SIGNED)", format!("CAST({is_full} AS SIGNED)")),
        Dialect::Sqlite => ("{number}", is_full),
    };
    format!(
        "SELECT {number} AS number, {is_full} AS is_full, {} AS first_key, {} AS last_key, {} AS first_at, {} AS last_at",
        of_row(&key, ""),
        of_row(&key, " DESC"),
        of_time(""),
        of_time(" DESC"),
    )
}

fn quoted(name: &str, dialect: Dialect) -> String {
    let quote = if dialect.backend() == sea_orm::DbBackend::MySql { '`' } else { '"' };
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

fn quoted_table(table: &TableName, dialect: Dialect) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("{}.", quoted(schema, dialect))).unwrap_or_default();
    format!("{schema}{}", quoted(&table.name, dialect))
}

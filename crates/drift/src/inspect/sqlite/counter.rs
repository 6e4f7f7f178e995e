//! The next value of each rowid key, which the catalogue does not show: a look-up of its largest value.
//! Source: <https://www.sqlite.org/autoinc.html>.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use crate::{
    inspect::answer::rows,
    model::{CounterKind, Generation, NextValue, RelationKind, Sequence, Table},
    normalise::tokens,
};

/// A compound `SELECT` has at most 500 parts.
const TABLES_PER_STATEMENT: usize = 200;

/// A key to ask for.
pub(super) struct Counter {
    table: usize,
    sql: String,
    /// Whether no value is ever used again.
    is_kept: bool,
}

#[derive(FromQueryResult)]
struct Row {
    number: i32,
    last: i64,
}

/// Whether a `CREATE TABLE` says `AUTOINCREMENT`.
pub(super) fn is_kept(sql: &str) -> bool {
    const WORD: &str = "AUTOINCREMENT";
    // It stands at the beginning, with the key, if anywhere.
    let last = sql.to_ascii_uppercase().rfind(WORD);
    last.is_some_and(|at| tokens(&sql[..at + WORD.len()]).iter().any(|token| token.is(WORD)))
}

impl Counter {
    pub(super) fn of(position: usize, table: &Table, is_kept: bool) -> Option<Self> {
        let key = table.columns.iter().find(|column| column.generation == Generation::AutoIncrement)?;
        if table.relation != RelationKind::Table {
            return None;
        }
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let schema = quoted(table.name.schema.as_deref().unwrap_or("main"));
        let (name, column) = (quoted(&table.name.name), quoted(&key.name));
        let largest = format!("(SELECT max({column}) FROM {schema}.{name})");
        let used = format!(
            "(SELECT CAST(seq AS integer) FROM {schema}.sqlite_sequence WHERE name = '{}' COLLATE NOCASE)",
            table.name.name.replace('\'', "''")
        );
        let sql = if is_kept {
            format!("max(COALESCE({largest}, 0), COALESCE({used}, 0))")
        } else {
            format!("COALESCE({largest}, 0)")
        };
        Some(Self { table: position, sql, is_kept })
    }
}

pub(super) async fn ask(db: &impl ConnectionTrait, counters: &[Counter], tables: &mut [Table]) -> Result<(), DbErr> {
    for counters in counters.chunks(TABLES_PER_STATEMENT) {
        let selects: Vec<String> = counters
            .iter()
            .enumerate()
            .map(|(number, counter)| format!("SELECT {number} AS number, {} AS last", counter.sql))
            .collect();
        let statement = Statement::from_string(DbBackend::Sqlite, selects.join("\nUNION ALL\n"));
        for row in rows::<Row>(db, statement).await? {
            let Some(counter) = usize::try_from(row.number).ok().and_then(|number| counters.get(number)) else {
                continue;
            };
            let columns = tables[counter.table].columns.iter_mut();
            let key = columns.into_iter().find(|column| column.generation == Generation::AutoIncrement);
            if let Some(key) = key {
                key.sequence = Some(Box::new(sequence(row.last, counter.is_kept)));
            }
        }
    }
    Ok(())
}

fn sequence(last: i64, is_kept: bool) -> Sequence {
    Sequence {
        name: if is_kept { "AUTOINCREMENT" } else { "rowid" }.to_owned(),
        kind: CounterKind::Rowid { is_kept },
        // After the largest rowid, free ones are used, unless none may be used again.
        next: (is_kept || last < i64::MAX).then_some(i128::from(last) + 1),
        increment: 1,
        first: 1,
        last: i128::from(i64::MAX),
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Unknown,
    }
}

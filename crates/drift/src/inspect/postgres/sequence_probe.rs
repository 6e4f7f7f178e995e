//! Finds out the next value of a sequence, and whether the table already has it or one that comes soon after it, which the catalogue does not show. Only
//! queries columns with a unique index of their own, so that it is a look-up, and never a table that is locked or has rows
//! that the role cannot see.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::facts::{ColumnFacts, IndexParticulars, RelationFacts};
use crate::{
    inspect::answer::rows,
    model::{NextValue, Privilege, Table},
};

/// A value that is taken counts if it comes within so many inserts.
const SOON: u32 = 1000;

/// Small enough for the server's lock table.
const PROBES_PER_STATEMENT: usize = 200;

/// A look-up of one column's next value.
pub(super) struct Probe {
    table: usize,
    column: String,
    sql: String,
}

#[derive(FromQueryResult)]
struct Row {
    number: i32,
    /// NULL if the table was not asked.
    is_taken: Option<bool>,
    /// How many values are free before one that is taken.
    free: Option<i64>,
    /// NULL if the role may not read it.
    next: Option<String>,
}

/// The look-ups in the table that will be at `position`.
pub(super) fn probes(position: usize, relation: &RelationFacts) -> Vec<Probe> {
    let columns = relation.columns.iter().flatten().filter(|_| relation.may_ask_sequences);
    columns.filter_map(|column| probe(position, relation, column)).collect()
}

/// Reads the rows as of the statement and the current state of the sequence, so concurrent inserts are not reported.
fn probe(position: usize, relation: &RelationFacts, column: &ColumnFacts) -> Option<Probe> {
    let sequence = column.sequence.as_ref().filter(|sequence| sequence.may_be_asked)?;
    // NULL for a sequence that was not used since it was set; then only its own relation has the next value.
    let unused =
        if sequence.may_read { format!("(SELECT last_value FROM {})", sequence.name) } else { "NULL".to_owned() };
    let (number, increment) = (sequence.number, &sequence.increment);
    let last = format!("pg_catalog.pg_sequence_last_value({number}::oid::regclass)::numeric");
    let mut after = format!("{last} + {increment}");
    if sequence.cycles {
        let (first, last) = (&sequence.first, &sequence.last);
        let (begin, end) = if increment.starts_with('-') { (last, first) } else { (first, last) };
        let is_past = if increment.starts_with('-') { "<" } else { ">" };
        after = format!("CASE WHEN {after} {is_past} {end} THEN {begin} ELSE {after} END");
    }
    let next = format!("(SELECT COALESCE({after}, {unused}))");
    if !(relation.is_askable && is_looked_up(column, relation) && may_be_read(column)) {
        let sql = format!("NULL::boolean AS is_taken, NULL::bigint AS free, {next}::text AS next");
        return Some(Probe { table: position, column: column.name.clone(), sql });
    }
    let only = if relation.kind == 'r' { "ONLY " } else { "" };
    let (table, column_name) = (&relation.sql_name, &sequence.column);
    // A `bigint`, so that the index is used; past its end there is none.
    let key = format!(
        "(SELECT after.value::bigint FROM (SELECT {next} AS value) AS after \
         WHERE after.value BETWEEN -9223372036854775808 AND 9223372036854775807)"
    );
    // Of larger steps, another program may use the values between.
    let free = if increment == "1" {
        format!(
            "(SELECT min({column_name}) - {key} FROM {only}{table} \
             WHERE {column_name} > {key} AND {column_name} <= least({key}, 9223372036854775807 - {SOON}) + {SOON})"
        )
    } else {
        "NULL".to_owned()
    };
    let sql = format!(
        "EXISTS (SELECT 1 FROM {only}{table} WHERE {column_name} = {key}) AS is_taken, {free}::bigint AS free, \
         {next}::text AS next"
    );
    Some(Probe { table: position, column: column.name.clone(), sql })
}

fn is_looked_up(column: &ColumnFacts, relation: &RelationFacts) -> bool {
    let is_whole = |particulars: &IndexParticulars| {
        let is_part = particulars.predicate.is_some() || particulars.is_invalid || particulars.exclusion.is_some();
        !is_part && particulars.expressions.is_none()
    };
    relation.indexes.iter().flatten().any(|index| {
        let key = index.columns.get(..index.key_length);
        index.is_unique && index.particulars.as_ref().is_none_or(is_whole) && key == Some(&[column.number][..])
    })
}

fn may_be_read(column: &ColumnFacts) -> bool {
    !column.denied.iter().flatten().any(|denied| *denied == Privilege::Select)
}

pub(super) async fn ask(db: &impl ConnectionTrait, probes: &[Probe], tables: &mut [Table]) -> Result<(), DbErr> {
    for probes in probes.chunks(PROBES_PER_STATEMENT) {
        let numbered = probes.iter().enumerate();
        let selects: Vec<String> =
            numbered.map(|(number, probe)| format!("SELECT {number} AS number, {}", probe.sql)).collect();
        let statement = Statement::from_string(DbBackend::Postgres, selects.join("\nUNION ALL\n"));
        for row in rows::<Row>(db, statement).await? {
            let Some(probe) = usize::try_from(row.number).ok().and_then(|number| probes.get(number)) else {
                continue;
            };
            let columns = tables[probe.table].columns.iter_mut();
            let column = columns.into_iter().find(|column| column.name == probe.column);
            if let Some(sequence) = column.and_then(|column| column.sequence.as_mut()) {
                sequence.next = row.next.and_then(|next| next.parse().ok());
                sequence.state = match row.is_taken {
                    Some(true) => NextValue::Taken,
                    Some(false) => row
                        .free
                        .and_then(|free| u32::try_from(free).ok())
                        .map_or(NextValue::Free, NextValue::TakenAfter),
                    None => NextValue::Unknown,
                };
            }
        }
    }
    Ok(())
}

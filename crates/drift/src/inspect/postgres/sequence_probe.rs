//! Whether the value that a sequence gives next is taken, which no catalogue tells: the only question about tables
//! themselves. Asked of columns that a unique index covers alone, so that it is a look-up; never of a table that is
//! locked, or whose rows the role does not all see.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::{ColumnFacts, RelationFacts};
use crate::{
    inspect::rows,
    model::{NextValue, Privilege, Table},
};

/// So few that the server has locks for all of them.
const QUESTIONS_PER_STATEMENT: usize = 200;

/// A sequence behind one column of one table.
pub(super) struct Question {
    table: usize,
    column: String,
    sql: String,
}

#[derive(FromQueryResult)]
struct Row {
    number: i32,
    is_taken: bool,
    /// NULL where the role may not know.
    next: Option<String>,
}

/// What is to be asked about the table that will be at `position`.
pub(super) fn questions(position: usize, relation: &RelationFacts) -> Vec<Question> {
    let columns = relation.columns.iter().flatten().filter(|_| relation.is_askable);
    let asked = columns.filter(|column| is_looked_up(column, relation) && may_be_read(column));
    asked.filter_map(|column| question(position, relation, column)).collect()
}

/// The rows are as old as the statement and the sequence as it is now, so that inserts meanwhile are no finding.
fn question(position: usize, relation: &RelationFacts, column: &ColumnFacts) -> Option<Question> {
    let sequence = column.sequence.as_ref().filter(|sequence| sequence.may_be_asked)?;
    // NULL for one that was never drawn from since it was set; only the sequence itself tells where it goes on.
    let unused =
        if sequence.may_read { format!("(SELECT last_value FROM {})", sequence.name) } else { "NULL".to_owned() };
    let next = format!(
        "(SELECT COALESCE(pg_catalog.pg_sequence_last_value({}::oid::regclass) + {}, {unused}))",
        sequence.number, sequence.increment
    );
    let only = if relation.kind == 'r' { "ONLY " } else { "" };
    let (table, column_name) = (&relation.sql_name, &column.sql_name);
    let sql =
        format!("EXISTS (SELECT 1 FROM {only}{table} WHERE {column_name} = {next}) AS is_taken, {next}::text AS next");
    Some(Question { table: position, column: column.name.clone(), sql })
}

fn is_looked_up(column: &ColumnFacts, relation: &RelationFacts) -> bool {
    relation.indexes.iter().flatten().any(|index| {
        let is_whole = !(index.is_partial || index.is_expression || index.is_invalid || index.is_exclusion);
        index.is_unique && is_whole && index.columns == [column.name.clone()]
    })
}

fn may_be_read(column: &ColumnFacts) -> bool {
    !column.denied.iter().flatten().any(|denied| *denied == Privilege::Select)
}

pub(super) async fn ask(db: &impl ConnectionTrait, questions: &[Question], tables: &mut [Table]) -> Result<(), DbErr> {
    for questions in questions.chunks(QUESTIONS_PER_STATEMENT) {
        let numbered = questions.iter().enumerate();
        let selects: Vec<String> =
            numbered.map(|(number, question)| format!("SELECT {number} AS number, {}", question.sql)).collect();
        let statement = Statement::from_string(DbBackend::Postgres, selects.join("\nUNION ALL\n"));
        for row in rows::<Row>(db, statement).await? {
            let Some(question) = usize::try_from(row.number).ok().and_then(|number| questions.get(number)) else {
                continue;
            };
            let columns = tables[question.table].columns.iter_mut();
            let column = columns.into_iter().find(|column| column.name == question.column);
            if let Some(sequence) = column.and_then(|column| column.sequence.as_mut()) {
                sequence.next = row.next.and_then(|next| next.parse().ok());
                sequence.state = if row.is_taken { NextValue::Taken } else { NextValue::Free };
            }
        }
    }
    Ok(())
}

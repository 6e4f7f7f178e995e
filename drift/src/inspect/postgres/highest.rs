//! The largest value of each column that a sequence fills, through the index that begins with it. The only question that
//! is not about the catalogue: nothing there tells that a sequence is behind its table.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult,
    sea_query::{Alias, Expr, ExprTrait, Func, IntoTableRef, Query, SelectStatement, UnionType},
};

use crate::{
    inspect::rows,
    model::{Column, Kind, Privilege, Table},
};

/// So few that the server has locks for all of them.
const TABLES_PER_STATEMENT: usize = 200;

/// Where the value that a sequence gives next is to be found.
pub(super) enum Reserve {
    /// Nowhere, or of no interest: the table is empty, and no value is taken.
    Unused,
    /// It is known, or cannot be.
    Known,
    /// In the sequence of this name, quoted as in SQL: one that was never drawn from since it was set.
    InSequence(String),
}

#[derive(FromQueryResult)]
struct Row {
    ordinal: i32,
    highest: Option<String>,
    /// NULL where it is known.
    next: Option<String>,
}

pub(super) async fn look_up(
    db: &impl ConnectionTrait,
    tables: &mut [Table],
    reserves: &[Reserve],
) -> Result<(), DbErr> {
    for (tables, reserves) in tables.chunks_mut(TABLES_PER_STATEMENT).zip(reserves.chunks(TABLES_PER_STATEMENT)) {
        let numbered = tables.iter().zip(reserves).enumerate();
        let questions = numbered.filter_map(|(ordinal, (table, reserve))| question(ordinal, table, reserve));
        let Some(question) = questions.reduce(|mut all, one| all.union(UnionType::All, one).take()) else { continue };
        for row in rows::<Row>(db, DbBackend::Postgres.build(&question)).await? {
            let table = usize::try_from(row.ordinal).ok().and_then(|ordinal| tables.get_mut(ordinal));
            let sequence = table.and_then(|table| table.columns.iter_mut().find_map(|column| column.sequence.as_mut()));
            if let Some(sequence) = sequence {
                sequence.highest = row.highest.and_then(|highest| highest.parse().ok());
                sequence.next = row.next.and_then(|next| next.parse().ok()).or(sequence.next);
            }
        }
    }
    Ok(())
}

fn question(ordinal: usize, table: &Table, reserve: &Reserve) -> Option<SelectStatement> {
    let column = table.columns.iter().find(|column| column.sequence.is_some())?;
    let next = match reserve {
        Reserve::Unused => return None,
        Reserve::Known if column.sequence.as_ref().is_none_or(|sequence| sequence.next.is_none()) => return None,
        Reserve::Known => Expr::cust("NULL"),
        Reserve::InSequence(name) => Expr::cust(format!("(SELECT last_value FROM {name})")),
    };
    (is_whole_number(column) && may_be_read(column) && is_indexed(column, table)).then(|| {
        let name = Alias::new(&table.name.name);
        let from = match &table.name.schema {
            Some(schema) => (Alias::new(schema), name).into_table_ref(),
            None => name.into_table_ref(),
        };
        let highest = Query::select().expr(Func::max(Expr::col(Alias::new(&column.name)))).from(from).take();
        Query::select()
            .expr_as(Expr::value(i32::try_from(ordinal).unwrap_or(i32::MAX)), "ordinal")
            .expr_as(Expr::SubQuery(None, Box::new(highest.into())).cast_as("text"), "highest")
            .expr_as(next.cast_as("text"), "next")
            .take()
    })
}

fn is_whole_number(column: &Column) -> bool {
    matches!(column.ty.kind, Kind::Integer { .. })
}

fn may_be_read(column: &Column) -> bool {
    !column.denied.contains(&Privilege::Select)
}

/// Otherwise the server would read the whole table.
fn is_indexed(column: &Column, table: &Table) -> bool {
    let is_first = |columns: &[String]| columns.first() == Some(&column.name);
    is_first(&table.primary_key)
        || table.indexes.iter().any(|index| index.limits.is_empty() && is_first(&index.columns))
}

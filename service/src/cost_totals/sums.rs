//! What is added up of calls, as SQL.

use entity::call_log::{self, Column};
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait, Func, SelectStatement},
};

/// Adds the number of calls and the three sums.
pub(crate) fn add_sums(select: &mut SelectStatement, backend: DbBackend) {
    let column = |column: Column| Expr::col((call_log::Entity, column));
    let connects = column(Column::StreamConnectCount);
    let reconnects = Expr::case(connects.clone().gt(1), connects.sub(1)).finally(0);
    select
        .expr_as(Func::count(column(Column::Id)), "calls")
        .expr_as(total(column(Column::Duration), backend), "seconds")
        .expr_as(total(reconnects.into(), backend), "reconnects")
        .expr_as(total(column(Column::RecordingCount), backend), "recordings");
}

/// The sum, or 0 of no row.
pub(crate) fn total(expression: Expr, backend: DbBackend) -> Expr {
    let sum = Func::coalesce([Expr::from(Func::sum(expression)), 0.into()]);
    Func::cast_as(sum, if backend == DbBackend::MySql { "SIGNED" } else { "bigint" }).into()
}

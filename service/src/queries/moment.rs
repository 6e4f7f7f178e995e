//! A point in time as it is compared with a column.

use entity::call_log::{self, Column};
use sea_orm::{
    ColumnTrait, DbBackend,
    prelude::DateTime,
    sea_query::{Expr, ExprTrait, Func, Query, Value},
};

/// SQLite keeps points in time as text, and compares text: `10:00:00` comes before the same moment as `10:00:00.000000`, which
/// other programs write. There a moment is a range of texts; elsewhere it is one value.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    time: DateTime,
    is_text: bool,
}

impl Moment {
    pub(super) fn new(time: DateTime, backend: DbBackend) -> Self {
        Self { time, is_text: backend == DbBackend::Sqlite }
    }

    /// The first of its texts: what is before it is earlier.
    pub(super) fn first(&self) -> Expr {
        let text = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
        self.written(text)
    }

    /// As it is written in the row of that call, or the last of its texts where that is no longer at this moment.
    pub(super) fn of_call(&self, id: i32) -> Expr {
        let last = self.written(|text| text);
        if !self.is_text {
            return last;
        }
        let of_call = Query::select()
            .column(Column::CreatedAt)
            .from(call_log::Entity)
            .and_where(Column::Id.eq(id))
            .and_where(Expr::col(Column::CreatedAt).between(self.first(), last.clone()))
            .take();
        Func::coalesce([of_call.into(), last]).into()
    }

    fn written(&self, shape: impl Fn(String) -> String) -> Expr {
        if self.is_text {
            let text = shape(self.time.format("%Y-%m-%d %H:%M:%S%.9f").to_string());
            return Expr::val(text);
        }
        Expr::val(Value::from(self.time))
    }
}

//! A time to compare with a column.

use entity::{
    CallId,
    call_log::{self, Column},
};
use sea_orm::{
    ColumnTrait, DbBackend,
    prelude::DateTime,
    sea_query::{Expr, ExprTrait, Func, Query, Value},
};

/// SQLite stores and compares times as text: `10:00:00` sorts before `10:00:00.000000`, which is the same time as other
/// programs write it. So on SQLite a moment is a range of texts; elsewhere it is one value.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    time: DateTime,
    is_text: bool,
}

impl Moment {
    pub(crate) fn new(time: DateTime, backend: DbBackend) -> Self {
        Self { time, is_text: backend == DbBackend::Sqlite }
    }

    /// The first of its texts.
    pub(crate) fn first(&self) -> Expr {
        let text = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
        self.written(text)
    }

    /// As the call's row has it, or the last of its texts if the row has another time by now.
    pub(crate) fn of_call(&self, id: CallId) -> Expr {
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

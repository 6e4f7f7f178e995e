//! A point in time as it is compared with a column.

use sea_orm::{
    DbBackend,
    prelude::DateTime,
    sea_query::{Expr, Value},
};

/// SQLite keeps points in time as text, and compares text: `10:00:00` comes before the same moment as `10:00:00.000000`, which
/// other programs write. There a moment is a range of texts; elsewhere it is one value.
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

    /// The last of its texts: what is after it is later.
    pub(super) fn last(&self) -> Expr {
        self.written(|text| text)
    }

    fn written(&self, shape: impl Fn(String) -> String) -> Expr {
        if self.is_text {
            let text = shape(self.time.format("%Y-%m-%d %H:%M:%S%.9f").to_string());
            return Expr::val(text);
        }
        Expr::val(Value::from(self.time))
    }
}

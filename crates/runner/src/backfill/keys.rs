//! The rows of a table in the order of their keys.

use std::num::NonZeroU32;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, DynIden},
};

#[derive(Clone, Debug)]
pub(super) struct Keys {
    pub(super) table: DynIden,
    pub(super) column: DynIden,
}

impl Keys {
    /// The least and the greatest key, or `None` if the table is empty.
    pub(super) async fn ends(&self, db: &impl ConnectionTrait) -> Result<Option<(i64, i64)>, DbErr> {
        let end = |order| self.select(db).order_by(self.column.clone(), order).limit(1).take();
        let (least, greatest) = (integer(db, &end(Order::Asc)).await?, integer(db, &end(Order::Desc)).await?);
        Ok(least.zip(greatest))
    }

    /// The key of the last row of the batch after `key`; `None` if no row follows it.
    pub(super) async fn end_of_batch(
        &self,
        db: &impl ConnectionTrait,
        key: Option<i64>,
        rows: NonZeroU32,
    ) -> Result<Option<i64>, DbErr> {
        let left = self.select(db).cond_where(self.after(key)).take();
        let before_it = u64::from(rows.get()) - 1;
        let full = left.clone().order_by(self.column.clone(), Order::Asc).limit(1).offset(before_it).take();
        let last = match integer(db, &full).await? {
            Some(last) => Some(last),
            None => integer(db, &left.clone().order_by(self.column.clone(), Order::Desc).limit(1).take()).await?,
        };
        if last.zip(key).is_some_and(|(last, key)| last <= key) {
            let advice = format!("`{}.{}` is not a 64-bit integer, which a back-fill needs", self.table, self.column);
            return Err(DbErr::Migration(advice));
        }
        Ok(last)
    }

    /// The rows after `key`, or all rows.
    pub(super) fn after(&self, key: Option<i64>) -> Condition {
        let after = key.map(|key| Expr::col(self.column.clone()).gt(key));
        after.into_iter().fold(Condition::all(), Condition::add)
    }

    /// Selects keys as 64-bit integers. The alias differs from the column, or PostgreSQL would sort by the cast value, which has
    /// no index.
    fn select(&self, db: &impl ConnectionTrait) -> SelectStatement {
        let integer = if db.get_database_backend() == DbBackend::MySql { "signed" } else { "bigint" };
        let key = Expr::col(self.column.clone()).cast_as(integer);
        Query::select().expr_as(key, "key_as_integer").from(self.table.clone()).take()
    }
}

async fn integer(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Option<i64>, DbErr> {
    db.query_one(select).await?.map(|row| row.try_get_by_index(0)).transpose()
}

//! Takes old calls out of the table: deletes them, or moves them to another one. Only final calls: the others still change.
//!
//! A batch is read from the index over bucket and time, so the calls that stay cost nothing.

mod archive;

use entity::{
    CallId,
    call_log::{self, Column},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::DateTime,
    sea_query::{Alias, IntoTableRef, LockType, Query, TableRef},
};

use archive::TableName;
pub use archive::{Archive, ArchiveError};

use crate::filter::Filter;

/// Which calls to remove, and where to keep them.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Calls made before this time, UTC, are old.
    pub before: DateTime,
    /// `None` deletes them.
    pub archive: Option<Archive>,
}

/// What a batch removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// How many calls.
    pub calls: u64,
    /// When the first of them was made, and the last one: the next batch begins there. `None` if no call is left.
    pub range: Option<(DateTime, DateTime)>,
}

/// How many old calls there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldCalls {
    /// Those that are final, which retention removes.
    pub final_calls: u64,
    /// Those that are not, and stay.
    pub open_calls: u64,
}

impl Retention {
    /// The buckets of final calls, in the order of their index; also those that other programs write.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn bucket_after(&self, db: &impl ConnectionTrait, last: Option<&str>) -> Result<Option<String>, DbErr> {
        let is_next = match last {
            Some(last) => Column::EstimatedCostBucket.gt(last),
            None => Column::EstimatedCostBucket.is_not_null(),
        };
        let select = call_log::Entity::find().select_only().column(Column::EstimatedCostBucket).filter(is_next);
        select.order_by_asc(Column::EstimatedCostBucket).limit(1).into_tuple().one(db).await
    }

    /// How many old calls there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count(&self, db: &impl ConnectionTrait) -> Result<OldCalls, DbErr> {
        let old = || call_log::Entity::find().filter(self.is_old(db, None));
        let final_calls = old().filter(Column::EstimatedCostBucket.is_not_null()).count(db).await?;
        let open_calls = old().filter(Column::EstimatedCostBucket.is_null()).count(db).await?;
        Ok(OldCalls { final_calls, open_calls })
    }

    /// Removes up to `limit` old calls of this bucket, those made at `from` or later, oldest first. In the transaction of the
    /// caller, which must be committed: a call is in one table or in the other.
    ///
    /// # Errors
    /// Those of the database, or if it removed other calls than it was asked to.
    pub async fn remove_batch(
        &self,
        transaction: &impl ConnectionTrait,
        bucket: &str,
        from: Option<DateTime>,
        limit: u64,
    ) -> Result<Removed, DbErr> {
        let found: Vec<(CallId, DateTime)> = call_log::Entity::find()
            .select_only()
            .columns([Column::Id, Column::CreatedAt])
            .filter(Column::EstimatedCostBucket.eq(bucket))
            .filter(self.is_old(transaction, from))
            .order_by_asc(Column::CreatedAt)
            .limit(limit)
            // A webhook that reopens one of them waits, and then finds no such call.
            .lock(LockType::Update)
            .into_tuple()
            .all(transaction)
            .await?;
        let (Some((_, first)), Some((_, last))) = (found.first(), found.last()) else {
            return Ok(Removed { calls: 0, range: None });
        };
        let calls = found.len() as u64;
        let ids = || found.iter().map(|(id, _)| *id);
        if let Some(Archive { name, copied_columns }) = &self.archive {
            let columns = || copied_columns.iter().map(Alias::new);
            let select =
                Query::select().columns(columns()).from(call_log::Entity).and_where(Column::Id.is_in(ids())).take();
            let mut insert = Query::insert();
            insert.into_table(table_ref(name)).columns(columns());
            insert.select_from(select).map_err(|error| DbErr::Custom(error.to_string()))?;
            ensure_all(calls, transaction.execute(&insert).await?.rows_affected(), "copied")?;
        }
        let delete = call_log::Entity::delete_many().filter(Column::Id.is_in(ids()));
        ensure_all(calls, delete.exec(transaction).await?.rows_affected, "deleted")?;
        Ok(Removed { calls, range: Some((*first, *last)) })
    }

    fn is_old(&self, db: &impl ConnectionTrait, from: Option<DateTime>) -> Condition {
        Filter { from, to: Some(self.before), ..Filter::default() }.condition(db.get_database_backend())
    }
}

/// Fails if the database changed fewer or more rows: a trigger or a rule may do something else instead.
fn ensure_all(calls: u64, done: u64, what: &str) -> Result<(), DbErr> {
    if done == calls {
        return Ok(());
    }
    Err(DbErr::Custom(format!(
        "{done} of {calls} calls were {what}: a trigger or a rule interferes, so nothing was removed"
    )))
}

fn table_ref(TableName { schema, name }: &TableName) -> TableRef {
    match schema {
        Some(schema) => (Alias::new(schema), Alias::new(name)).into_table_ref(),
        None => Alias::new(name).into_table_ref(),
    }
}

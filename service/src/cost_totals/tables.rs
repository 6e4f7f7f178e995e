//! The three tables, and the sums that they hold.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, DeriveIden, FromQueryResult, IsolationLevel, SqliteTransactionMode, Statement,
    TransactionOptions,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

/// How many rows one statement inserts or deletes.
const MAX_ROWS_PER_STATEMENT: usize = 1_000;

/// Written by triggers of `call_log`.
#[derive(Clone, Copy, Debug, DeriveIden)]
pub(crate) enum Changes {
    #[sea_orm(iden = "call_cost_changes")]
    Table,
    Id,
    BusinessId,
    Day,
    Direction,
    Status,
    Bucket,
    Calls,
    Seconds,
    Reconnects,
    Recordings,
}

/// Without a business: those of all together.
#[derive(Clone, Copy, Debug, DeriveIden)]
pub(crate) enum Totals {
    #[sea_orm(iden = "call_cost_totals")]
    Table,
    Id,
    BusinessId,
    Day,
    Direction,
    Status,
    Bucket,
    Calls,
    Seconds,
    Reconnects,
    Recordings,
}

/// The days whose totals count.
#[derive(Clone, Copy, Debug, DeriveIden)]
pub(crate) enum Days {
    #[sea_orm(iden = "call_cost_days")]
    Table,
    Day,
    /// Increases with each change of the day's totals.
    Revision,
}

/// Whether totals are kept in this database.
///
/// # Errors
/// If the catalogue cannot be read.
pub async fn is_kept(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let count = match backend {
        DbBackend::Postgres => "SELECT COUNT(pg_catalog.to_regclass('call_cost_days'))",
        DbBackend::MySql => {
            "SELECT COUNT(*) FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'call_cost_days'"
        }
        _ => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'call_cost_days'",
    };
    let row = db.query_one_raw(Statement::from_string(backend, count)).await?;
    Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.is_some_and(|count| count > 0))
}

/// What the calls of one total have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) business_id: Option<i64>,
    pub(super) day: NaiveDate,
    pub(super) direction: Option<String>,
    pub(super) status: Option<String>,
    /// The cost bucket, as the column has it: `LOW`, `MED` or `HIGH`.
    pub(super) bucket: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) calls: i64,
    pub(super) seconds: i64,
    pub(super) reconnects: i64,
    pub(super) recordings: i64,
}

/// A row of the changes or of the totals.
#[derive(Debug, FromQueryResult)]
pub(super) struct Row {
    pub(super) id: i64,
    business_id: Option<i64>,
    pub(super) day: NaiveDate,
    direction: Option<String>,
    status: Option<String>,
    bucket: Option<String>,
    calls: i64,
    seconds: i64,
    reconnects: i64,
    recordings: i64,
}

impl Row {
    pub(super) fn business_id(&self) -> Option<i64> {
        self.business_id
    }

    pub(super) fn split(self) -> (Key, Sums) {
        let Self { id: _, business_id, day, direction, status, bucket, calls, seconds, reconnects, recordings } = self;
        (Key { business_id, day, direction, status, bucket }, Sums { calls, seconds, reconnects, recordings })
    }
}

/// Sums on their way into the totals.
#[derive(Debug, Default)]
pub(super) struct Sum(BTreeMap<Key, Sums>);

impl Sum {
    /// Adds calls of a business, also to those of all.
    pub(super) fn add_calls(&mut self, key: Key, sums: Sums) {
        if key.business_id.is_some() {
            self.add(Key { business_id: None, ..key.clone() }, sums);
        }
        self.add(key, sums);
    }

    /// Adds to this row of the totals.
    pub(super) fn add(&mut self, key: Key, sums: Sums) {
        let Sums { calls, seconds, reconnects, recordings } = self.0.entry(key).or_default();
        *calls += sums.calls;
        *seconds += sums.seconds;
        *reconnects += sums.reconnects;
        *recordings += sums.recordings;
    }

    /// Inserts all that are not zero.
    pub(super) async fn insert(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let rows: Vec<(Key, Sums)> = self.0.into_iter().filter(|(_, sums)| *sums != Sums::default()).collect();
        for rows in rows.chunks(MAX_ROWS_PER_STATEMENT) {
            let mut insert = Query::insert();
            insert.into_table(Totals::Table).columns([
                Totals::BusinessId,
                Totals::Day,
                Totals::Direction,
                Totals::Status,
                Totals::Bucket,
                Totals::Calls,
                Totals::Seconds,
                Totals::Reconnects,
                Totals::Recordings,
            ]);
            for (Key { business_id, day, direction, status, bucket }, sums) in rows {
                let texts = [direction, status, bucket].map(|text| Expr::from(text.clone()));
                let numbers = [sums.calls, sums.seconds, sums.reconnects, sums.recordings].map(Expr::from);
                let values = [Expr::from(*business_id), Expr::from(*day)].into_iter().chain(texts).chain(numbers);
                insert.values(values).map_err(|error| DbErr::Custom(error.to_string()))?;
            }
            db.execute(&insert).await?;
        }
        Ok(())
    }
}

/// Selects whole rows of the changes.
pub(super) fn changes() -> SelectStatement {
    Query::select()
        .columns([
            Changes::Id,
            Changes::BusinessId,
            Changes::Day,
            Changes::Direction,
            Changes::Status,
            Changes::Bucket,
            Changes::Calls,
            Changes::Seconds,
            Changes::Reconnects,
            Changes::Recordings,
        ])
        .from(Changes::Table)
        .take()
}

/// Selects whole rows of the totals.
pub(super) fn totals() -> SelectStatement {
    Query::select()
        .columns([
            Totals::Id,
            Totals::BusinessId,
            Totals::Day,
            Totals::Direction,
            Totals::Status,
            Totals::Bucket,
            Totals::Calls,
            Totals::Seconds,
            Totals::Reconnects,
            Totals::Recordings,
        ])
        .from(Totals::Table)
        .take()
}

pub(super) async fn delete_changes(db: &impl ConnectionTrait, ids: &[i64]) -> Result<(), DbErr> {
    for ids in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let are_these = Expr::col(Changes::Id).is_in(ids.iter().copied());
        db.execute(&Query::delete().from_table(Changes::Table).and_where(are_these).take()).await?;
    }
    Ok(())
}

pub(super) async fn delete_totals(db: &impl ConnectionTrait, ids: &[i64]) -> Result<(), DbErr> {
    for ids in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let are_these = Expr::col(Totals::Id).is_in(ids.iter().copied());
        db.execute(&Query::delete().from_table(Totals::Table).and_where(are_these).take()).await?;
    }
    Ok(())
}

/// Takes the next revision of a day; an error if somebody else has taken it since `revision` was read.
pub(super) async fn take_day(db: &impl ConnectionTrait, day: NaiveDate, revision: i64) -> Result<(), DbErr> {
    let update = Query::update()
        .table(Days::Table)
        .value(Days::Revision, revision + 1)
        .and_where(Expr::col(Days::Day).eq(day))
        .and_where(Expr::col(Days::Revision).eq(revision))
        .take();
    if db.execute(&update).await?.rows_affected() == 1 {
        return Ok(());
    }
    Err(DbErr::Custom(format!("the costs of {day} were counted by another process at the same time")))
}

/// All reads of the transaction see the same moment; the writes of another one that concern the same rows end it.
pub(super) fn snapshot(backend: DbBackend) -> TransactionOptions {
    TransactionOptions {
        isolation_level: (backend != DbBackend::Sqlite).then_some(IsolationLevel::RepeatableRead),
        // A transaction that starts as a reader fails if another one writes first.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        access_mode: None,
    }
}

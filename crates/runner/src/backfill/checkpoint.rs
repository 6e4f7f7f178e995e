//! The progress of a back-fill, in a table that exists only while one is unfinished.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, TransactionTrait},
    seaql_migrations,
};

use crate::{
    history::{has_table, is_missing_table},
    monitor::Run,
};

/// The last row that is done.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    run: String,
    /// A migration may have several.
    number: i32,
    /// `None` before the first row.
    pub(super) key: Option<i64>,
    /// The rows changed by all runs.
    pub(super) rows: u64,
}

impl Checkpoint {
    /// The checkpoint of an earlier run, or a new one before the first row; `None` if another run has finished and recorded the
    /// migration.
    ///
    /// The first statement of its transaction writes, so that on SQLite no other session writes meanwhile.
    pub(super) async fn open(db: &impl ConnectionTrait, run: &Run, number: i32) -> Result<Option<Self>, DbErr> {
        let start = Self { run: name(&run.migration, run.undoing), number, key: None, rows: 0 };
        db.execute(&start.row(OnConflict::new().do_nothing_on([Backfills::Run, Backfills::Number]).to_owned())).await?;
        if is_on_record(db, run).await? != run.undoing {
            return Ok(None);
        }
        start.reload(db).await
    }

    /// Reads it again; `None` if it is gone.
    pub(super) async fn reload(&self, db: &impl ConnectionTrait) -> Result<Option<Self>, DbErr> {
        let left = Query::select()
            .columns([Backfills::LastKey, Backfills::Rows])
            .from(Backfills::Table)
            .cond_where(self.is_it())
            .take();
        let row = match db.query_one(&left).await {
            Err(error) if is_missing_table(&error) => None,
            row => row?,
        };
        row.map(|row| {
            let (key, rows): (Option<i64>, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok(Self { key, rows: rows.cast_unsigned(), ..self.clone() })
        })
        .transpose()
    }

    pub(super) fn moved(&self, key: i64, rows: u64) -> Self {
        Self { key: Some(key), rows: self.rows + rows, ..self.clone() }
    }

    /// Moves it, unless another run has.
    pub(super) async fn move_to(&self, db: &impl ConnectionTrait, key: i64) -> Result<bool, DbErr> {
        let before = match self.key {
            Some(key) => Expr::col(Backfills::LastKey).eq(key),
            None => Expr::col(Backfills::LastKey).is_null(),
        };
        let update = Query::update()
            .table(Backfills::Table)
            .value(Backfills::LastKey, key)
            .cond_where(self.is_it())
            .and_where(before)
            .take();
        match db.execute(&update).await {
            Err(error) if is_missing_table(&error) => Ok(false),
            moved => Ok(moved?.rows_affected() == 1),
        }
    }

    /// Saves the number of rows changed so far.
    pub(super) async fn save_row_count(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let update = Query::update()
            .table(Backfills::Table)
            .value(Backfills::Rows, self.rows.cast_signed())
            .cond_where(self.is_it())
            .take();
        db.execute(&update).await.map(drop)
    }

    fn row(&self, on_conflict: OnConflict) -> InsertStatement {
        Query::insert()
            .into_table(Backfills::Table)
            .columns([Backfills::Run, Backfills::Number, Backfills::LastKey, Backfills::Rows])
            .values_panic([self.run.as_str().into(), self.number.into(), self.key.into(), 0_i64.into()])
            .on_conflict(on_conflict)
            .take()
    }

    fn is_it(&self) -> Condition {
        Condition::all()
            .add(Expr::col(Backfills::Run).eq(self.run.as_str()))
            .add(Expr::col(Backfills::Number).eq(self.number))
    }
}

/// Creates the table. Not in the transaction of a checkpoint, because MySQL would commit that.
pub(super) async fn create_table(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let table = Table::create()
        .table(Backfills::Table)
        .if_not_exists()
        .col(string_len(Backfills::Run, 255))
        .col(integer(Backfills::Number))
        .col(big_integer_null(Backfills::LastKey))
        .col(big_integer(Backfills::Rows))
        .primary_key(Index::create().col(Backfills::Run).col(Backfills::Number))
        .take();
    db.execute(&table).await.map(drop)
}

/// Deletes the checkpoints of a migration, in the transaction that updates the history: its back-fills will start at the first
/// row again.
pub(crate) async fn delete_checkpoints(db: &impl ConnectionTrait, migration: &str) -> Result<(), DbErr> {
    if !has_table(db, &Backfills::Table.to_string()).await? {
        return Ok(());
    }
    let is_its = Expr::col(Backfills::Run).is_in([name(migration, false), name(migration, true)]);
    db.execute(&Query::delete().from_table(Backfills::Table).and_where(is_its).take()).await.map(drop)
}

/// Drops the table if it has no checkpoint.
pub(crate) async fn drop_if_empty(db: &DatabaseExecutor<'_>) -> Result<(), DbErr> {
    if !has_table(db, &Backfills::Table.to_string()).await? {
        return Ok(());
    }
    let transaction = db.begin().await?;
    // On SQLite the first write takes the lock, even if it finds no row.
    let nothing = Query::delete().from_table(Backfills::Table).and_where(Expr::col(Backfills::Run).is_null()).take();
    transaction.execute(&nothing).await?;
    let anything = Query::select().column(Backfills::Number).from(Backfills::Table).limit(1).take();
    if transaction.query_one(&anything).await?.is_none() {
        transaction.execute(&Table::drop().table(Backfills::Table).take()).await?;
    }
    transaction.commit().await
}

fn name(migration: &str, undoing: bool) -> String {
    if undoing { format!("undo {migration}") } else { migration.to_owned() }
}

async fn is_on_record(db: &impl ConnectionTrait, run: &Run) -> Result<bool, DbErr> {
    let version = Expr::col(seaql_migrations::Column::Version).eq(run.migration.as_str());
    let select =
        Query::select().column(seaql_migrations::Column::Version).from(run.history.clone()).and_where(version).take();
    Ok(db.query_one(&select).await?.is_some())
}

#[derive(Clone, Copy, DeriveIden)]
enum Backfills {
    #[sea_orm(iden = "seaql_backfills")]
    Table,
    Run,
    Number,
    LastKey,
    Rows,
}

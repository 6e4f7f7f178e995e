//! How far a back-fill has come, in a table of its own, which exists only while one is under way.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbErr},
};

use crate::history::is_missing_table;

/// The last row that is done.
#[derive(Clone, Debug)]
pub(super) struct Bookmark {
    migration: String,
    /// A migration may have several.
    number: i32,
    pub(super) key: i64,
    /// How many rows were changed, by all runs.
    pub(super) rows: u64,
}

impl Bookmark {
    /// Where an earlier run left it, or before the first row.
    pub(super) async fn open(
        db: &impl ConnectionTrait,
        migration: &str,
        number: i32,
        least: i64,
    ) -> Result<Self, DbErr> {
        let table = Table::create()
            .table(Backfills::Table)
            .if_not_exists()
            .col(string_len(Backfills::Migration, 255))
            .col(integer(Backfills::Number))
            .col(big_integer(Backfills::LastKey))
            .col(big_integer(Backfills::Rows))
            .primary_key(Index::create().col(Backfills::Migration).col(Backfills::Number))
            .take();
        db.execute(&table).await?;
        let start = Self { migration: migration.to_owned(), number, key: least.saturating_sub(1), rows: 0 };
        let left = Query::select()
            .columns([Backfills::LastKey, Backfills::Rows])
            .from(Backfills::Table)
            .cond_where(start.is_it())
            .take();
        if let Some(row) = db.query_one(&left).await? {
            let (key, rows): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            return Ok(Self { key, rows: rows.cast_unsigned(), ..start });
        }
        let insert = Query::insert()
            .into_table(Backfills::Table)
            .columns([Backfills::Migration, Backfills::Number, Backfills::LastKey, Backfills::Rows])
            .values_panic([migration.into(), number.into(), start.key.into(), 0_i64.into()])
            .take();
        db.execute(&insert).await?;
        Ok(start)
    }

    pub(super) fn moved(&self, key: i64, rows: u64) -> Self {
        Self { key, rows: self.rows + rows, ..self.clone() }
    }

    pub(super) async fn save(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let update = Query::update()
            .table(Backfills::Table)
            .value(Backfills::LastKey, self.key)
            .value(Backfills::Rows, self.rows.cast_signed())
            .cond_where(self.is_it())
            .take();
        db.execute(&update).await.map(drop)
    }

    fn is_it(&self) -> Condition {
        Condition::all()
            .add(Expr::col(Backfills::Migration).eq(self.migration.as_str()))
            .add(Expr::col(Backfills::Number).eq(self.number))
    }
}

/// Ends the back-fills of a migration that is on record, or off it: the next time they begin at the first row.
pub(crate) async fn forget(db: &impl ConnectionTrait, migration: &str) -> Result<(), DbErr> {
    let is_its = Expr::col(Backfills::Migration).eq(migration);
    match db.execute(&Query::delete().from_table(Backfills::Table).and_where(is_its).take()).await {
        Err(error) if is_missing_table(&error) => return Ok(()),
        deleted => deleted?,
    };
    let anything = Query::select().column(Backfills::Number).from(Backfills::Table).limit(1).take();
    if db.query_one(&anything).await?.is_none() {
        db.execute(&Table::drop().table(Backfills::Table).take()).await?;
    }
    Ok(())
}

#[derive(Clone, Copy, DeriveIden)]
enum Backfills {
    #[sea_orm(iden = "seaql_backfills")]
    Table,
    Migration,
    Number,
    LastKey,
    Rows,
}

//! `fresh` and `reset`: drop tables without the `down` of a migration, under the migration lock.

use std::{marker::PhantomData, pin::pin, time::Instant};

use futures_util::future::{Either, select};

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    prelude::*,
    sea_orm::{
        ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, DynIden, IntoDatabaseExecutor, Statement, TransactionTrait,
    },
};

use sea_orm_connect::{ErrorKind, prepared};

use crate::{
    context::Context,
    error::Error,
    history,
    lock::{self, Lease, Lifetime, NoSession},
    retry::Backoff,
    session::Session,
};

/// What to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All tables, views, sequences and types, including those that no migration created.
    Database,
    /// The history table.
    History,
}

/// A migrator with the same history table and no migrations, so that SeaORM's `fresh` only drops.
struct NoMigrations<M>(PhantomData<M>);

impl<M: MigratorTrait> MigratorTrait for NoMigrations<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }

    fn migration_table_name() -> DynIden {
        M::migration_table_name()
    }
}

/// Waits for the migration lock, and drops.
pub(crate) async fn drop_all<M: MigratorTrait>(
    context: &Context,
    db: &DatabaseExecutor<'_>,
    what: Scope,
) -> Result<(), Error> {
    let mut backoff = Backoff::new();
    let lease = Lease::default();
    loop {
        context.check_stop()?;
        let tried = Instant::now();
        match try_to_drop_all::<M>(context, db, what, &lease).await {
            Ok(None) => return Ok(()),
            Ok(Some(lock_holders)) => backoff.wait_for_migrator(context, lock_holders, tried).await?,
            Err(source) => match ErrorKind::of(&source) {
                ErrorKind::Lock => {
                    let longest = context.settings.lock_timeout;
                    backoff.wait_for_table(context, what.name(), Vec::new(), tried, longest).await?;
                }
                ErrorKind::Connection => return Err(Error::Lost { migration: None, undoing: true, source }),
                ErrorKind::ReadOnly => return Err(Error::ReadOnly { migration: None, source }),
                ErrorKind::Statement => return Err(Error::NotEmptied { source }),
            },
        }
    }
}

/// `None` if done; otherwise the sessions that hold the lock.
async fn try_to_drop_all<M: MigratorTrait>(
    context: &Context,
    db: &DatabaseExecutor<'_>,
    what: Scope,
    lease: &Lease,
) -> Result<Option<Vec<Session>>, DbErr> {
    let history = M::migration_table_name().to_string();
    match (db.get_database_backend(), db) {
        (DbBackend::Postgres, db) => {
            let transaction = db.begin().await?;
            if !prepared::caches_statements(db) {
                prepared::deallocate_statements_of_other_clients(&transaction).await?;
            }
            lock::set_timeouts(&transaction, Lifetime::Transaction, &context.settings).await?;
            if !lock::try_lock(&transaction, Lifetime::Transaction, &history, lease).await? {
                return Ok(Some(lock::lock_holders(&transaction, &history).await));
            }
            what.drop::<M>(&transaction).await?;
            transaction.commit().await?;
        }
        (DbBackend::MySql, DatabaseExecutor::Connection(db)) => {
            let own = lock::own_connection(db, &context.settings).await.map_err(|error| match error {
                NoSession::NotConnected(error) => error,
                NoSession::Refused(reason) => DbErr::Custom(reason),
            })?;
            lock::set_timeouts(&own, Lifetime::Session, &context.settings).await?;
            if !lock::try_lock(&own, Lifetime::Session, &history, lease).await? {
                return Ok(Some(lock::lock_holders(&own, &history).await));
            }
            let dropped = {
                let keeper = DatabaseExecutor::Connection(db);
                match select(pin!(what.drop::<M>(&own)), pin!(lease.keep_renewing(&keeper))).await {
                    Either::Left((dropped, _)) => dropped,
                    Either::Right((never, _)) => match never {},
                }
            };
            lease.forget();
            lock::release(&own).await;
            dropped?;
            own.close().await?;
        }
        // On SQLite a transaction would be the lock, and foreign keys cannot be switched off inside one.
        (_, DatabaseExecutor::Connection(db)) => what.drop::<M>(*db).await?,
        (_, DatabaseExecutor::Transaction(db)) => what.drop::<M>(*db).await?,
        (_, DatabaseExecutor::OwnedTransaction(db)) => what.drop::<M>(db).await?,
    }
    Ok(None)
}

/// Drops the tables in place of SeaORM, which would drop the lock of a Galera cluster with them, while this run holds it.
async fn drop_tables(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared("SET FOREIGN_KEY_CHECKS = 0").await?;
    let tables = include_str!("reset/tables_mysql.sql");
    for row in db.query_all_raw(Statement::from_string(DbBackend::MySql, tables)).await? {
        db.execute_unprepared(&row.try_get_by_index::<String>(0)?).await?;
    }
    db.execute_unprepared("SET FOREIGN_KEY_CHECKS = 1").await.map(drop)
}

/// Drops views and sequences, which SeaORM leaves.
async fn drop_views_and_sequences(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let others = match backend {
        DbBackend::Postgres => include_str!("reset/others_postgres.sql"),
        DbBackend::MySql => include_str!("reset/others_mysql.sql"),
        _ => include_str!("reset/others_sqlite.sql"),
    };
    for row in db.query_all_raw(Statement::from_string(backend, others)).await? {
        db.execute_unprepared(&row.try_get_by_index::<String>(0)?).await?;
    }
    Ok(())
}

impl Scope {
    async fn drop<'c, M: MigratorTrait>(self, db: impl IntoDatabaseExecutor<'c> + Copy) -> Result<(), DbErr> {
        match self {
            Self::Database => {
                let rest = db.into_database_executor();
                // SeaORM fails to drop the row type of a view.
                if rest.get_database_backend() == DbBackend::Postgres {
                    drop_views_and_sequences(&rest).await?;
                    return NoMigrations::<M>::fresh(db).await;
                }
                if rest.get_database_backend() == DbBackend::MySql {
                    drop_tables(&rest).await?;
                } else {
                    NoMigrations::<M>::fresh(db).await?;
                }
                drop_views_and_sequences(&rest).await
            }
            // Another run may have applied migrations meanwhile.
            Self::History
                if history::applied::<M>(&db.into_database_executor())
                    .await?
                    .is_some_and(|applied| !applied.is_empty()) =>
            {
                Ok(())
            }
            Self::History => {
                let drop = Table::drop().table(M::migration_table_name()).if_exists().cascade().take();
                SchemaManager::new(db.into_database_executor()).drop_table(drop).await
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Database => "to empty the database",
            Self::History => "to remove the history",
        }
    }
}

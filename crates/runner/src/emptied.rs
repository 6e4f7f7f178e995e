//! The two verbs of sea-orm-migration that drop without a migration's `down`, under the lock of migrators.

use std::{marker::PhantomData, time::Instant};

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, DynIden, IntoDatabaseExecutor, Statement},
};

use sea_orm_connect::ErrorKind;

use crate::{
    error::Error,
    history, reading,
    server::{self, Lifetime, NoSession},
    session::Session,
    terms::Terms,
    waiting::Waiting,
};

/// What goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emptied {
    /// All tables, views, sequences and types, also those that no migration made.
    Everything,
    /// The record of migrations.
    History,
}

/// A migrator with the same record and no migrations: of what SeaORM does with it, only the dropping is left.
struct Nothing<M>(PhantomData<M>);

impl<M: MigratorTrait> MigratorTrait for Nothing<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }

    fn migration_table_name() -> DynIden {
        M::migration_table_name()
    }
}

/// Waits for the lock of migrators, and empties.
pub(crate) async fn empty<M: MigratorTrait>(
    terms: &Terms,
    db: &DatabaseExecutor<'_>,
    what: Emptied,
) -> Result<(), Error> {
    let mut waiting = Waiting::new();
    loop {
        terms.go_on()?;
        let tried = Instant::now();
        match try_to_empty::<M>(terms, db, what).await {
            Ok(None) => return Ok(()),
            Ok(Some(holders)) => waiting.for_migrator(terms, holders, tried).await?,
            Err(source) => match ErrorKind::of(&source) {
                ErrorKind::Lock => {
                    let longest = terms.settings.lock_timeout;
                    waiting.for_table(terms, what.name(), Vec::new(), tried, longest).await?;
                }
                ErrorKind::Connection => return Err(Error::Lost { migration: None, undoing: true, source }),
                ErrorKind::Statement => return Err(Error::NotEmptied { source }),
            },
        }
    }
}

/// Done, or whose the lock is.
async fn try_to_empty<M: MigratorTrait>(
    terms: &Terms,
    db: &DatabaseExecutor<'_>,
    what: Emptied,
) -> Result<Option<Vec<Session>>, DbErr> {
    let history = M::migration_table_name().to_string();
    match (db.get_database_backend(), db) {
        (DbBackend::Postgres, db) => {
            let transaction = reading::begin(db).await?;
            server::prepare(&transaction, Lifetime::Transaction, &terms.settings).await?;
            if !server::try_lock(&transaction, Lifetime::Transaction, &history).await? {
                return Ok(Some(server::holders(&transaction, &history).await));
            }
            what.drop::<M>(&transaction).await?;
            transaction.commit().await?;
        }
        (DbBackend::MySql, DatabaseExecutor::Connection(db)) => {
            let own = server::own_connection(db, &terms.settings).await.map_err(|error| match error {
                NoSession::NotConnected(error) => error,
                NoSession::Refused(reason) => DbErr::Custom(reason),
            })?;
            server::prepare(&own, Lifetime::Session, &terms.settings).await?;
            if !server::try_lock(&own, Lifetime::Session, &history).await? {
                return Ok(Some(server::holders(&own, &history).await));
            }
            what.drop::<M>(&own).await?;
            own.close().await?;
        }
        // On SQLite foreign keys cannot be left unchecked inside a transaction, and that is the lock.
        (_, DatabaseExecutor::Connection(db)) => what.drop::<M>(*db).await?,
        (_, DatabaseExecutor::Transaction(db)) => what.drop::<M>(*db).await?,
        (_, DatabaseExecutor::OwnedTransaction(db)) => what.drop::<M>(db).await?,
    }
    Ok(None)
}

/// Drops what is no table: views and sequences, which SeaORM leaves.
async fn drop_others(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let others = match backend {
        DbBackend::Postgres => include_str!("emptied/others_postgres.sql"),
        DbBackend::MySql => include_str!("emptied/others_mysql.sql"),
        _ => include_str!("emptied/others_sqlite.sql"),
    };
    for row in db.query_all_raw(Statement::from_string(backend, others)).await? {
        db.execute_unprepared(&row.try_get_by_index::<String>(0)?).await?;
    }
    Ok(())
}

impl Emptied {
    async fn drop<'c, M: MigratorTrait>(self, db: impl IntoDatabaseExecutor<'c> + Copy) -> Result<(), DbErr> {
        match self {
            Self::Everything => {
                let rest = db.into_database_executor();
                // There SeaORM fails at a view, whose type it would drop.
                if rest.get_database_backend() == DbBackend::Postgres {
                    drop_others(&rest).await?;
                    return Nothing::<M>::fresh(db).await;
                }
                Nothing::<M>::fresh(db).await?;
                drop_others(&rest).await
            }
            // Who has applied something since all was undone needs it.
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
            Self::Everything => "to empty the database",
            Self::History => "to remove the history",
        }
    }
}

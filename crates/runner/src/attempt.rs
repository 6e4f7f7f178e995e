//! One try at one migration, and what came of it.

use futures_util::FutureExt;
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseConnection, DatabaseExecutor},
};

use sea_orm_connect::ErrorKind;

use crate::{
    error::Error,
    reading,
    server::{self, Lifetime, NoSession, Wanted},
    session::Session,
    terms::Terms,
    watch::Meter,
    way::{Attempt, Way},
    work::{Trouble, Work},
};

/// Tries `next`, if under the lock it still is what comes next.
pub(crate) async fn attempt<M: MigratorTrait>(
    terms: &Terms,
    db: &DatabaseExecutor<'_>,
    meter: &Meter,
    way: Way,
    next: String,
) -> Result<Attempt, Error> {
    meter.forget();
    let migrations = M::migrations();
    let migration = migrations.iter().find(|migration| migration.name() == next).expect("the history named it");
    let work = Work::new(terms, meter, way, migration.as_ref(), db);
    let own = match work.lifetime {
        Lifetime::Session => Some(session_for(terms, db, meter, way, &next).await?),
        Lifetime::Transaction | Lifetime::Statement => None,
    };
    let attempt = match &own {
        Some(own) => work.try_on::<M>(&DatabaseExecutor::Connection(own)).await,
        None => work.try_on::<M>(db).await,
    };
    if let Some(own) = own {
        // With its end the lock is free. What it says about that changes nothing.
        let closed = own.close();
        if matches!(attempt, Err(Trouble::Run(Error::Stopped { .. }))) {
            // Begun, or the session would stay with the lock; and whoever wants to stop does not wait for its statement.
            let _ = closed.now_or_never();
        } else {
            let _ = closed.await;
        }
    }
    let undoing = way == Way::Down;
    match attempt {
        Ok(attempt) => Ok(attempt),
        Err(Trouble::Run(error)) => Err(error),
        Err(Trouble::Driver(source)) => match ErrorKind::of(&source) {
            ErrorKind::Lock if work.may_be_repeated() => {
                Ok(Attempt::Blocked { migration: next, by: blockers(terms, db, meter).await })
            }
            ErrorKind::Lock => Err(Error::Interrupted { migration: next, blockers: blockers(terms, db, meter).await }),
            ErrorKind::Connection => Err(Error::Lost { migration: Some(next), undoing, source }),
            ErrorKind::Statement if ErrorKind::is_time_out(&source) => {
                let limit = terms.settings.statement_timeout;
                Err(Error::TimedOut { migration: next, undoing, limit, source })
            }
            ErrorKind::Statement => Err(Error::Failed { migration: next, undoing, source }),
        },
    }
}

async fn session_for(
    terms: &Terms,
    db: &DatabaseExecutor<'_>,
    meter: &Meter,
    way: Way,
    migration: &str,
) -> Result<DatabaseConnection, Error> {
    let migration = migration.to_owned();
    let DatabaseExecutor::Connection(db) = db else {
        return Err(Error::InTransaction { migration });
    };
    match server::own_connection(db, &terms.settings).await {
        Ok(own) => Ok(meter.attach(&own, terms.listener.clone())),
        Err(NoSession::Refused(reason)) => Err(Error::NoSession { migration, reason }),
        Err(NoSession::NotConnected(source)) => {
            Err(Error::Lost { migration: Some(migration), undoing: way == Way::Down, source })
        }
    }
}

/// Only told: whoever cannot be asked is not named.
async fn blockers(terms: &Terms, db: &DatabaseExecutor<'_>, meter: &Meter) -> Vec<Session> {
    let Ok(transaction) = reading::begin(db).await else { return Vec::new() };
    let failed = meter.failed();
    let blockers = server::blockers(&transaction, Wanted::Table(failed.as_deref()), &terms.settings).await;
    let _ = transaction.rollback().await;
    blockers
}

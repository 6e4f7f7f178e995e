//! A statement that may wait for as long as the run may, in nobody's way.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, Statement};

use super::{refusal::sqlstate, reported};
use crate::retry::StatementRetry;

/// Milliseconds, as PostgreSQL counts them.
const MAX_LOCK_TIMEOUT: u128 = i32::MAX as u128;

/// The `lock_timeout` has passed.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Lets the statement wait for older transactions, which blocks nobody. A retry would lose its work.
pub(super) async fn with_long_timeout(
    db: &DatabaseExecutor<'_>,
    retry: &mut StatementRetry,
    statement: Statement,
) -> Result<(), DbErr> {
    let left = retry.time_left();
    let Some(run) = &retry.run else { return db.execute_raw(statement).await.map(drop) };
    db.execute_unprepared(&format!("SET lock_timeout = {}", left.as_millis().clamp(1, MAX_LOCK_TIMEOUT))).await?;
    let done = reported::run(db, statement, run, &mut retry.blockers).await;
    if retry.is_stopped() {
        return done;
    }
    if done.as_ref().is_err_and(|error| sqlstate(error).is_some_and(|(code, _)| code == LOCK_NOT_AVAILABLE)) {
        retry.longest = Some(left);
    }
    // If this fails, the connection is gone, and the setting with it.
    let _ = db.execute_unprepared("RESET lock_timeout").await;
    done
}

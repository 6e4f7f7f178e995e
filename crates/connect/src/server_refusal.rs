//! Why PostgreSQL refused a connection. If the server has no connection left or still starts, sqlx retries, and then reports only a
//! timeout.

use std::{pin::pin, str::FromStr, thread, time::Duration};

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use sea_orm::{
    DbErr, SqlxError,
    sqlx::{Connection, PgConnection, postgres::PgConnectOptions},
};

use super::{error_kind::driver_error, url::DatabaseUrl};

/// How long to wait for the second refusal.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);

/// If `error` is only a timeout, connects once more to learn why the server refuses.
pub(crate) async fn find_server_refusal(url: &DatabaseUrl, error: &DbErr) -> Option<SqlxError> {
    if !matches!(driver_error(error), Some(SqlxError::PoolTimedOut)) {
        return None;
    }
    let options = PgConnectOptions::from_str(url.secret()).ok()?;
    match select(pin!(PgConnection::connect_with(&options)), timer(REFUSAL_TIMEOUT)).await {
        Either::Left((Err(refusal @ SqlxError::Database(_)), _)) => Some(refusal),
        _ => None,
    }
}

/// Fires after this time, on any runtime.
fn timer(time: Duration) -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        thread::sleep(time);
        let _ = sender.send(()); // nobody may be waiting any more
    });
    receiver
}

//! What PostgreSQL said all the while: sqlx tries again where a server has no connection left, or still starts, and in the end only
//! says that its time is over.

use std::{pin::pin, str::FromStr, thread, time::Duration};

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use sea_orm::{
    DbErr, SqlxError,
    sqlx::{Connection, PgConnection, postgres::PgConnectOptions},
};

use super::{error_kind::driver_error, url::DatabaseUrl};

/// How long the server may take to say it once more.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The server's refusal, where `error` only tells that the time was over.
pub(crate) async fn refusal(url: &DatabaseUrl, error: &DbErr) -> Option<SqlxError> {
    if !matches!(driver_error(error), Some(SqlxError::PoolTimedOut)) {
        return None;
    }
    let options = PgConnectOptions::from_str(url.secret()).ok()?;
    match select(pin!(PgConnection::connect_with(&options)), after(ANSWER_TIMEOUT)).await {
        Either::Left((Err(refusal @ SqlxError::Database(_)), _)) => Some(refusal),
        _ => None,
    }
}

/// On any runtime.
fn after(time: Duration) -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        thread::sleep(time);
        let _ = sender.send(()); // nobody may be waiting any more
    });
    receiver
}

//! Galera: a lease, in a row that all nodes see. `GET_LOCK` locks on one node only, and Galera does not support it.
//! <https://mariadb.com/kb/en/mariadb-galera-cluster-known-limitations/>
//!
//! No clock is compared with another. The holder changes the row every second. Another run takes the lease over if the row
//! has stayed the same for [`LEASE_DURATION`], and this node answered all the while: a change of the schema stops all nodes, and the
//! holder with them.

use std::{
    convert::Infallible,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm_connect::ErrorKind;
#[cfg(feature = "mysql")]
use sea_orm_migration::sea_orm::SqlxMySqlConnector;
use sea_orm_migration::sea_orm::{
    self, ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, Statement, Value,
};

use super::{
    own_session::alone,
    query::{query_value, sessions},
};
use crate::{history::is_missing_table, session::Session, sleep::sleep};

/// How long the row may stay the same before the holder counts as gone.
const LEASE_DURATION: Duration = Duration::from_secs(10);

/// How often the holder changes the row.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(1);

/// If this node answers later than this, it was stopped, and perhaps the holder, too: the lease starts again.
const MAX_GAP: Duration = Duration::from_secs(5);

/// The holder's name for itself, which its session keeps.
const HOLDER: &str = "CAST(@sea_orm_runner_holder AS CHAR)";

/// What a run knows of the lease.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    /// The name of this run in the row, while it holds the lease.
    holder: Mutex<Option<String>>,
    /// How many statements its session had sent to change rows when it took the lease.
    changes_before: AtomicI64,
    watch: Mutex<Option<Watch>>,
}

/// A row that another run may be changing.
#[derive(Clone, Debug)]
struct Watch {
    row: (String, i64),
    since: Instant,
    last: Instant,
}

#[derive(FromQueryResult)]
struct Row {
    holder: Option<String>,
    changes: i64,
    node: Option<String>,
    pid: Option<i64>,
    is_own_account: i64,
}

impl Lease {
    /// Renews the lease while this run holds it. Never returns.
    pub(crate) async fn keep_renewing(&self, db: &DatabaseExecutor<'_>) -> Infallible {
        #[cfg(feature = "mysql")]
        let mut connection = None;
        loop {
            sleep(RENEWAL_INTERVAL).await;
            #[cfg(feature = "mysql")]
            self.renew(db, &mut connection).await;
        }
    }

    #[cfg(feature = "mysql")]
    async fn renew(&self, db: &DatabaseExecutor<'_>, connection: &mut Option<DatabaseConnection>) {
        let holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Some(holder), DatabaseExecutor::Connection(db)) = (holder, db) {
            let connection = connection.get_or_insert_with(|| lazy_connection(db));
            let renew = "UPDATE sea_orm_runner_lock SET changes = changes + 1 WHERE id = 1 AND holder = ?";
            // If this fails, the next one may succeed. Whether the lease is lost is asked before the history is updated.
            let _ = connection.execute_raw(about(renew, [holder.into()])).await;
        }
    }

    /// Forgets that this run holds the lease.
    pub(crate) fn forget(&self) {
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether the migration that failed in this session has sent no statement that changes rows, so that it may run again: the
    /// statement of a run that was killed may still have arrived from another node. Not elsewhere than on Galera.
    pub(crate) async fn has_changed_no_row(&self, own: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let is_held = self.holder.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        Ok(is_held && count_row_changes(own).await? == self.changes_before.load(Ordering::SeqCst))
    }

    /// Whether the holder has not changed the row for so long that it must be gone.
    fn has_expired(&self, row: (String, i64)) -> bool {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, seen) = (Instant::now(), watch.take());
        let next = Watch::next(seen, row, now);
        let has_expired = next.has_expired();
        *watch = Some(next);
        has_expired
    }
}

impl Watch {
    fn next(seen: Option<Self>, row: (String, i64), now: Instant) -> Self {
        match seen {
            Some(seen) if seen.row == row && now - seen.last <= MAX_GAP => Self { last: now, ..seen },
            _ => Self { row, since: now, last: now },
        }
    }

    fn has_expired(&self) -> bool {
        self.last - self.since >= LEASE_DURATION
    }
}

/// Takes the lease, if it is free or has expired. From then on the statements of this session see what others have committed
/// on other nodes, also in the catalog, unless they are inside a transaction.
pub(super) async fn try_take(db: &impl ConnectionTrait, lease: &Lease) -> Result<bool, DbErr> {
    db.execute_unprepared("SET SESSION wsrep_sync_wait = 15").await?;
    match try_to_take(db, lease).await {
        // Another node was faster, or a change of the schema stops the cluster.
        Err(error) if ErrorKind::of(&error) == ErrorKind::Lock => Ok(false),
        taken => taken,
    }
}

async fn try_to_take(db: &impl ConnectionTrait, lease: &Lease) -> Result<bool, DbErr> {
    let row = read_or_insert_row(db).await?;
    let node = node(db).await?;
    let free = match &row.holder {
        None => true,
        Some(holder) => {
            let has_expired = lease.has_expired((holder.clone(), row.changes));
            match is_holder_alive(db, &row, &node).await? {
                Some(is_alive) => !is_alive,
                None => has_expired,
            }
        }
    };
    if !free {
        return Ok(false);
    }
    let own = format!("{:032x}", fastrand::u128(..));
    let holder = Value::from(row.holder);
    let take = about(include_str!("galera/take.sql"), [own.clone().into(), node.into(), holder, row.changes.into()]);
    if db.execute_raw(take).await?.rows_affected() == 0 {
        return Ok(false);
    }
    db.execute_unprepared(&format!("SET @sea_orm_runner_holder = '{own}'")).await?;
    lease.changes_before.store(count_row_changes(db).await?, Ordering::SeqCst);
    *lease.holder.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
    Ok(true)
}

/// How many statements this session has sent to change rows.
async fn count_row_changes(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let rows = db.query_all_raw(about(include_str!("galera/changes.sql"), [])).await?;
    let counts =
        rows.iter().map(|row| row.try_get_by_index::<String>(1).map(|count| count.parse::<i64>().unwrap_or(1)));
    counts.sum()
}

/// Whether the holder's session lives; `None` if this node cannot tell: the session is on another node, or hidden from this role.
async fn is_holder_alive(db: &impl ConnectionTrait, row: &Row, node: &str) -> Result<Option<bool>, DbErr> {
    let (Some(pid), true) = (row.pid, row.node.as_deref() == Some(node)) else { return Ok(None) };
    let sql = "SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.PROCESSLIST WHERE ID = ?";
    let is_seen = query_value::<i64>(db, about(sql, [pid.into()])).await? > 0;
    Ok((is_seen || row.is_own_account == 1).then_some(is_seen))
}

/// Reads the row; inserts it first if it is missing.
async fn read_or_insert_row(db: &impl ConnectionTrait) -> Result<Row, DbErr> {
    let found = match read_row(db).await {
        Err(error) if is_missing_table(&error) => {
            db.execute_unprepared(include_str!("galera/create.sql")).await?;
            None
        }
        found => found?,
    };
    if let Some(row) = found {
        return Ok(row);
    }
    db.execute_unprepared("INSERT IGNORE INTO sea_orm_runner_lock (id) VALUES (1)").await?;
    read_row(db).await?.ok_or_else(|| DbErr::RecordNotFound("the row of the migration lock".to_owned()))
}

async fn read_row(db: &impl ConnectionTrait) -> Result<Option<Row>, DbErr> {
    let row = db.query_one_raw(about(include_str!("galera/read.sql"), [])).await?;
    row.map(|row| Row::from_query_result(&row, "")).transpose()
}

/// This node since its last start.
async fn node(db: &impl ConnectionTrait) -> Result<String, DbErr> {
    let row = db.query_one_raw(about("SHOW STATUS LIKE 'wsrep_gcomm_uuid'", [])).await?;
    row.map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(1))
}

/// The name of this session in the row, if it has taken the lease.
pub(super) async fn holder(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    query_value(db, about(&format!("SELECT {HOLDER}"), [])).await
}

pub(super) async fn is_held_by(db: &impl ConnectionTrait, holder: String) -> Result<bool, DbErr> {
    let sql = "SELECT CAST(COUNT(*) AS SIGNED) FROM sea_orm_runner_lock WHERE id = 1 AND holder = ?";
    query_value::<i64>(db, about(sql, [holder.into()])).await.map(|rows| rows == 1)
}

pub(super) async fn release(db: &impl ConnectionTrait, holder: String) -> Result<(), DbErr> {
    let sql = "UPDATE sea_orm_runner_lock SET holder = NULL, changes = changes + 1 WHERE id = 1 AND holder = ?";
    db.execute_raw(about(sql, [holder.into()])).await.map(drop)
}

pub(super) async fn lock_holders(db: &impl ConnectionTrait) -> Result<Vec<Session>, DbErr> {
    sessions(db, about(include_str!("galera/holders.sql"), [])).await
}

/// Opened when it is used.
#[cfg(feature = "mysql")]
fn lazy_connection(db: &DatabaseConnection) -> DatabaseConnection {
    let pool = db.get_mysql_connection_pool();
    let pool = alone(pool.options()).connect_lazy_with((*pool.connect_options()).clone());
    SqlxMySqlConnector::from_sqlx_mysql_pool(pool)
}

fn about<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    if N == 0 {
        return Statement::from_string(DbBackend::MySql, sql);
    }
    Statement::from_sql_and_values(DbBackend::MySql, sql, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments at which the row was seen, in milliseconds, and how often it had been changed by then.
    fn expires(seen: &[(u64, i64)]) -> bool {
        let began = Instant::now();
        let next = |watch, (at, changes): &(u64, i64)| {
            Some(Watch::next(watch, ("holder".to_owned(), *changes), began + Duration::from_millis(*at)))
        };
        seen.iter().fold(None, next).is_some_and(|watch: Watch| watch.has_expired())
    }

    #[test]
    fn a_lease_expires_when_its_row_stays_the_same() {
        assert!(!expires(&[(0, 1)]));
        assert!(!expires(&[(0, 1), (3_000, 1), (6_000, 1), (9_900, 1)]));
        assert!(expires(&[(0, 1), (3_000, 1), (6_000, 1), (10_000, 1)]));
    }

    #[test]
    fn a_renewed_lease_does_not_expire() {
        assert!(!expires(&[(0, 1), (4_000, 2), (8_000, 2), (12_000, 2)]));
        assert!(expires(&[(0, 1), (4_000, 2), (8_000, 2), (12_000, 2), (14_000, 2)]));
    }

    #[test]
    fn the_time_in_which_the_cluster_is_stopped_does_not_count() {
        assert!(!expires(&[(0, 1), (4_000, 1), (60_000, 1)]));
        assert!(!expires(&[(0, 1), (4_000, 1), (60_000, 1), (65_000, 1), (69_900, 1)]));
        assert!(expires(&[(0, 1), (4_000, 1), (60_000, 1), (65_000, 1), (70_000, 1)]));
    }
}

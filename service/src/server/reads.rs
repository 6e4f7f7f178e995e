//! Where lists, calls and costs are read: on a replica while it is fresh enough, else on the primary.
//!
//! How stale a replica is, it cannot tell itself: it may have lost its primary. So the primary is asked how far its log is,
//! every second, and the replica, how much of that it has replayed. What it has replayed was all there was at that second.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, TryGetable};
use sea_orm_connect::{Access, DatabaseUrl, ErrorKind, PoolOptions, PoolerSafe};

/// The interval between checks of the replica.
pub(super) const REPLICA_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How long a check may take: until it ends, the result of the last one counts.
const REPLICA_CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// How many positions of the primary, one a second, are remembered while the replica replays nothing.
const MAX_REMEMBERED_POSITIONS: usize = 1_000;

/// The connections for reads. A statement that a replica does not answer is sent to the primary.
#[derive(Debug)]
pub(super) struct Reads {
    primary: PoolerSafe,
    replica: Option<Replica>,
}

/// A replica, and how far it is.
#[derive(Debug)]
pub(super) struct Replica {
    url: DatabaseUrl,
    schema: Option<String>,
    options: PoolOptions,
    max_staleness: Duration,
    /// Once it could be reached.
    pool: OnceLock<PoolerSafe>,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    /// How far the primary was, and when.
    written: VecDeque<(Instant, Position)>,
    /// The replica has all that was written by then.
    fresh_at: Option<Instant>,
    /// What was logged last.
    was_used: bool,
}

/// A place in the log of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Position {
    /// In bytes (PostgreSQL).
    Bytes(i64),
    /// The last number of each domain (MariaDB).
    Gtids(BTreeMap<u32, u64>),
}

impl Reads {
    pub(super) fn new(primary: PoolerSafe, replica: Option<Replica>) -> Self {
        Self { primary, replica }
    }

    /// `replica` or `primary`, if a replica is configured.
    pub(super) fn source(&self) -> Option<&'static str> {
        self.replica.as_ref().map(|replica| if replica.fresh().is_some() { "replica" } else { "primary" })
    }

    /// Finds out how far the replica is. `db` is the primary.
    pub(super) async fn check_replica(&self, db: &PoolerSafe) {
        if let Some(replica) = &self.replica {
            replica.check(db).await;
        }
    }

    /// The replica, if it is fresh.
    fn replica(&self) -> Option<(&Replica, &PoolerSafe)> {
        let replica = self.replica.as_ref()?;
        replica.fresh().map(|pool| (replica, pool))
    }
}

impl Replica {
    /// Not connected yet: a replica that is gone must not keep the service from starting.
    pub(super) fn new(url: DatabaseUrl, schema: Option<&str>, options: PoolOptions, max_staleness: Duration) -> Self {
        let (schema, pool, progress) = (schema.map(str::to_owned), OnceLock::new(), Mutex::default());
        Self { url, schema, options, max_staleness, pool, progress }
    }

    fn fresh(&self) -> Option<&PoolerSafe> {
        self.pool.get().filter(|_| self.staleness().is_some_and(|staleness| staleness <= self.max_staleness))
    }

    /// At most; `None` if it is not known.
    fn staleness(&self) -> Option<Duration> {
        self.progress().fresh_at.map(|fresh_at| fresh_at.elapsed())
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After it did not answer: reads go to the primary until it has answered a check.
    fn mark_lost(&self) {
        self.progress().fresh_at = None;
    }

    async fn check(&self, primary: &PoolerSafe) {
        let checked = tokio::time::timeout(REPLICA_CHECK_TIMEOUT, self.try_to_check(primary)).await;
        let problem = match checked {
            Ok(Ok(())) => None,
            Ok(Err(problem)) => Some(problem),
            Err(_) => Some("it does not answer in time".to_owned()),
        };
        let staleness = self.staleness();
        let is_used = self.fresh().is_some();
        metrics::gauge!("reads_from_replica").set(if is_used { 1.0 } else { 0.0 });
        metrics::gauge!("replica_staleness_seconds").set(staleness.map_or(f64::INFINITY, |lag| lag.as_secs_f64()));
        let was_used = std::mem::replace(&mut self.progress().was_used, is_used);
        match (was_used, is_used) {
            (false, true) => tracing::info!(replica = %self.url, "reads go to the replica"),
            (true, false) => {
                let reason = problem.unwrap_or_else(|| "it lags".to_owned());
                tracing::warn!(replica = %self.url, reason, "reads go to the primary");
            }
            _ => {}
        }
    }

    async fn try_to_check(&self, primary: &PoolerSafe) -> Result<(), String> {
        let now = Instant::now();
        let unreadable = |error: DbErr| sea_orm_connect::message_of(&error);
        let written = Position::written(primary).await.map_err(unreadable)?;
        {
            let mut progress = self.progress();
            progress.written.push_back((now, written.ok_or("the primary writes no binary log")?));
            if progress.written.len() > MAX_REMEMBERED_POSITIONS {
                progress.written.pop_front();
            }
        }
        let pool = if let Some(pool) = self.pool.get() {
            pool
        } else {
            let schema = self.schema.as_deref();
            let opened = PoolerSafe::connect_with(&self.url, schema, Access::ReadOnly, self.options.clone()).await;
            let opened = opened.map_err(|error| sea_orm_kit::error_chain(&error))?;
            if opened.get_database_backend() != primary.get_database_backend() {
                return Err("it is another kind of database".to_owned());
            }
            self.pool.get_or_init(|| opened)
        };
        let replayed = Position::replayed(pool).await.inspect_err(|_| self.mark_lost()).map_err(unreadable)?;
        let Some(replayed) = replayed else {
            self.mark_lost();
            return Err("it is not a replica".to_owned());
        };
        let mut progress = self.progress();
        while let Some((at, _)) = progress.written.front().filter(|(_, written)| replayed.includes(written)) {
            progress.fresh_at = Some(*at);
            progress.written.pop_front();
        }
        Ok(())
    }
}

impl Position {
    async fn written(db: &PoolerSafe) -> Result<Option<Self>, DbErr> {
        match db.get_database_backend() {
            DbBackend::MySql => Self::gtids(db, "SELECT @@GLOBAL.gtid_binlog_pos").await,
            _ => Self::bytes(db, "SELECT (pg_catalog.pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint").await,
        }
    }

    /// `None` if it is not a replica.
    async fn replayed(db: &PoolerSafe) -> Result<Option<Self>, DbErr> {
        if db.get_database_backend() == DbBackend::MySql {
            return Self::gtids(db, "SELECT @@GLOBAL.gtid_slave_pos").await;
        }
        let sql = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() \
            THEN (pg_catalog.pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END";
        Self::bytes(db, sql).await
    }

    async fn bytes(db: &PoolerSafe, sql: &str) -> Result<Option<Self>, DbErr> {
        value::<Option<i64>>(db, sql).await.map(|bytes| bytes.flatten().map(Self::Bytes))
    }

    async fn gtids(db: &PoolerSafe, sql: &str) -> Result<Option<Self>, DbErr> {
        Ok(value::<String>(db, sql).await?.and_then(|text| Self::parse_gtids(&text)))
    }

    /// `0-1-100,1-2-5`: domain, server and number. Source: <https://mariadb.com/kb/en/gtid/>.
    fn parse_gtids(text: &str) -> Option<Self> {
        let gtid = |gtid: &str| {
            let (domain, rest) = gtid.trim().split_once('-')?;
            let (_, number) = rest.split_once('-')?;
            Some((domain.parse().ok()?, number.parse().ok()?))
        };
        text.split(',').map(gtid).collect::<Option<BTreeMap<u32, u64>>>().map(Self::Gtids)
    }

    /// Whether a server that is here has all that another one had there.
    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bytes(here), Self::Bytes(there)) => here >= there,
            (Self::Gtids(here), Self::Gtids(there)) => {
                there.iter().all(|(domain, number)| here.get(domain).is_some_and(|here| here >= number))
            }
            _ => false,
        }
    }
}

async fn value<T: TryGetable>(db: &PoolerSafe, sql: &str) -> Result<Option<T>, DbErr> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Whether the primary would answer otherwise: not where the statement took too long, which it would do there, too.
fn may_ask_primary(replica: &Replica, error: &DbErr) -> bool {
    if ErrorKind::of(error) == ErrorKind::Connection {
        replica.mark_lost();
    }
    !ErrorKind::is_time_out(error)
}

#[async_trait::async_trait]
impl ConnectionTrait for Reads {
    fn get_database_backend(&self) -> DbBackend {
        self.primary.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.primary.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.primary.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if let Some((replica, pool)) = self.replica() {
            match pool.query_one_raw(statement.clone()).await {
                Err(error) if may_ask_primary(replica, &error) => {}
                read => return read,
            }
        }
        self.primary.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if let Some((replica, pool)) = self.replica() {
            match pool.query_all_raw(statement.clone()).await {
                Err(error) if may_ask_primary(replica, &error) => {}
                read => return read,
            }
        }
        self.primary.query_all_raw(statement).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_has_all_of_its_primary_if_it_has_each_domain() {
        let at = |text| Position::parse_gtids(text).unwrap();
        assert!(at("0-1-100").includes(&at("0-2-100")), "whichever server wrote it");
        assert!(!at("0-1-99").includes(&at("0-1-100")));
        assert!(at("0-1-101,1-1-5").includes(&at("1-1-5,0-1-100")));
        assert!(!at("0-1-101").includes(&at("0-1-100,1-1-5")), "nothing of domain 1");
        assert!(!at("0-1-100").includes(&Position::Bytes(1)));
    }

    #[test]
    fn a_server_without_a_binary_log_has_no_position() {
        assert_eq!(Position::parse_gtids(""), None);
    }
}

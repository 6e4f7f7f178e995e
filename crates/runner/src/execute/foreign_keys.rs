//! Foreign keys of SQLite, which ignores `PRAGMA foreign_keys` inside a transaction
//! (<https://www.sqlite.org/pragma.html#pragma_foreign_keys>). A migration that switches foreign keys off to rebuild a table
//! would then delete the rows that refer to it. SeaORM runs such a migration without a transaction, this runner in one, so it
//! follows SQLite's procedure (<https://www.sqlite.org/lang_altertable.html#otheralter>): foreign keys off before the
//! transaction, `PRAGMA foreign_key_check` before the commit.
//!
//! Whether a migration uses the pragma is known only while it runs. The first attempt runs in a transaction with foreign keys as
//! the connection has them. SQLite's authorizer sees each statement before it is compiled, and rejects the first one whose
//! result would depend on the setting that the migration asked for. Nothing is lost: everything is rolled back, and the migration
//! runs again in a transaction with the other setting.
//!
//! If that contradicts the migration too, because it relies on foreign keys in one place and switches them off in another, no
//! single transaction can run it. It runs as SeaORM runs it, on one connection without a transaction, with an exclusive lock on
//! the file; if it is killed half-way, its changes until then stay. If it asks for a transaction, it is rejected.
//!
//! After a migration foreign keys are as it left them, for the next one; after a run, and after an error, as before.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm_migration::sea_orm::{
    self, ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, RuntimeErr,
    SqlxError, Statement,
};
#[cfg(feature = "sqlite")]
use sqlite_authorizer::{Action, Authorizer, Decision};

/// No database is SQLite.
#[cfg(not(feature = "sqlite"))]
pub(crate) type Authorizer = ();

/// The run's connection to SQLite.
#[derive(Debug)]
pub(crate) struct ForeignKeys<'c> {
    db: &'c DatabaseConnection,
}

impl<'c> ForeignKeys<'c> {
    /// `None` for another database, and for a transaction of the caller, in which the pragma has no effect.
    pub(crate) fn of(db: &'c DatabaseExecutor<'c>) -> Option<Self> {
        match db {
            DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Sqlite => Some(Self { db }),
            _ => None,
        }
    }

    pub(crate) async fn are_enforced(&self) -> Result<bool, DbErr> {
        let row = self.db.query_one_raw(sqlite("PRAGMA foreign_keys")).await?;
        row.map_or(Ok(false), |row| row.try_get_by_index::<i32>(0).map(|enforced| enforced != 0))
    }

    pub(crate) async fn enforce(&self, enforced: bool) -> Result<(), DbErr> {
        self.db.execute_unprepared(&format!("PRAGMA foreign_keys = {}", i32::from(enforced))).await.map(drop)
    }

    /// For a transaction in which they are `enforced` or not, and a migration that assumes the setting `expected`.
    pub(crate) async fn watch(&self, enforced: bool, expected: bool) -> Result<Watch, DbErr> {
        let tables = if enforced { BTreeMap::new() } else { self.tables().await? };
        let demand = Demand { enforced, wanted: expected, is_contradicted: false, tables };
        Ok(Watch { demand: Arc::new(Mutex::new(demand)), is_on: Arc::default(), is_checked: !enforced && expected })
    }

    /// Installs the authorizer.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn install(&self, watch: &Watch) -> Result<Authorizer, DbErr> {
        let mut connection = self.db.get_sqlite_connection_pool().acquire().await.map_err(driver)?;
        let (demand, is_on) = (Arc::clone(&watch.demand), Arc::clone(&watch.is_on));
        let decide = move |action: Action<'_>| {
            if is_on.load(Ordering::SeqCst) { locked(&demand).decide(action) } else { Decision::Allow }
        };
        Authorizer::install(&mut connection, decide).await.map_err(driver)
    }

    #[cfg(not(feature = "sqlite"))]
    #[expect(clippy::unused_async, reason = "that of SQLite asks it")]
    pub(crate) async fn install(&self, _: &Watch) -> Result<Authorizer, DbErr> {
        Ok(())
    }

    /// Removes the authorizer. If this fails, the connection is gone, or the dropped authorizer allows everything.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn remove(&self, authorizer: Authorizer) {
        if let Ok(mut connection) = self.db.get_sqlite_connection_pool().acquire().await {
            let _ = Authorizer::remove(&mut connection).await;
        }
        drop(authorizer);
    }

    #[cfg(not(feature = "sqlite"))]
    #[expect(clippy::unused_async, reason = "that of SQLite asks it")]
    pub(crate) async fn remove(&self, (): Authorizer) {}

    /// The tables, in lower case, and whether a foreign key refers to them.
    async fn tables(&self) -> Result<BTreeMap<String, bool>, DbErr> {
        let rows = self.db.query_all_raw(sqlite(include_str!("foreign_keys/tables.sql"))).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index::<i32>(1)? != 0))).collect()
    }

    /// Locks the file until [`release_file`](Self::release_file), also between transactions.
    pub(crate) async fn lock_file(&self) -> Result<(), DbErr> {
        self.db.execute_unprepared("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT").await.map(drop)
    }

    /// SQLite releases the lock at the next read.
    pub(crate) async fn release_file(&self) -> Result<(), DbErr> {
        let read = "PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_master";
        self.db.execute_unprepared(read).await.map(drop)
    }
}

/// Watches which setting of foreign keys a migration asks for.
#[derive(Debug)]
pub(crate) struct Watch {
    demand: Arc<Mutex<Demand>>,
    /// Off during the runner's own statements.
    is_on: Arc<AtomicBool>,
    /// Whether to check for orphaned rows before the commit.
    is_checked: bool,
}

impl Watch {
    pub(crate) fn switch(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::SeqCst);
    }

    /// Whether the migration needs the other setting.
    pub(crate) fn is_contradicted(&self) -> bool {
        locked(&self.demand).is_contradicted
    }

    /// The setting after the migration.
    pub(crate) fn wanted(&self) -> bool {
        locked(&self.demand).wanted
    }

    /// The orphaned rows before the migration. `None` if they are not needed, or if SQLite cannot tell because a foreign key is
    /// itself wrong.
    pub(crate) async fn before(&self, db: &impl ConnectionTrait) -> Option<Vec<Violation>> {
        if self.is_checked { violations(db).await.ok() } else { None }
    }

    /// The orphaned rows that the migration has caused.
    pub(crate) async fn introduced(
        &self,
        db: &impl ConnectionTrait,
        before: Option<Vec<Violation>>,
    ) -> Result<Vec<String>, DbErr> {
        let Some(before) = before else { return Ok(Vec::new()) };
        let known =
            |violation: &Violation| before.iter().find(|known| known.is_about(violation)).map_or(0, |known| known.rows);
        let introduced = violations(db).await?.into_iter().filter(|violation| violation.rows > known(violation));
        let names: BTreeSet<_> =
            introduced.map(|violation| format!("{} to {}", violation.child, violation.parent)).collect();
        Ok(names.into_iter().collect())
    }
}

/// Orphaned rows of one table.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Violation {
    child: String,
    parent: String,
    /// The row, if it keeps its number when the table is rebuilt.
    row: Option<i64>,
    rows: i64,
}

impl Violation {
    fn is_about(&self, other: &Self) -> bool {
        self.child == other.child && self.parent == other.parent && self.row == other.row
    }
}

async fn violations(db: &impl ConnectionTrait) -> Result<Vec<Violation>, DbErr> {
    let rows = db.query_all_raw(sqlite(include_str!("foreign_keys/violations.sql"))).await?;
    rows.iter().map(|row| Violation::from_query_result(row, "")).collect()
}

/// The setting of the transaction, and the one that the migration asks for.
#[derive(Debug)]
struct Demand {
    enforced: bool,
    wanted: bool,
    is_contradicted: bool,
    /// The tables before the migration, in lower case, and whether a foreign key refers to them.
    tables: BTreeMap<String, bool>,
}

#[cfg(feature = "sqlite")]
impl Demand {
    fn decide(&mut self, action: Action<'_>) -> Decision {
        match action {
            // A rollback is allowed too.
            Action::Transaction => return Decision::Allow,
            _ if self.is_contradicted => {}
            Action::Pragma { name, value: Some(value) } if name.eq_ignore_ascii_case("foreign_keys") => {
                self.wanted = is_on(value);
            }
            _ => {
                self.is_contradicted = self.wanted != self.enforced && self.matters(action);
                if let Action::CreateTable { table } | Action::AlterTable { table } = action {
                    self.tables.remove(&table.to_ascii_lowercase());
                }
            }
        }
        if self.is_contradicted { Decision::Deny } else { Decision::Allow }
    }

    /// Whether the result of an action may depend on foreign keys.
    fn matters(&self, action: Action<'_>) -> bool {
        let (Action::Insert { table }
        | Action::Update { table, .. }
        | Action::Delete { table }
        | Action::DropTable { table }
        | Action::AlterTable { table }) = action
        else {
            return false;
        };
        let table = table.to_ascii_lowercase();
        if table.starts_with("sqlite_") {
            return false;
        }
        if self.enforced {
            return true;
        }
        // Foreign keys are off and should be on. The check before the commit finds orphaned rows, so only actions on referenced
        // tables matter. For a table that the migration created it is unknown whether others refer to it; rows are only copied
        // into a new one.
        match action {
            Action::AlterTable { .. } => false,
            Action::Insert { .. } => self.tables.get(&table) == Some(&true),
            _ => self.tables.get(&table) != Some(&false),
        }
    }
}

fn locked(demand: &Mutex<Demand>) -> std::sync::MutexGuard<'_, Demand> {
    demand.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As SQLite parses it: a number or a word. Unknown words are off.
fn is_on(value: &str) -> bool {
    match value.chars().next() {
        Some('0'..='9') => {
            let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
            // Only its lowest byte counts.
            digits.parse::<u32>().is_ok_and(|number| number & 0xff != 0)
        }
        _ => ["on", "yes", "true"].iter().any(|on| value.eq_ignore_ascii_case(on)),
    }
}

fn sqlite(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, sql)
}

fn driver(error: SqlxError) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

//! Migrating is safe: in parallel, under load, killed half-way, cut off.

mod at_once;
mod cut_off;
mod fleet;
mod in_the_way;
mod killed;
mod limits;
mod lock;
mod online;
mod pooler;
mod stopped;
mod synchronous;
mod versions;
mod waiting;

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbConn, Statement};
use tempfile::TempDir;

use super::program::{Run, call_log};
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    all, one,
};

const LEGACY: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");

/// `call-log` beside the test.
struct Running {
    child: Child,
    _folder: TempDir,
}

impl Running {
    fn start(arguments: &[&str], url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
        command.args(arguments).env_clear().env("DATABASE_URL", url).current_dir(folder.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self { child, _folder: folder }
    }

    /// Waits for it to end by itself, without keeping the test's own tasks from going on.
    async fn end(self) -> Run {
        tokio::task::spawn_blocking(|| {
            let Self { child, _folder } = self;
            let output = child.wait_with_output().unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            let code = output.status.code().expect("ended by itself");
            Run { code, stdout: text(output.stdout), stderr: text(output.stderr) }
        })
        .await
        .unwrap()
    }

    /// The next line that it writes to stderr, as soon as it does, but for those that say what begins; [`end`](Self::end) gives the
    /// rest.
    fn line(&mut self) -> String {
        loop {
            let line = self.any_line();
            if !line.starts_with("applying ") && !line.starts_with("undoing ") {
                return line;
            }
        }
    }

    #[expect(clippy::unbuffered_bytes, reason = "a buffer would take more than the line")]
    fn any_line(&mut self) -> String {
        let stderr = self.child.stderr.as_mut().unwrap();
        let bytes = stderr.bytes().map(Result::unwrap);
        let mut line = Vec::new();
        for byte in bytes {
            line.push(byte);
            if byte == b'\n' {
                break;
            }
        }
        String::from_utf8(line).unwrap()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

/// A database with a `call_log` that no migration made, with rows.
async fn legacy(server: Server) -> Option<Database> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    if server == Postgres {
        db.execute_unprepared(LEGACY).await.unwrap();
    } else {
        Migrator::up(&db, Some(1)).await.unwrap();
        for statement in [
            "INSERT INTO call_log (business_id, call_sid, transcription) VALUES (1, 'CA1', 'שלום'), (2, 'CA2', NULL)",
            "DROP TABLE seaql_migrations",
        ] {
            db.execute_unprepared(statement).await.unwrap();
        }
        if server == MySqlOrMariaDb {
            // What the migration says of its own work.
            db.execute_unprepared("ALTER TABLE call_log COMMENT ''").await.unwrap();
        }
    }
    db.close().await.unwrap();
    Some(database)
}

/// The migrations of this program, in their order.
fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// The first of them, up to the first that must not run in a transaction.
fn in_transactions() -> Vec<String> {
    let migrations = Migrator::migrations().into_iter();
    let first = migrations.take_while(|migration| migration.use_transaction() != Some(false));
    first.map(|migration| migration.name().to_owned()).collect()
}

/// Undoes them all, or those that are left.
fn undo_all(url: &str) -> Run {
    call_log(&UNDO_ALL, url)
}

/// As many as there may ever be.
const UNDO_ALL: [&str; 4] = ["migrate", "down", "-n", "1000"];

/// Every row of `call_log` as it was before migration 51, as text.
async fn rows(db: &DbConn) -> Vec<String> {
    let columns = "id, business_id, call_sid, from_number, status, duration, transcription, created_at";
    let row = match Server::of(db) {
        Postgres => format!("ROW({columns})::text"),
        MySqlOrMariaDb => format!("CAST(JSON_ARRAY({columns}) AS CHAR)"),
        Sqlite => format!("json_array({columns})"),
    };
    all(db, &format!("SELECT {row} AS line FROM call_log ORDER BY id")).await
}

/// What is on record, in the order of the names.
async fn history(db: &DbConn) -> Vec<String> {
    all(db, "SELECT version FROM seaql_migrations ORDER BY version").await
}

/// Waits until so many sessions wait for `call_log` (PostgreSQL).
async fn until_waiting(db: &DbConn, sessions: i64) {
    until_waiting_for(db, "call_log", sessions).await;
}

/// The same of any table.
async fn until_waiting_for(db: &DbConn, table: &str, sessions: i64) {
    let began = Instant::now();
    let waiting = format!("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass");
    while one::<i64>(db, &waiting).await < sessions {
        assert!(began.elapsed() < Duration::from_mins(1), "they do not wait");
        sleep(10).await;
    }
}

/// The number of the session that this transaction runs in.
async fn pid_of(transaction: &DatabaseTransaction) -> i64 {
    let sql = match transaction.get_database_backend() {
        sea_orm::DbBackend::Postgres => "SELECT pg_backend_pid()::int8",
        _ => "SELECT CAST(CONNECTION_ID() AS SIGNED)",
    };
    let asked = Statement::from_string(transaction.get_database_backend(), sql);
    transaction.query_one_raw(asked).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// What a person who runs the test with `--nocapture` wants to know.
#[expect(clippy::print_stdout, reason = "the figures of the documentation come from here")]
fn print(line: &str) {
    println!("{line}");
}

/// A column that MariaDB dropped at once still takes its place in each row, and some day there is none left for another.
async fn rebuild(db: &DbConn) {
    if Server::of(db) == MySqlOrMariaDb {
        db.execute_unprepared("ALTER TABLE call_log FORCE").await.unwrap();
    }
}

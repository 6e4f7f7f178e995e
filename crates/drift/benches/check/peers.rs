//! What others take for the catalogue of the same database: the check's own statements with their rows only fetched,
//! `pg_dump -s` and plain queries in `psql`, and `SHOW CREATE TABLE`.

use std::{
    hint::black_box,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use test_servers::start;

use crate::{
    samples::Samples,
    statements::{Statements, replay},
    workload::{Backend, Database, Result, Server, assert_in_sync, create, entities, version},
};

/// So long for all of them together; but each at least once.
const BUDGET: Duration = Duration::from_secs(30);
const ROUNDS: usize = 21;

/// The columns of a [`row`].
pub(crate) const HEADER: &str = "\
| database | tables | this check | peer | its time | peer / check |
|---|--:|--:|---|--:|--:|";

#[derive(Clone, Copy)]
enum Peer {
    Fetch,
    Dump,
    Sets,
    ShowCreate,
}

impl Peer {
    fn of(backend: Backend) -> &'static [Self] {
        match backend {
            Backend::Postgres => &[Self::Fetch, Self::Dump, Self::Sets],
            Backend::MariaDb => &[Self::Fetch, Self::ShowCreate],
            Backend::Sqlite => &[Self::Fetch],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Fetch => "its statements, rows only fetched",
            Self::Dump => "`pg_dump -s`",
            Self::Sets => "five plain queries in `psql`",
            Self::ShowCreate => "`SHOW CREATE TABLE` for each",
        }
    }

    async fn run(self, db: &DatabaseConnection, database: &Database, own: &[Statement], tables: usize) -> Result<()> {
        match self {
            Self::Fetch => {
                black_box(replay(db, own).await?);
                Ok(())
            }
            Self::Dump => program("pg_dump", &["-s", "-d", &database.url]),
            Self::Sets => program("psql", &["-X", "-q", "-A", "-d", &database.url, "-c", include_str!("sets.sql")]),
            Self::ShowCreate => {
                for number in 0..tables {
                    let sql = format!("SHOW CREATE TABLE order_{number}");
                    let statement = Statement::from_string(db.get_database_backend(), sql);
                    black_box(db.query_all_raw(statement).await?);
                }
                Ok(())
            }
        }
    }
}

fn program(name: &str, arguments: &[&str]) -> Result<()> {
    let path = start::find(name, "/usr/lib/postgresql").ok_or_else(|| format!("{name} is not installed"))?;
    let status = Command::new(path).args(arguments).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {status}").into()) }
}

/// Measures the check of `tables` tables on `server`, and its peers, in turns.
pub(crate) async fn rows(server: &Server, tables: usize) -> Result<Vec<String>> {
    let peers = Peer::of(server.backend);
    let database = server.create_database(&format!("peers_{tables}")).await?;
    create(&database, tables).await?;
    let mut db = database.connect().await?;
    let statements = Statements::of(&mut db);
    let entities = entities(tables);
    assert_in_sync(&db, &entities).await?;
    let own = statements.take();
    let name = version(&db, server.backend).await?;

    let mut checks = Vec::new();
    let mut times = vec![Vec::new(); peers.len()];
    let begin = Instant::now();
    while checks.len() < ROUNDS && (checks.is_empty() || begin.elapsed() < BUDGET) {
        let start = Instant::now();
        black_box(entities.check(&db).await?);
        checks.push(start.elapsed());
        statements.take();
        for (peer, times) in peers.iter().zip(&mut times) {
            let start = Instant::now();
            peer.run(&db, &database, &own, tables).await?;
            times.push(start.elapsed());
        }
    }
    db.close().await?;
    server.drop_database(database).await?;

    let check = Samples::of(checks);
    let rows = peers.iter().zip(times).map(|(peer, times)| {
        let (peer, time) = (peer.name(), Samples::of(times));
        format!("| {name} | {tables} | {check} | {peer} | {time} | {:.2} |", time.ratio(&check))
    });
    Ok(rows.collect())
}

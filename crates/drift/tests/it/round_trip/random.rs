//! Random tables on real servers: what is created gives nothing, and one change gives exactly that difference.

mod change;
mod properties;
mod table;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn};
use sea_orm_drift::{Entities, Report};
use tokio::runtime::Runtime;

use self::{
    change::{RandomChange, any_change},
    table::{RandomTable, any_table},
};
use crate::servers::{
    self,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// Cases of each test.
const CASES: u32 = 40;

#[rstest]
fn nothing_differs_until_something_is_changed(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let runtime = runtime();
    let Some(database) = runtime.block_on(server.empty_database()) else { return };
    let db = runtime.block_on(database.connect());
    runtime.block_on(execute(&db, "CREATE TABLE parent (id integer NOT NULL PRIMARY KEY)")).unwrap();

    let cases = any_table().prop_flat_map(|table| {
        let change = any_change(&table);
        (proptest::strategy::Just(table), change)
    });
    random_cases(&cases, |(table, change)| {
        let outcome = runtime.block_on(round_trip(&db, server, &table, &change));
        runtime.block_on(execute(&db, &table.drop_sql(server))).ok();
        outcome.map_err(|why| TestCaseError::fail(format!("{why}\n\n{}", table.create_sql(server).join(";\n"))))
    });
}

/// Tests random cases. A failure prints the case, and the seed that makes it again.
fn random_cases<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let seed = servers::seed();
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    match runner.run(strategy, test) {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n\n{case:?}\n\nagain with TEST_SEED={seed}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn round_trip(db: &DbConn, server: Server, table: &RandomTable, change: &RandomChange) -> Result<(), String> {
    for sql in table.create_sql(server) {
        execute(db, &sql).await?;
    }
    let entities = Entities::new().add_table(table.statement(), table.index_statements());
    expect(&[], &checked(&entities, db).await?)?;
    for sql in change.sql(table, server) {
        execute(db, &sql).await?;
    }
    let report = checked(&entities, db).await?;
    expect(&change.expected(table, server), &report).map_err(|why| format!("{why}\n\n{report}"))
}

async fn checked(entities: &Entities, db: &DbConn) -> Result<Report, String> {
    entities.check(db).await.map_err(|error| format!("{error}: {:?}", std::error::Error::source(&error)))
}

async fn execute(db: &DbConn, sql: &str) -> Result<(), String> {
    db.execute_unprepared(sql).await.map(|_| ()).map_err(|error| format!("{sql}: {error}"))
}

/// Rules and what they are about, in any order.
fn expect(expected: &[String], report: &Report) -> Result<(), String> {
    let mut expected = expected.to_vec();
    let mut found: Vec<String> = report
        .differences
        .iter()
        .map(|difference| format!("{} {}", difference.change.rule(), difference.object()))
        .chain(report.unchecked.iter().map(|unchecked| format!("{unchecked:?}")))
        .collect();
    expected.sort();
    found.sort();
    if found == expected { Ok(()) } else { Err(format!("expected {expected:#?}, found {found:#?}")) }
}

//! Compares a plan with the statements that `up` then runs. Also part of the workspace's tests, for their migrator.

use std::sync::{Arc, Mutex};

use sea_orm::{DatabaseExecutor, DbConn};
use sea_orm_migration::MigratorTrait;
use sea_orm_plan::{Plan, plan};
use sea_orm_runner::{Event, Runner, Settings};

/// The changing statements that `up` reports. They have placeholders for values.
async fn up<M: MigratorTrait>(db: &DbConn) -> Vec<String> {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&reported);
    let runner = Runner::new().with_listener(move |event| {
        if let Event::Statement { sql, .. } = event
            && !["SELECT", "SET lock_timeout", "RESET lock_timeout"].iter().any(|start| sql.starts_with(start))
        {
            listener.lock().unwrap().push(sql.clone());
        }
    });
    runner.up::<M>(&DatabaseExecutor::Connection(db), None).await.unwrap();
    let reported = reported.lock().unwrap().clone();
    reported.into_iter().filter(|sql| !sql.contains("seaql_")).collect()
}

/// Whether `filled` is the statement `template` with its values filled in.
fn fills_in(filled: &str, template: &str) -> bool {
    let mut rest = filled;
    template.split(['?', '$']).enumerate().all(|(number, part)| {
        let part = if number == 0 { part } else { part.trim_start_matches(|digit: char| digit.is_ascii_digit()) };
        let found = rest.find(part).filter(|at| number > 0 || *at == 0);
        rest = found.map_or("", |at| &rest[at + part.len()..]);
        found.is_some()
    })
}

/// Plans, runs, and compares. Returns the number of statements.
pub(super) async fn compare<M: MigratorTrait + 'static>(db: &DbConn) -> usize {
    let plan = async || -> Plan { plan::<M>(db, &Settings::default()).await.unwrap() };
    let before = plan().await;
    assert!(before.migrations.iter().all(|migration| migration.incomplete_reason.is_none()), "{before:#?}");
    let planned: Vec<String> = before.statements().map(|statement| statement.sql.clone()).collect();
    let reported = up::<M>(db).await;
    assert_eq!(planned.len(), reported.len(), "{planned:#?}\n{reported:#?}");
    for (planned, reported) in planned.iter().zip(&reported) {
        assert!(fills_in(planned, reported), "{planned}\n{reported}");
    }
    assert!(plan().await.is_empty());
    planned.len()
}

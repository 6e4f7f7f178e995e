//! The check, its own statements with their rows only fetched, and `SeaORM`'s `sync`, in turns on one connection.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use crate::{
    samples::Samples,
    statements::{Statements, replay},
    sync::{self, sync},
    workload::{Result, Server, assert_in_sync, create, entities, version},
};

/// So long for the check and its statements, and as long again for `sync`; but each at least once.
const BUDGET: Duration = Duration::from_secs(20);
const ROUNDS: usize = 51;

/// The columns of a [`row`].
pub(crate) const HEADER: &str = "\
| database | tables | this check | its statements, rows only fetched | check / fetched | first check of a connection | `sync` | sync / check | statements: check | statements: `sync` |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// Whose turn it is.
enum Turn {
    Check,
    Fetch,
}

/// Measures `tables` tables on `server`.
pub(crate) async fn row(server: &Server, tables: usize) -> Result<String> {
    let database = server.create_database(&format!("of_{tables}")).await?;
    create(&database, tables).await?;
    let mut db = database.connect().await?;
    let statements = Statements::of(&mut db);
    let entities = entities(tables);

    let start = Instant::now();
    assert_in_sync(&db, &entities).await?;
    let first = start.elapsed();
    let own = statements.take();
    replay(&db, &own).await?;

    let name = version(&db, server.backend).await?;
    let (mut checks, mut fetches, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    let mut sent = String::new();
    while checks.len() < ROUNDS && checks.iter().chain(&fetches).sum::<Duration>() < BUDGET {
        // Each goes first in every second round.
        let order = if checks.len() % 2 == 0 { [Turn::Check, Turn::Fetch] } else { [Turn::Fetch, Turn::Check] };
        for turn in order {
            let start = Instant::now();
            match turn {
                Turn::Check => {
                    black_box(entities.check(&db).await?);
                    checks.push(start.elapsed());
                }
                Turn::Fetch => {
                    black_box(replay(&db, &own).await?);
                    fetches.push(start.elapsed());
                }
            }
        }
        statements.take();
        if syncs.iter().sum::<Duration>() < BUDGET {
            let start = Instant::now();
            let result = sync(&db, tables).await;
            syncs.push(start.elapsed());
            sent = sync::summary(&result, &statements.take());
            replay(&db, &own).await?;
        }
    }
    assert_in_sync(&db, &entities).await?;
    db.close().await?;
    server.drop_database(database).await?;

    let (check, fetch, sync) = (Samples::of(checks), Samples::of(fetches), Samples::of(syncs));
    let (to_fetch, to_sync) = (check.ratio(&fetch), sync.ratio(&check));
    let first = Samples::of(vec![first]);
    let own = own.len();
    Ok(format!(
        "| {name} | {tables} | {check} | {fetch} | {to_fetch:.2} | {first} | {sync} | {to_sync:.0} | {own} | {sent} |"
    ))
}

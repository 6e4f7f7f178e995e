//! The check, its own statements with their rows merely fetched, and `SeaORM`'s `sync`, in turns on one connection.

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

/// Within this a round is begun; whatever takes longer is done at least thrice, `sync` once.
const BUDGET: Duration = Duration::from_secs(20);
const ROUNDS: usize = 51;

/// The columns of a [`row`].
pub(crate) const HEADER: &str = "\
| database | tables | this check | its statements, rows merely fetched | check / fetched | first check of a connection | `SchemaBuilder::sync` | sync / check |
|---|--:|--:|--:|--:|--:|--:|--:|";

/// Measures `tables` tables on `server`. `notes` learns what else is to be said.
pub(crate) async fn row(server: &Server, tables: usize, notes: &mut Vec<String>) -> Result<String> {
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
    let mut note = None;
    let begin = Instant::now();
    while checks.len() < 3 || (checks.len() < ROUNDS && begin.elapsed() < BUDGET) {
        let start = Instant::now();
        black_box(entities.check(&db).await?);
        checks.push(start.elapsed());

        let start = Instant::now();
        black_box(replay(&db, &own).await?);
        fetches.push(start.elapsed());

        if note.is_none() || begin.elapsed() < BUDGET {
            statements.take();
            let start = Instant::now();
            let result = sync(&db, tables).await;
            syncs.push(start.elapsed());
            note = Some(sync::note(&format!("{name}, {tables} tables"), &result, &statements.take()));
        }
    }
    notes.extend(note);
    assert_in_sync(&db, &entities).await?;
    db.close().await?;
    server.drop_database(database).await?;

    let (check, fetch, sync) = (Samples::of(checks), Samples::of(fetches), Samples::of(syncs));
    let (to_fetch, to_sync) = (check.ratio(&fetch), sync.ratio(&check));
    let first = Samples::of(vec![first]);
    Ok(format!("| {name} | {tables} | {check} | {fetch} | {to_fetch:.2} | {first} | {sync} | {to_sync:.0} |"))
}

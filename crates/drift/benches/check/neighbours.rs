//! The check of one table in a small and in a large database: what entities do not name should cost nothing.

use std::{hint::black_box, time::Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use crate::{
    samples::Samples,
    workload::{Backend, Result, Server, assert_in_sync, create, entities, version},
};

const FEW: usize = 10;
/// The larger database.
pub(crate) const MANY: usize = 10_000;
const ROUNDS: usize = 401;

/// The columns of a [`row`].
pub(crate) const HEADER: &str = "\
| database | one table of 10 | one table of 10,000 | ratio |
|---|--:|--:|--:|";

/// Measures one table between few and between many others on `server`.
pub(crate) async fn row(server: &Server) -> Result<String> {
    let databases = [server.create_database("few").await?, server.create_database("many").await?];
    let mut connections = Vec::new();
    for (database, tables) in databases.iter().zip([FEW, MANY]) {
        create(database, 1).await?;
        let db = database.connect().await?;
        add_neighbours(&db, server.backend, tables - 1).await?;
        database.settle(&db).await?;
        db.close().await?;
        connections.push(database.connect().await?);
    }

    let entities = entities(1);
    for db in &connections {
        assert_in_sync(db, &entities).await?;
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (db, times) in connections.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(entities.check(db).await?);
            times.push(start.elapsed());
        }
    }

    let name = version(&connections[0], server.backend).await?;
    for db in connections {
        db.close().await?;
    }
    for database in databases {
        server.drop_database(database).await?;
    }
    let [few, many] = times.map(Samples::of);
    Ok(format!("| {name} | {few} | {many} | {:.2} |", many.ratio(&few)))
}

async fn add_neighbours(db: &DatabaseConnection, backend: Backend, count: usize) -> Result<()> {
    // PostgreSQL locks each table until the end of a transaction, and has room for some thousands of locks.
    let batch = if backend == Backend::Postgres { 1_000 } else { count };
    for first in (0..count).step_by(batch.max(1)) {
        let transaction = db.begin().await?;
        for number in first..(first + batch).min(count) {
            let sql = format!("CREATE TABLE neighbour_{number} (id integer PRIMARY KEY, name varchar(64) NOT NULL)");
            transaction.execute_unprepared(&sql).await?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

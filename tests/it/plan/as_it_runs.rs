//! What is planned is what then runs.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
};

use migration::{
    DbErr, MigrationName, MigrationTrait, Migrator, MigratorTrait, SchemaManager, async_trait,
    sea_query::{Expr, ExprTrait, Index, Query, Table},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn};
use sea_orm_migration::schema::{integer_null, string};
use sea_orm_plan::{Batches, Mode, Transaction, Work};
use sea_orm_runner::{Backfill, Event, Runner, online};

use super::{migrator, one, plan, sql};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

const BEFORE: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");
const HALFWAY: &str = include_str!("../../fixtures/legacy/call_log_halfway_51.sql");
const AFTER: &str = include_str!("../../fixtures/legacy/call_log_after_51.sql");

/// The statements that change something, as `up` tells them: with placeholders for values.
async fn up<M: MigratorTrait>(db: &DbConn) -> Vec<String> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let runner = Runner::new().telling(move |event| {
        if let Event::Statement { sql, .. } = event
            && !["SELECT", "SET lock_timeout", "RESET lock_timeout"].iter().any(|start| sql.starts_with(start))
        {
            listener.lock().unwrap().push(sql.clone());
        }
    });
    runner.up::<M>(&DatabaseExecutor::Connection(db), None).await.unwrap();
    let told = told.lock().unwrap().clone();
    told.into_iter().filter(|sql| !sql.contains("seaql_")).collect()
}

/// Whether a statement is this one with its values filled in.
fn fills_in(filled: &str, told: &str) -> bool {
    let mut rest = filled;
    told.split(['?', '$']).enumerate().all(|(number, part)| {
        let part = if number == 0 { part } else { part.trim_start_matches(|digit: char| digit.is_ascii_digit()) };
        let found = rest.find(part).filter(|at| number > 0 || *at == 0);
        rest = found.map_or("", |at| &rest[at + part.len()..]);
        found.is_some()
    })
}

async fn compare<M: MigratorTrait + 'static>(db: &DbConn) -> usize {
    let plan = plan::<M>(db).await;
    assert!(plan.migrations.iter().all(|migration| migration.cut_short.is_none()), "{plan:#?}");
    let planned: Vec<String> = plan.statements().map(|statement| statement.sql.clone()).collect();
    let told = up::<M>(db).await;
    assert_eq!(planned.len(), told.len(), "{planned:#?}\n{told:#?}");
    for (planned, told) in planned.iter().zip(&told) {
        assert!(fills_in(planned, told), "{planned}\n{told}");
    }
    assert!(super::plan::<M>(db).await.is_empty());
    planned.len()
}

#[rstest]
#[tokio::test]
async fn on_an_empty_database(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let planned = plan::<Migrator>(&db).await;
    assert!(planned.migrations.iter().all(|migration| migration.notes.is_empty()), "{planned:#?}");
    assert!(compare::<Migrator>(&db).await > 0);
}

#[rstest]
#[tokio::test]
async fn half_way(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    assert!(compare::<Migrator>(&db).await > 0);
}

#[rstest]
#[tokio::test]
async fn again_after_a_way_back(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, Some(1)).await.unwrap();
    assert!(compare::<Migrator>(&db).await > 0);
}

#[rstest]
#[case::as_found(&[BEFORE])]
#[case::half_repaired(&[BEFORE, HALFWAY])]
#[case::repaired_by_hand(&[BEFORE, AFTER])]
#[tokio::test]
async fn on_a_legacy_database(#[case] scripts: &[&str]) {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    for script in scripts {
        db.execute_unprepared(script).await.unwrap();
    }
    let plan = plan::<Migrator>(&db).await;
    assert!(plan.statements().all(|statement| statement.work != Work::RewritesTable), "{plan:#?}");
    assert!(plan.statements().all(|statement| statement.warnings.is_empty()), "{plan:#?}");

    compare::<Migrator>(&db).await;
}

migrator!(Seeding {
    m1_make(None) = async |manager| {
        let table = Table::create().table("seed").col(string("name")).if_not_exists().take();
        manager.create_table(table).await?;
        manager.create_index(Index::create().table("seed").name("ix_seed").col("name").if_not_exists().take()).await
    }
    m2_fill(Some(true)) = async |manager| {
        let text = "it's $1 and 5?";
        manager.execute(Query::insert().into_table("seed").columns(["name"]).values_panic([text.into()]).take()).await
    }
    m3_change(Some(true)) = async |manager| {
        if manager.has_column("seed", "number").await? {
            return Ok(());
        }
        manager.alter_table(Table::alter().table("seed").add_column(integer_null("number")).take()).await?;
        if manager.has_index("seed", "ix_seed").await? && manager.has_column("seed", "number").await? {
            manager.alter_table(Table::alter().table("seed").rename_column("number", "amount").take()).await?;
        }
        manager.execute(Query::delete().from_table("seed").and_where(Expr::col("amount").eq(5)).take()).await
    }
    m4_rename(None) = async |manager| {
        manager.rename_table(Table::rename().table("seed", "seeds").take()).await?;
        if manager.has_table("seed").await? || !manager.has_table("seeds").await? {
            return Err(DbErr::Migration("nothing was renamed".to_owned()));
        }
        if manager.has_column("seeds", "amount").await? {
            manager.drop_table(Table::drop().table("seeds").take()).await?;
        }
        Ok(())
    }
});

#[rstest]
#[tokio::test]
async fn what_earlier_migrations_change_is_seen_by_later_ones(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let planned = plan::<Seeding>(&db).await;
    assert!(planned.migrations.iter().all(|migration| migration.notes.is_empty()), "{planned:#?}");
    assert!(sql(&planned, 1)[0].contains("it''s $1 and 5?") || sql(&planned, 1)[0].contains(r"it\'s $1 and 5?"));
    assert_eq!(compare::<Seeding>(&db).await, 8);
}

migrator!(Careful {
    m1_index(Some(false)) = async |manager| {
        online::create_index(manager, "many", Index::create().name("ix_many").col("number").take()).await
    }
    m2_count(Some(false)) = async |manager| {
        let update = Query::update().table("many").value("number", Expr::col("number").add(1)).take();
        Backfill::new("many", "id").in_batches_of(NonZeroU32::new(10).unwrap()).run(manager, &update).await
    }
});

#[rstest]
#[tokio::test]
async fn a_back_fill_is_one_statement_and_an_index_is_built_online(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE many (id integer PRIMARY KEY, number integer)").await.unwrap();
    let empty = plan::<Careful>(&db).await;
    assert_eq!(empty.migrations[1].statements, [], "there is no row to change");

    db.execute_unprepared("INSERT INTO many VALUES (1, 1), (2, 2), (30, 3)").await.unwrap();
    let planned = plan::<Careful>(&db).await;
    let [index, count] = planned.migrations.as_slice() else { panic!("{planned:#?}") };
    assert!(planned.migrations.iter().all(|migration| migration.cut_short.is_none() && migration.notes.is_empty()));
    assert_eq!(
        planned.migrations.iter().map(|migration| migration.transaction).collect::<Vec<_>>(),
        [Transaction::None; 2]
    );
    let modes = index.statements[0].locks.iter().flatten().map(|lock| lock.mode).collect::<Vec<_>>();
    assert_eq!(
        modes,
        [match server {
            Postgres => Mode::ShareUpdateExclusive,
            MySqlOrMariaDb => Mode::Briefly,
            Sqlite => Mode::File,
        }]
    );
    assert!(index.statements[0].warnings.is_empty(), "{index:#?}");
    let [update] = count.statements.as_slice() else { panic!("{count:#?}") };
    assert_eq!((update.work, &update.batches), (Work::ChangesRows, &Some(Batches { rows: 10, key: "id".to_owned() })));

    let total: i64 = one(&db, "SELECT COUNT(*) FROM many WHERE number < 4").await;
    assert_eq!(total, 3, "and nothing has changed");
}

//! What is planned is what then runs.

use std::num::NonZeroU32;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_migration::{
    prelude::{
        DbErr, Expr, ExprTrait, Index, MigrationName, MigrationTrait, MigratorTrait, Query, SchemaManager, Table,
        async_trait,
    },
    schema::{integer_null, string},
};
use sea_orm_plan::{Batches, LockMode, TransactionScope, Work};
use sea_orm_runner::{Backfill, Runner, online};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{comparison::compare, migrator, one, plan, sql};

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

#[rstest]
#[tokio::test]
async fn half_of_them_are_applied(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Seeding::up(&db, Some(2)).await.unwrap();
    assert_eq!(compare::<Seeding>(&db).await, 5);
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
    assert!(
        planned.migrations.iter().all(|migration| migration.incomplete_reason.is_none() && migration.notes.is_empty())
    );
    assert_eq!(
        planned.migrations.iter().map(|migration| migration.transaction_scope).collect::<Vec<_>>(),
        [TransactionScope::None; 2]
    );
    let modes = index.statements[0].locks.iter().flatten().map(|lock| lock.mode).collect::<Vec<_>>();
    assert_eq!(
        modes,
        [match server {
            Postgres => LockMode::ShareUpdateExclusive,
            MySqlOrMariaDb => LockMode::OnlineDdl,
            Sqlite => LockMode::File,
        }]
    );
    assert!(index.statements[0].warnings.is_empty(), "{index:#?}");
    let [update] = count.statements.as_slice() else { panic!("{count:#?}") };
    assert_eq!((update.work, &update.batches), (Work::ChangesRows, &Some(Batches { rows: 10, key: "id".to_owned() })));

    let total: i64 = one(&db, "SELECT COUNT(*) FROM many WHERE number < 4").await;
    assert_eq!(total, 3, "and nothing has changed");
}

migrator!(Widening {
    m1_widen(Some(false)) = async |manager| {
        online::widen_key(manager, "many", "id").await
    }
});

/// The copy, the back-fill, the CHECK and its validation, an index, a foreign key and its validation, the sequence, the statistics, the swap.
#[tokio::test]
async fn the_steps_of_a_key_that_is_widened_are_known_before() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let create = "CREATE TABLE many (id serial PRIMARY KEY, number integer); INSERT INTO many (number) VALUES (1); \
                  CREATE TABLE part (many_id integer REFERENCES many)";
    db.execute_unprepared(create).await.unwrap();
    let planned = plan::<Widening>(&db).await;
    let read = planned.migrations[0].statements.iter().filter(|step| step.work == Work::ReadsTable);
    let modes = read.flat_map(|step| step.locks.iter().flatten()).map(|lock| lock.mode);
    assert!(
        modes.clone().all(|mode| matches!(mode, LockMode::ShareUpdateExclusive | LockMode::RowShare)),
        "{planned:#?}"
    );
    assert_eq!(modes.count(), 5, "none that reads rows blocks who writes");
    assert_eq!(planned.statements().count(), 10);
    Runner::new().up::<Widening>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert!(plan::<Widening>(&db).await.is_empty());
    let again = "DELETE FROM seaql_migrations";
    db.execute_unprepared(again).await.unwrap();
    assert_eq!(plan::<Widening>(&db).await.statements().count(), 0, "it is wide now");
}

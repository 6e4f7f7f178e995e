//! What is planned for the application's own migrations is what then runs, and safe.

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_plan::Work;

use super::{comparison::compare, plan};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

const BEFORE: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");
const HALFWAY: &str = include_str!("../../fixtures/legacy/call_log_halfway_51.sql");
const AFTER: &str = include_str!("../../fixtures/legacy/call_log_after_51.sql");

#[rstest]
#[tokio::test]
async fn on_an_empty_database(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let planned = plan(&db).await;
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
    let plan = plan(&db).await;
    assert!(plan.statements().all(|statement| statement.work != Work::RewritesTable), "{plan:#?}");
    assert!(plan.statements().all(|statement| statement.warnings.is_empty()), "{plan:#?}");

    compare::<Migrator>(&db).await;
}

#[tokio::test]
async fn on_an_empty_database_no_statement_is_unsafe() {
    let Some(database) = Postgres.empty_database().await else { return };
    let plan = plan(&database.connect().await).await;
    assert_eq!(plan.migrations.len(), Migrator::migrations().len());
    assert!(plan.statements().all(|statement| statement.warnings.is_empty()), "{plan:#?}");
}

//! The entity cannot get ahead of the schema: whoever adds a field to an entity and no migration fails here.

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm_drift::assert_in_sync;
use service::schema::entities;

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[rstest]
#[case::on_postgres(Postgres)]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb)]
#[case::on_sqlite(Sqlite)]
#[tokio::test]
async fn the_migrations_build_what_the_entity_declares(#[case] server: Server) {
    let Some(database) = server.empty_database().await else {
        return;
    };
    let db = database.connect().await;

    Migrator::up(&db, None).await.unwrap();

    assert_in_sync(&db, &entities()).await;
}

//! The entity cannot get ahead of the schema: whoever adds a field to an entity and no migration fails here.

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use sea_orm_drift::{assert_in_sync, model::Dialect};
use service::schema::entities;

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[rstest]
#[case::on_postgres(Postgres)]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb)]
#[case::on_sqlite(Sqlite)]
#[tokio::test]
async fn the_migrations_build_what_the_entity_declares(#[case] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;

    Migrator::up(&db, None).await.unwrap();

    assert_in_sync(&db, &entities()).await;
}

/// SeaORM's registry knows every entity of the crate `entity`, listed or not; what it creates tells their names.
#[tokio::test]
async fn no_entity_is_left_out_of_the_comparison() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    db.get_schema_registry("entity::*").apply(&db).await.unwrap();
    let ask = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let registered = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, ask)).await.unwrap();
    let registered: Vec<String> = registered.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();

    let mut listed: Vec<String> =
        entities().declared(Dialect::Sqlite).tables.into_iter().map(|table| table.name.name).collect();
    listed.sort();

    assert_eq!(listed, registered, "service::schema::entities() and the entities of the crate `entity`");
}

//! The entity cannot get ahead of the schema: whoever adds a field to an entity and no migration fails here.

use std::fs;

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
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

#[test]
fn no_entity_is_left_out_of_the_comparison() {
    let compared: Vec<String> = entities()
        .declared(Dialect::Postgres)
        .tables
        .iter()
        .map(|table| format!("table_name = \"{}\"", table.name))
        .collect();
    for source in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../entity/src")).unwrap() {
        let source = fs::read_to_string(source.unwrap().path()).unwrap();
        for line in source.lines().filter(|line| line.contains("table_name = ")) {
            assert!(compared.iter().any(|name| line.contains(name)), "not in service::schema::entities(): {line}");
        }
    }
}

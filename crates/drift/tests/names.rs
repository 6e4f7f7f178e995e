//! Which names a database takes for the same, shown by the database itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use sea_orm::{
    ConnectionTrait, DbConn,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_drift::{Entities, Report};
use test_servers::Server;

/// A table whose second column is called `column`, and unique.
fn declared(column: &str) -> Entities {
    let id = ColumnDef::new("id").integer().not_null().primary_key().take();
    let table = Table::create().table("house").col(id).col(ColumnDef::new(column.to_owned()).integer()).take();
    let index = Index::create().name("u").table("house").col(column.to_owned()).unique().take();
    Entities::new().add_table(table, [index])
}

async fn rules(db: &DbConn, column: &str) -> Vec<String> {
    let report: Report = declared(column).check(db).await.unwrap();
    report.differences.iter().map(|found| format!("{} {}", found.change.rule(), found.object())).collect()
}

#[tokio::test]
async fn mariadb_takes_letters_in_either_case_for_one_column_and_so_does_its_unique_index() {
    let Some(database) = Server::MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE house (id int PRIMARY KEY, `Ä` int, UNIQUE u (`Ä`))").await.unwrap();
    db.execute_unprepared("SELECT `ä` FROM house").await.expect("the server finds it");
    assert_eq!(rules(&db, "ä").await, ["column-spelling-differs house.ä"]);
}

#[tokio::test]
async fn sqlite_tells_the_case_of_letters_beyond_ascii_apart() {
    let db = Server::Sqlite.empty_database().await.unwrap();
    let db = db.connect().await;
    db.execute_unprepared("CREATE TABLE house (id integer PRIMARY KEY NOT NULL, `Ä` integer)").await.unwrap();
    let error = db.execute_unprepared("SELECT house.ä FROM house").await.unwrap_err().to_string();
    assert!(error.contains("no such column: house.ä"), "{error}");
    let found = rules(&db, "ä").await;
    assert!(found.contains(&"column-missing house.ä".to_owned()), "{found:?}");
    assert!(found.contains(&"column-unexpected house.Ä".to_owned()), "{found:?}");

    db.execute_unprepared("ALTER TABLE house ADD COLUMN street integer").await.unwrap();
    db.execute_unprepared("SELECT house.Street FROM house").await.expect("of ASCII letters it folds the case");
    let found = rules(&db, "Street").await;
    assert!(found.contains(&"column-spelling-differs house.Street".to_owned()), "{found:?}");
}

#[tokio::test]
async fn postgres_has_two_columns_whose_names_differ_in_case() {
    let Some(database) = Server::Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(
        r#"CREATE TABLE house (id int PRIMARY KEY, name int UNIQUE, "Name" int);
           CREATE ROLE reader_of_house LOGIN PASSWORD 's3cret';
           GRANT SELECT (id, name), INSERT (id, name), UPDATE (id, name) ON house TO reader_of_house"#,
    )
    .await
    .unwrap();
    let reader = database.connect_as("reader_of_house").await;
    let found = rules(&reader, "name").await;
    reader.close().await.unwrap();
    db.execute_unprepared("DROP OWNED BY reader_of_house; DROP ROLE reader_of_house").await.unwrap();
    assert_eq!(found, ["column-unexpected house.Name"]);
}

#[tokio::test]
async fn an_entity_that_is_added_twice_is_compared_once() {
    let database = Server::Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    let id = ColumnDef::new("id").integer().not_null().primary_key().take();
    let house = Table::create().table("house").col(id).take();
    let twice = Entities::new().add_table(house.clone(), []).add_table(house, []);
    let report = twice.check(&db).await.unwrap();
    assert_eq!((report.compared.entities, report.differences.len()), (1, 1), "{report}");
}

#[tokio::test]
async fn the_role_comes_with_the_catalogue() {
    let Some(database) = Server::MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    let name = database.name();
    let user = format!("u{}", name.replace('_', ""));
    db.execute_unprepared("CREATE TABLE house (id int PRIMARY KEY, name int UNIQUE)").await.unwrap();
    for sql in [
        format!("CREATE USER '{user}'@'%' IDENTIFIED BY 's3cret'"),
        format!("GRANT SELECT ON {name}.house TO '{user}'@'%'"),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    let reader = database.connect_as(&user).await;
    let report = declared("name").check(&reader).await.unwrap();
    reader.close().await.unwrap();
    db.execute_unprepared(&format!("DROP USER '{user}'@'%'")).await.unwrap();
    let missing = report.differences.iter().filter(|found| found.change.rule() == "privilege-missing");
    let sql: Vec<&String> = missing.filter_map(|found| found.repair()).flat_map(|repair| &repair.sql).collect();
    assert!(!sql.is_empty() && sql.iter().all(|sql| sql.ends_with(&format!("TO '{user}'@'%'"))), "{report}");
}

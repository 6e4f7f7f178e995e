//! `sqlite::rebuild_table`: what SQLite's `ALTER TABLE` cannot do, without losing anything.

use rstest::rstest;
use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, Statement},
};
use sea_orm_runner::{Runner, sqlite::rebuild_table};
use test_servers::Server::{Postgres, Sqlite};

/// A table that everything refers to. The key 9 was given away and is free again.
const BEFORE: &str = "CREATE TABLE post (id integer PRIMARY KEY AUTOINCREMENT, title varchar(9), slug text UNIQUE);
    CREATE TABLE comment (id integer PRIMARY KEY, post_id integer NOT NULL REFERENCES post (id) ON DELETE CASCADE);
    CREATE TABLE log (what text);
    CREATE INDEX ix_title ON post (title);
    CREATE TRIGGER stamp AFTER UPDATE ON post BEGIN INSERT INTO log VALUES (new.title); END;
    CREATE VIEW titles AS SELECT title FROM post;
    INSERT INTO post (title, slug) VALUES ('a', 's'), ('b', 't');
    INSERT INTO post (id, title) VALUES (9, 'gone');
    DELETE FROM post WHERE id = 9;
    INSERT INTO comment VALUES (1, 1), (2, 2)";

#[derive(DeriveMigrationName)]
struct Widen;

#[async_trait::async_trait]
impl MigrationTrait for Widen {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let post = Table::create()
            .table("post")
            .col(pk_auto("id"))
            .col(string_len("title", 99))
            .col(text_null("slug").unique_key())
            .col(integer("views").default(0))
            .to_owned();
        rebuild_table(manager, post).await
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Widen)]
    }
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[rstest]
#[case::by_the_runner(true)]
#[case::by_sea_orm(false)]
#[tokio::test]
async fn rows_keys_and_all_that_refers_to_them_stay(#[case] by_runner: bool) {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    db.execute_unprepared(BEFORE).await.unwrap();
    if by_runner {
        Runner::new().up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    } else {
        Migrator::up(&db, None).await.unwrap();
    }

    let posts = "SELECT id || title || coalesce(slug, '') || views FROM post ORDER BY id";
    assert_eq!(texts(&db, posts).await, ["1as0", "2bt0"]);
    assert_eq!(texts(&db, "SELECT id || ' of ' || post_id FROM comment ORDER BY id").await, ["1 of 1", "2 of 2"]);
    assert_eq!(texts(&db, "SELECT title FROM titles ORDER BY title").await, ["a", "b"]);
    let objects =
        "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL ORDER BY name";
    assert_eq!(texts(&db, objects).await, ["ix_title", "stamp", "titles"]);

    db.execute_unprepared("INSERT INTO post (title) VALUES ('c')").await.unwrap();
    assert_eq!(texts(&db, "SELECT CAST(max(id) AS text) FROM post").await, ["10"]);
    db.execute_unprepared("UPDATE post SET title = 'x' WHERE id = 1").await.unwrap();
    assert_eq!(texts(&db, "SELECT what FROM log").await, ["x"]);
    // Foreign keys are enforced as before.
    db.execute_unprepared("INSERT INTO comment VALUES (3, 77)").await.unwrap_err();
    db.execute_unprepared("DELETE FROM post WHERE id = 1").await.unwrap();
    assert_eq!(texts(&db, "SELECT id || '' FROM comment").await, ["2"]);
}

#[tokio::test]
async fn a_row_that_does_not_fit_leaves_everything_as_it_was() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    db.execute_unprepared(BEFORE).await.unwrap();
    db.execute_unprepared("UPDATE post SET title = NULL WHERE id = 2").await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'seaql%' ORDER BY name";
    let before = texts(&db, tables).await;
    let error = Runner::new().up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    let error = format!("{error}: {:?}", std::error::Error::source(&error));
    assert!(error.contains("NOT NULL constraint failed"), "{error}");
    assert_eq!(texts(&db, tables).await, before);
    assert_eq!(texts(&db, "SELECT id || '' FROM comment").await, ["1", "2"]);
}

#[tokio::test]
async fn another_database_refuses() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let error = Runner::new().up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    let error = format!("{error}: {:?}", std::error::Error::source(&error));
    assert!(error.contains("works only on SQLite"), "{error}");
}

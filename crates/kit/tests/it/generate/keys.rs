//! Another primary key, or another source of its values, where the table has rows: they stay, and new ones can be inserted.

use rstest::rstest;
use sea_orm_kit::generate::{Decisions, MissingMigrations, find_missing_migrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbConn, Statement,
    sea_query::{ColumnDef, Table},
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    Declared,
    edits::{by_id_and_title, by_title, dropping, one, plain_key, post, title, undecided},
    entities, scratch,
};

/// The migrations from version 1 to version 2, on a database that is at version 1 again.
async fn migrations(db: &DbConn, one: &Declared, two: &Declared, decisions: Decisions) -> MissingMigrations {
    find_missing_migrations(db, &entities(one), Decisions::default(), &[], None).await.unwrap();
    let found = find_missing_migrations(db, &entities(two), decisions, &[], None).await.unwrap();
    down(db, &found).await;
    found
}

async fn up(db: &DbConn, found: &MissingMigrations) {
    for migration in &found.migrations {
        migration.up(db).await.unwrap();
    }
}

async fn down(db: &DbConn, found: &MissingMigrations) {
    for migration in found.migrations.iter().rev() {
        migration.down(db).await.unwrap();
    }
}

async fn rows(db: &DbConn, columns: &str) -> Vec<(i64, String)> {
    let select = format!("SELECT {columns}, title FROM post ORDER BY title");
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), select)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

#[rstest]
#[tokio::test]
async fn rows_stay_when_a_text_becomes_the_key(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let (one, two) = (one(post([title()])), one(by_title()));
    let found = migrations(&db, &one, &two, dropping("post.id")).await;
    db.execute_unprepared("INSERT INTO post (title) VALUES ('a'), ('b')").await.unwrap();
    up(&db, &found).await;
    let titles = |rows: Vec<(i64, String)>| rows.into_iter().map(|(_, title)| title).collect::<Vec<_>>();
    assert_eq!(titles(rows(&db, ONE).await), ["a", "b"]);
    db.execute_unprepared("INSERT INTO post (title) VALUES ('a')").await.unwrap_err();
    down(&db, &found).await;
    // Each row gets a number again.
    db.execute_unprepared("INSERT INTO post (title) VALUES ('c')").await.unwrap();
    let numbered = rows(&db, number(server)).await;
    assert_eq!(titles(numbered.clone()), ["a", "b", "c"]);
    let numbers: std::collections::BTreeSet<i64> = numbered.into_iter().map(|(id, _)| id).collect();
    assert_eq!(numbers.len(), 3);
}

#[rstest]
#[tokio::test]
async fn rows_stay_when_a_column_joins_the_key(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let found = migrations(&db, &one(post([title()])), &one(by_id_and_title()), undecided()).await;
    db.execute_unprepared("INSERT INTO post (id, title) VALUES (3, 'a'), (41, 'b')").await.unwrap();
    let expected = [(3, "a"), (41, "b")].map(|(id, title)| (id, title.to_owned()));
    up(&db, &found).await;
    assert_eq!(rows(&db, number(server)).await, expected);
    db.execute_unprepared("INSERT INTO post (id, title) VALUES (41, 'a')").await.unwrap();
    db.execute_unprepared("INSERT INTO post (id, title) VALUES (41, 'b')").await.unwrap_err();
    db.execute_unprepared("DELETE FROM post WHERE id = 41 AND title = 'a'").await.unwrap();
    down(&db, &found).await;
    assert_eq!(rows(&db, number(server)).await, expected);
    // The key of version 1 counts on.
    db.execute_unprepared("INSERT INTO post (title) VALUES ('c')").await.unwrap();
    assert_eq!(rows(&db, number(server)).await.pop(), Some((42, "c".to_owned())));
}

#[rstest]
#[tokio::test]
async fn a_key_that_begins_to_count_goes_on_after_the_rows(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let (one, two) = (one(plain_key()), one(post([title()])));
    let found = migrations(&db, &one, &two, undecided()).await;
    db.execute_unprepared("INSERT INTO post (id, title) VALUES (3, 'a'), (41, 'b')").await.unwrap();
    up(&db, &found).await;
    db.execute_unprepared("INSERT INTO post (title) VALUES ('c')").await.unwrap();
    let expected = [(3, "a"), (41, "b"), (42, "c")].map(|(id, title)| (id, title.to_owned()));
    assert_eq!(rows(&db, number(server)).await, expected);
    down(&db, &found).await;
    assert_eq!(rows(&db, number(server)).await, expected);
    let unnumbered = db.execute_unprepared("INSERT INTO post (title) VALUES ('d')").await;
    assert!(unnumbered.is_err(), "version 1 does not count");
}

/// A column that the database computes, of a table with nothing to change, is in nobody's way.
#[rstest]
#[tokio::test]
async fn a_generated_column_is_no_obstacle(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let table = "CREATE TABLE author (id integer NOT NULL PRIMARY KEY, name varchar(64) NOT NULL, \
                 folded varchar(64) GENERATED ALWAYS AS (lower(name)) STORED)";
    db.execute_unprepared(table).await.unwrap();
    let declared = {
        let mut author = Table::create().table("author").take();
        author.col(ColumnDef::new("id").integer().not_null().primary_key());
        author.col(ColumnDef::new("name").string_len(64).not_null());
        vec![(author, Vec::new()), (post([title()]), Vec::new())]
    };
    let found = find_missing_migrations(&db, &entities(&declared), undecided(), &[], None).await.unwrap();
    let code: String = found.migrations.iter().map(|migration| migration.code("sea_orm_runner")).collect();
    assert!(code.contains("Creates the table `post`.") && !code.contains("author"), "{code}");
}

/// In place of a number, where there is none.
const ONE: &str = "1000000000000";

fn number(server: Server) -> &'static str {
    match server {
        Postgres => "CAST(id AS bigint)",
        MySqlOrMariaDb => "CAST(id AS signed)",
        Sqlite => "id",
    }
}

/// sea-query panics for an unsigned one on PostgreSQL, and SQLite generates no small ones.
#[rstest]
#[tokio::test]
async fn a_key_of_each_size_can_be_generated(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(
        ColumnDef::tiny_unsigned,
        ColumnDef::small_unsigned,
        ColumnDef::unsigned,
        ColumnDef::big_unsigned,
        ColumnDef::tiny_integer
    )]
    sized: fn(&mut ColumnDef) -> &mut ColumnDef,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let mut id = ColumnDef::new("id");
    sized(&mut id).not_null().auto_increment().primary_key();
    let table = Table::create().table("post").col(id).col(title()).take();
    find_missing_migrations(&db, &entities(&one(table)), undecided(), &[], None).await.unwrap();
    for title in ["a", "b"] {
        db.execute_unprepared(&format!("INSERT INTO post (title) VALUES ('{title}')")).await.unwrap();
    }
    assert_eq!(rows(&db, number(server)).await, [(1, "a".to_owned()), (2, "b".to_owned())]);
}

//! Types that change where rows, or foreign keys, are in the way.

use rstest::rstest;
use sea_orm_kit::generate::{Decisions, GenerateError, MissingMigrations, find_missing_migrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbConn, DbErr, Statement,
    sea_query::{ColumnDef, ColumnType, ForeignKey, RcOrArc, Table, TableCreateStatement},
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    Declared,
    edits::{one, post, two, undecided},
    entities, from_one_to_two, scratch,
};

fn dropping(objects: &[&str]) -> Decisions {
    Decisions { drops: objects.iter().map(ToString::to_string).collect(), ..undecided() }
}

fn text(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).not_null().take()
}

fn number(name: &'static str, is_big: bool) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    if is_big { column.big_integer().take() } else { column.integer().take() }
}

fn author(is_big: bool) -> TableCreateStatement {
    let id = number("id", is_big).not_null().auto_increment().primary_key().take();
    Table::create().table("author").col(id).take()
}

fn refers(is_big: bool) -> TableCreateStatement {
    let mut key = ForeignKey::create();
    key.name("fk-post-author_id").from("post", "author_id").to("author", "id");
    post([text("title", 64), number("author_id", is_big)]).foreign_key(&mut key).take()
}

/// The migrations from version 1 to version 2, on a database that is at version 1 again.
async fn migrations(db: &DbConn, one: &Declared, two: &Declared, decisions: Decisions) -> MissingMigrations {
    find_missing_migrations(db, &entities(one), undecided(), &[], None).await.unwrap();
    let found = find_missing_migrations(db, &entities(two), decisions, &[], None).await.unwrap();
    down(db, &found).await;
    found
}

/// Applies those that are left, as a run does: from the first that is not in the history.
async fn up(db: &DbConn, found: &MissingMigrations, done: &mut usize) -> Result<(), DbErr> {
    for migration in &found.migrations[*done..] {
        migration.up(db).await?;
        *done += 1;
    }
    Ok(())
}

/// The same in the other direction: from the last that is in the history.
async fn undo(db: &DbConn, found: &MissingMigrations, done: &mut usize) -> Result<(), DbErr> {
    for migration in found.migrations[..*done].iter().rev() {
        migration.down(db).await?;
        *done -= 1;
    }
    Ok(())
}

async fn down(db: &DbConn, found: &MissingMigrations) {
    for migration in found.migrations.iter().rev() {
        migration.down(db).await.unwrap();
    }
}

async fn assert_in_sync(db: &DbConn, declared: &Declared) {
    let report = entities(declared).check(db).await.unwrap();
    assert!(report.is_in_sync(), "{report}");
}

fn suffixes(found: &MissingMigrations) -> Vec<&'static str> {
    found.migrations.iter().map(|migration| migration.suffix.unwrap_or_default()).collect()
}

/// On MySQL and MariaDB each statement commits on its own.
#[tokio::test]
async fn a_row_that_does_not_fit_can_be_mended() {
    let Some((db, _database)) = scratch(MySqlOrMariaDb).await else { return };
    let first = two(post([text("title", 64), number("views", true)]), author(false));
    let mut wider = author(false);
    wider.col(text("name", 9).default(""));
    let second = two(post([text("title", 10), number("views", false), number("likes", false)]), wider);
    let found = migrations(&db, &first, &second, dropping(&["post.title", "post.views"])).await;
    assert_eq!(suffixes(&found), ["", "narrow"]);
    for (row, mended) in
        [("('longer than ten characters', 1)", "title = 'short'"), ("('short', 3000000000)", "views = 3")]
    {
        let mut done = 0;
        db.execute_unprepared(&format!("INSERT INTO post (title, views) VALUES {row}")).await.unwrap();
        for _ in 0..2 {
            up(&db, &found, &mut done).await.unwrap_err();
            assert_eq!(done, 1, "{row}");
        }
        db.execute_unprepared(&format!("UPDATE post SET {mended}")).await.unwrap();
        up(&db, &found, &mut done).await.unwrap();
        assert_in_sync(&db, &second).await;
        down(&db, &found).await;
        assert_in_sync(&db, &first).await;
        db.execute_unprepared("DELETE FROM post").await.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn what_only_gets_narrower_is_one_migration(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let (one, two) = (one(post([text("title", 64), text("slug", 64)])), one(post([text("title", 9), text("slug", 9)])));
    let found = from_one_to_two(&db, &one, &two, dropping(&["post.title", "post.slug"]), None).await.unwrap();
    assert_eq!(suffixes(&found), [""]);
}

async fn authors(db: &DbConn) -> i64 {
    let count = "SELECT count(*) FROM post JOIN author ON author.id = post.author_id";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), count)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// MySQL and MariaDB change no type that a foreign key holds (errors 1832 and 1833).
#[rstest]
#[tokio::test]
async fn a_key_gets_another_type_with_those_that_refer_to_it(
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
    #[values(false, true)] was_big: bool,
    #[values(false, true)] is_declared_first: bool,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let declared = |is_big| {
        let tables = (author(is_big), refers(is_big));
        if is_declared_first { two(tables.0, tables.1) } else { two(tables.1, tables.0) }
    };
    let (first, second) = (declared(was_big), declared(!was_big));
    let decisions = if was_big { dropping(&["author.id", "post.author_id"]) } else { undecided() };
    let found = migrations(&db, &first, &second, decisions).await;
    db.execute_unprepared("INSERT INTO author (id) VALUES (DEFAULT)").await.unwrap();
    db.execute_unprepared("INSERT INTO post (title, author_id) VALUES ('a', 1)").await.unwrap();
    up(&db, &found, &mut 0).await.unwrap();
    assert_in_sync(&db, &second).await;
    assert_eq!(authors(&db).await, 1);
    let orphan = "INSERT INTO post (title, author_id) VALUES ('b', 8)";
    db.execute_unprepared(orphan).await.unwrap_err();
    down(&db, &found).await;
    assert_in_sync(&db, &first).await;
    assert_eq!(authors(&db).await, 1);
    db.execute_unprepared(orphan).await.unwrap_err();
}

/// Found on PostgreSQL, which has nothing against it.
#[tokio::test]
async fn on_mariadb_a_key_gets_another_type_by_a_migration_of_postgresql() {
    let Some((postgres, _database)) = scratch(Postgres).await else { return };
    let Some((mariadb, _other)) = scratch(MySqlOrMariaDb).await else { return };
    let (first, second) = (two(author(false), refers(false)), two(author(true), refers(true)));
    let found = from_one_to_two(&postgres, &first, &second, undecided(), None).await.unwrap();
    find_missing_migrations(&mariadb, &entities(&first), undecided(), &[], None).await.unwrap();
    mariadb.execute_unprepared("INSERT INTO author (id) VALUES (DEFAULT)").await.unwrap();
    mariadb.execute_unprepared("INSERT INTO post (title, author_id) VALUES ('a', 1)").await.unwrap();
    up(&mariadb, &found, &mut 0).await.unwrap();
    assert_in_sync(&mariadb, &second).await;
    down(&mariadb, &found).await;
    assert_in_sync(&mariadb, &first).await;
    assert_eq!(authors(&mariadb).await, 1);
    let code = found.migrations[0].code("sea_orm_runner");
    assert_eq!(code.matches("get_database_backend() == sea_orm::DbBackend::MySql").count(), 4, "{code}");
}

/// On MySQL and MariaDB each statement commits on its own, also where a wider type is undone.
#[rstest]
#[tokio::test]
async fn a_row_that_does_not_fit_the_old_type_can_be_mended(#[values(false, true)] is_author_first: bool) {
    let Some((db, _database)) = scratch(MySqlOrMariaDb).await else { return };
    let declared = |is_big| {
        let (author, refers) = (author(is_big), refers(is_big));
        if is_author_first { two(author, refers) } else { two(refers, author) }
    };
    let (first, second) = (declared(false), declared(true));
    let found = migrations(&db, &first, &second, undecided()).await;
    let big = "INSERT INTO author (id) VALUES (3000000000)";
    for referring in ["", "INSERT INTO post (title, author_id) VALUES ('a', 3000000000)"] {
        let mut done = 0;
        up(&db, &found, &mut done).await.unwrap();
        db.execute_unprepared(big).await.unwrap();
        if !referring.is_empty() {
            db.execute_unprepared(referring).await.unwrap();
        }
        for _ in 0..2 {
            let error = undo(&db, &found, &mut done).await.unwrap_err().to_string();
            assert!(error.contains("Out of range"), "{error}");
        }
        for sql in ["DELETE FROM post", "DELETE FROM author", "ALTER TABLE author AUTO_INCREMENT = 1"] {
            db.execute_unprepared(sql).await.unwrap();
        }
        undo(&db, &found, &mut done).await.unwrap();
        assert_in_sync(&db, &first).await;
    }
}

#[tokio::test]
async fn a_foreign_key_with_two_types_is_refused() {
    let Some((db, _database)) = scratch(MySqlOrMariaDb).await else { return };
    let first = two(author(false), refers(false));
    find_missing_migrations(&db, &entities(&first), undecided(), &[], None).await.unwrap();
    for (second, sides) in [
        (two(author(true), refers(false)), "post.author_id would be int, author.id bigint"),
        (two(author(false), refers(true)), "post.author_id would be bigint, author.id int"),
        (one(author(true)), "post.author_id would be int, author.id bigint"),
    ] {
        let found = find_missing_migrations(&db, &entities(&second), undecided(), &[], None).await;
        let Err(GenerateError::Usage(why)) = found else { panic!("{found:?}") };
        let start = format!("the foreign key fk-post-author_id needs one type on both sides, and {sides}: ");
        assert!(why.starts_with(&start), "{why}");
        assert_in_sync(&db, &first).await;
    }
}

#[rstest]
#[case::of_a_table_that_is_there(two(post([text("title", 64), number("author_id", false)]), author(false)))]
#[case::of_a_new_table(one(author(false)))]
#[tokio::test]
async fn a_foreign_key_may_come_with_the_type_that_it_needs(
    #[case] first: Declared,
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let found = from_one_to_two(&db, &first, &two(refers(true), author(true)), undecided(), None).await;
    assert!(found.is_ok(), "{found:?}");
}

#[rstest]
#[case::a_list(MySqlOrMariaDb, ColumnType::Array(RcOrArc::new(ColumnType::Text)), "text[]")]
#[case::a_list_on_sqlite(Sqlite, ColumnType::Array(RcOrArc::new(ColumnType::Text)), "text[]")]
#[case::a_year(Postgres, ColumnType::Year, "year")]
#[tokio::test]
async fn a_type_that_the_database_lacks_is_no_panic(
    #[case] server: Server,
    #[case] ty: ColumnType,
    #[case] called: &str,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let table = post([ColumnDef::new_with_type("tags", ty)]);
    let found = find_missing_migrations(&db, &entities(&one(table)), undecided(), &[], None).await;
    let Err(GenerateError::Unwritable(found)) = found else { panic!("{found:?}") };
    assert_eq!(found, format!("post.tags is {called}, which this kind of database does not have"));
}

#[tokio::test]
async fn a_type_of_an_extension_is_said_to_be_one() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let table = post([ColumnDef::new("email").custom("citext").not_null().take()]);
    let found = find_missing_migrations(&db, &entities(&one(table)), undecided(), &[], None).await;
    let Err(GenerateError::Unproven(found)) = found else { panic!("{found:?}") };
    assert!(found.contains("begin with CREATE EXTENSION IF NOT EXISTS \"citext\""), "{found}");
}

/// SeaORM declares a `Decimal` without digits, unless the entity names them.
#[rstest]
#[tokio::test]
async fn a_decimal_that_mysql_rounds_is_said_to_be_one(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let price = ColumnDef::new("price").decimal().take();
    let tax = ColumnDef::new("tax").decimal_len(10, 2).take();
    let found = from_one_to_two(&db, &one(post([])), &one(post([price, tax])), undecided(), None).await.unwrap();
    let remarks = found.remarks.join("\n");
    assert_eq!(remarks.contains("post.price says no digits"), server == MySqlOrMariaDb, "{remarks}");
    assert!(!remarks.contains("post.tax"), "{remarks}");
}

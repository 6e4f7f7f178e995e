//! What the entities do not say, or may differ in, stays as the database has it.

use rstest::rstest;
use sea_orm_drift::{Exception, Exceptions};
use sea_orm_kit::generate::{Decisions, GenerateError, find_missing_migrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, Statement,
    sea_query::{ColumnDef, ForeignKey, Table, TableCreateStatement},
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    edits::{keeping, one, post, title, two, undecided, views},
    entities, from_one_to_two, scratch,
};

fn at(ty: fn(&mut ColumnDef) -> &mut ColumnDef) -> TableCreateStatement {
    let mut column = ColumnDef::new("at");
    ty(&mut column).not_null();
    post([title(), column])
}

/// The statement of the change names the whole column (MySQL), or the whole table (SQLite).
#[rstest]
#[tokio::test]
async fn a_default_and_a_length_outlive_another_change(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let slug = |is_required: bool| {
        let mut slug = ColumnDef::new("slug").string_len(40).default("none").take();
        if is_required { slug.not_null().take() } else { slug }
    };
    let generated = ColumnDef::new("slug").string().not_null().take();
    let decisions = Decisions { fills: [("post.slug".to_owned(), "'x'".to_owned())].into(), ..undecided() };
    let (before, after) = (one(post([title(), slug(false)])), one(post([title(), generated])));
    let found = from_one_to_two(&db, &before, &after, decisions, None).await.unwrap();
    let notes = found.notes.join("\n");
    assert!(notes.contains("the default of post.slug: it stays; --drop post.slug.default drops it"), "{notes}");
    assert!(notes.contains("the length of post.slug: it stays; --drop post.slug.length drops it"), "{notes}");
    let report = entities(&one(post([title(), slug(true)]))).check(&db).await.unwrap();
    assert!(report.is_in_sync(), "{report}");
}

/// `sea-orm-cli generate entity` makes a `DateTimeUtc` of each `timestamp` of SQLite.
#[rstest]
#[case::of_a_project_on_sqlite(true)]
#[case::where_it_stands_in_for_a_server(false)]
#[tokio::test]
async fn sqlite_stores_all_points_in_time_alike(#[case] is_for_sqlite: bool) {
    let (db, _) = scratch(Sqlite).await.unwrap();
    let (before, after) = (at(ColumnDef::timestamp), at(ColumnDef::timestamp_with_time_zone));
    let decisions = Decisions { is_for_sqlite, ..undecided() };
    let found = from_one_to_two(&db, &one(before), &one(after), decisions, None).await;
    if is_for_sqlite {
        let found = found.unwrap();
        assert!(found.migrations.is_empty(), "{:?}", found.migrations);
        assert!(found.notes.join("\n").contains("post.at would get another type of time"), "{:?}", found.notes);
    } else {
        assert!(matches!(found, Err(GenerateError::Undecided(_))), "{found:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_type_that_stays_is_not_in_the_way(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let short = ColumnDef::new("title").string_len(9).not_null().take();
    let after = one(post([short, views()]));
    let found = from_one_to_two(&db, &one(post([title()])), &after, keeping("post.title"), None).await.unwrap();
    assert_eq!(found.migrations.len(), 1, "{:?}", found.migrations);
    let report = entities(&one(post([title(), views()]))).check(&db).await.unwrap();
    assert!(report.is_in_sync(), "{report}");
}

/// An answer that is given once, instead of with each run.
#[tokio::test]
async fn what_an_exception_allows_is_not_asked_about() {
    let (db, _) = scratch(Sqlite).await.unwrap();
    let checked = post([title(), views().extra("CHECK (views >= 0)").take()]);
    find_missing_migrations(&db, &entities(&one(checked)), undecided(), &[], None).await.unwrap();
    let after = entities(&one(post([ColumnDef::new("title").string_len(9).not_null().take(), views()])));
    let undecided_yet = find_missing_migrations(&db, &after, undecided(), &[], None).await.unwrap_err().to_string();
    assert!(undecided_yet.contains("--keep post.post_views_check"), "{undecided_yet}");
    assert!(undecided_yet.contains("an exception in drift.toml"), "{undecided_yet}");
    let exceptions = Exceptions::new()
        .add(Exception::allow("check-unexpected", "post (views)", "older programs need it").unwrap())
        .add(Exception::allow("type-differs", "post.title", "it is longer than anybody writes").unwrap());
    let found = find_missing_migrations(&db, &after, Decisions { exceptions, ..undecided() }, &[], None).await.unwrap();
    assert!(found.migrations.is_empty(), "{:?}", found.migrations);
}

/// SQLite makes the table anew. The entity does not say what counts its key, or how a key refuses.
#[tokio::test]
async fn a_rowid_and_a_restrict_outlive_another_change_on_sqlite() {
    let (db, _) = scratch(Sqlite).await.unwrap();
    db.execute_unprepared(
        "CREATE TABLE author (id INTEGER PRIMARY KEY, title varchar(64) NOT NULL);
         CREATE TABLE post (id INTEGER PRIMARY KEY, title varchar(64) NOT NULL, \
                            author_id integer REFERENCES author (id) ON DELETE RESTRICT)",
    )
    .await
    .unwrap();
    let id = ColumnDef::new("id").integer().not_null().auto_increment().primary_key().take();
    let author = Table::create().table("author").col(id).col(title()).take();
    let mut key = ForeignKey::create();
    key.from("post", "author_id").to("author", "id");
    let author_id = ColumnDef::new("author_id").integer().take();
    let post = post([ColumnDef::new("title").string_len(64).take(), author_id]).foreign_key(&mut key).take();
    let found = from_one_to_two(&db, &Vec::new(), &two(author, post), undecided(), None).await.unwrap();
    assert_eq!(found.migrations.len(), 1, "{:?}", found.migrations);
    let expect_kept = async || {
        let select = "SELECT sql FROM sqlite_schema WHERE name = 'post'";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, select)).await.unwrap().unwrap();
        let sql: String = row.try_get_by_index(0).unwrap();
        assert!(sql.contains("ON DELETE RESTRICT") && !sql.contains("AUTOINCREMENT"), "{sql}");
        // The next key is one that no row has any more.
        let insert = "INSERT INTO post (title) VALUES ('a') RETURNING id";
        for _ in 0..2 {
            let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, insert)).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1, "{sql}");
            db.execute_unprepared("DELETE FROM post").await.unwrap();
        }
    };
    expect_kept().await;
    found.migrations[0].down(&db).await.unwrap();
    expect_kept().await;
}

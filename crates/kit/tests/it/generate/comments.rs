//! Comments are not written, and a note says so.

use rstest::rstest;
use sea_orm_drift::Entities;
use sea_orm_kit::generate::find_missing_migrations;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement, sea_query::ColumnDef};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    edits::{one, post, title, undecided},
    entities, scratch,
};

mod shelf {
    #![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

    use sea_orm_migration::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelf", comment = "of the shop")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(comment = "where it stands")]
        pub room: i32,
        #[sea_orm(comment = "counted from below", renamed_from = "position")]
        pub level: i32,
        #[sea_orm(renamed_from = "breadth")]
        pub width: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[rstest]
#[tokio::test]
async fn a_note_says_where_comments_differ(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let shelf = || Entities::new().add(shelf::Entity);
    let statement = if server == Postgres { "COMMENT ON" } else { "ALTER TABLE" };
    let notes = async || find_missing_migrations(&db, &shelf(), undecided(), &[], None).await.unwrap().notes;
    let note = |which: &str| {
        format!(
            "comments are not written, and {which} not in the database as declared: `{statement}` changes it, in a \
             migration that `--empty` begins"
        )
    };
    assert_eq!(notes().await, [note("those of shelf, shelf.level, shelf.room are")]);
    let comment = |column: &str, comment: &str| match server {
        Postgres => format!("COMMENT ON COLUMN shelf.{column} IS '{comment}'"),
        _ => format!("ALTER TABLE shelf MODIFY {column} int NOT NULL COMMENT '{comment}'"),
    };
    let of_table = if server == Postgres { "COMMENT ON TABLE shelf IS" } else { "ALTER TABLE shelf COMMENT" };
    db.execute_unprepared(&format!("{of_table} 'of the shop'")).await.unwrap();
    db.execute_unprepared(&comment("room", "where it stands")).await.unwrap();
    db.execute_unprepared(&comment("level", "counted from above")).await.unwrap();
    assert_eq!(notes().await, [note("that of shelf.level is")]);
    db.execute_unprepared(&comment("level", "counted from below")).await.unwrap();
    assert_eq!(notes().await, [""; 0]);
}

/// `MODIFY` drops what it does not repeat.
#[tokio::test]
async fn a_changed_column_keeps_what_no_entity_declares() {
    let Some((db, _database)) = scratch(MySqlOrMariaDb).await else { return };
    let declared = |length: u32| {
        let text = |name| ColumnDef::new(name).string_len(length).take();
        entities(&one(post([text("note"), text("hidden")])))
    };
    find_missing_migrations(&db, &declared(64), undecided(), &[], None).await.unwrap();
    let comment = r"it''s \\shown";
    for sql in [
        format!("ALTER TABLE post MODIFY note varchar(64) COMMENT '{comment}'"),
        format!("ALTER TABLE post MODIFY hidden varchar(64) INVISIBLE COMMENT '{comment}'"),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    let kept = async || {
        let sql = "SELECT CAST(CONCAT_WS('|', column_name, column_comment, extra) AS CHAR) FROM information_schema.columns \
                   WHERE table_schema = DATABASE() AND column_name IN ('note', 'hidden') ORDER BY 1";
        let rows = db.query_all_raw(Statement::from_string(DbBackend::MySql, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    let before = kept().await;
    assert_eq!(before, [r"hidden|it's \shown|INVISIBLE", r"note|it's \shown|"]);
    let found = find_missing_migrations(&db, &declared(128), undecided(), &[], None).await.unwrap();
    assert_eq!(kept().await, before, "after `up`");
    for migration in found.migrations.iter().rev() {
        migration.down(&db).await.unwrap();
    }
    assert_eq!(kept().await, before, "after `down`");
}

#[tokio::test]
async fn sqlite_keeps_none() {
    let Some((db, _)) = scratch(Sqlite).await else { return };
    let commented = entities(&one(post([title(), ColumnDef::new("slug").text().comment("of the URL").take()])));
    let found = find_missing_migrations(&db, &commented, undecided(), &[], None).await.unwrap();
    let expected = "SQLite keeps no comments, and that of post.slug is declared: `--scratch-url` names a server that \
                    compares them";
    assert_eq!(found.notes, [expected]);
    let found = find_missing_migrations(&db, &entities(&one(post([title()]))), undecided(), &[], None).await.unwrap();
    assert!(!found.notes.iter().any(|note| note.contains("comments")), "{:?}", found.notes);
}

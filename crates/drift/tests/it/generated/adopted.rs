//! Tables of other tools (Rails, Prisma, Django), and the entities that `sea-orm-cli generate entity` writes for them.

use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use sea_orm_drift::{Consequence, Entities, Verbosity, assert_in_sync};

use super::fields::{created, found};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

mod link {
    use sea_orm::entity::prelude::*;

    /// Of a table without a primary key, which SeaORM demands: its unique key.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "link")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub page_id: i32,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub tag: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub kind: String,
        pub tags: Vec<String>,
        pub created_at: DateTime,
        pub updated_at: DateTimeWithTimeZone,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod reading {
    use sea_orm::entity::prelude::*;

    /// From the columns `value NUMERIC` and `day date`: a `String`, as of any type that `sea-orm-cli` does not know on SQLite.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reading")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(column_type = "custom(\"NUMERIC\")")]
        pub value: String,
        #[sea_orm(column_type = "custom(\"date\")")]
        pub day: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A unique index over columns that hold no NULL is as good as a key, although it stores no long text, as a key of text does.
#[rstest]
#[case::over_text(Postgres, "text NOT NULL, UNIQUE (page_id, tag)")]
#[case::on_mariadb(MySqlOrMariaDb, "varchar(64) NOT NULL, UNIQUE (page_id, tag)")]
#[case::on_sqlite(Sqlite, "text NOT NULL, UNIQUE (page_id, tag)")]
#[tokio::test]
async fn a_unique_index_stands_for_the_primary_key(#[case] server: Server, #[case] tag: &str) {
    let sql = format!("CREATE TABLE link (page_id integer NOT NULL, tag {tag})");
    let Some((_database, db)) = created(server, &sql).await else { return };
    let report = Entities::new().add(link::Entity).check(&db).await.unwrap();
    let loud = found(&report);
    let expected: &[&str] = if server == MySqlOrMariaDb { &["link.tag WritesMayFail"] } else { &[] };
    assert_eq!(loud, expected, "{report}");
    for _ in 0..2 {
        let row = link::ActiveModel { page_id: Set(1), tag: Set("a".to_owned()) };
        let key =
            OnConflict::columns([link::Column::PageId, link::Column::Tag]).update_column(link::Column::Tag).to_owned();
        link::Entity::insert(row).on_conflict(key).exec_without_returning(&db).await.unwrap();
    }
    assert_eq!(link::Entity::find().all(&db).await.unwrap().len(), 1);
}

const EVENT: &str = "CREATE TABLE event (id integer PRIMARY KEY, kind varchar NOT NULL, tags varchar(40)[] NOT NULL, \
                     created_at timestamp NOT NULL, updated_at timestamptz NOT NULL)";

/// An index stores no text of more than 2,700 bytes, and an array of `varchar(40)` no longer element: the entity says no length.
#[tokio::test]
async fn what_limits_a_text_of_no_declared_length_is_no_warning() {
    let Some((_database, db)) = created(Postgres, EVENT).await else { return };
    db.execute_unprepared("CREATE INDEX by_kind ON event (kind)").await.unwrap();
    db.execute_unprepared("CREATE INDEX by_lower_kind ON event (lower(kind), created_at) WHERE id > 0").await.unwrap();
    assert_in_sync(&db, &Entities::new().add(event::Entity)).await;
}

/// No type of SeaORM has a precision, and Prisma gives each time three digits.
#[tokio::test]
async fn precisions_that_no_entity_says_are_one_warning() {
    let Some((_database, db)) = created(Postgres, EVENT).await else { return };
    let coarse = "ALTER TABLE event ALTER created_at TYPE timestamp(3), ALTER updated_at TYPE timestamptz(3)";
    db.execute_unprepared(coarse).await.unwrap();
    let report = Entities::new().add(event::Entity).check(&db).await.unwrap();
    assert_eq!(found(&report), ["event.created_at ValuesChange", "event.updated_at ValuesChange"], "{report}");
    let mut text = Vec::new();
    report.write_text(Verbosity::Normal, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("warning")).collect();
    assert_eq!(lines, ["warning[type-differs]: 2 columns of a precision that no entity says:"], "{text}");
}

#[tokio::test]
async fn a_text_field_over_numbers_of_sqlite_is_a_warning() {
    let sql = "CREATE TABLE reading (id integer PRIMARY KEY, value NUMERIC NOT NULL, day date NOT NULL)";
    let Some((_database, db)) = created(Sqlite, sql).await else { return };
    let report = Entities::new().add(reading::Entity).check(&db).await.unwrap();
    assert_eq!(found(&report), [format!("reading.value {:?}", Consequence::ReadsMayFail)], "{report}");
    let row = |id, value: &str| reading::ActiveModel {
        id: Set(id),
        value: Set(value.to_owned()),
        day: Set("2026-11-29".to_owned()),
    };
    row(1, "low").insert(&db).await.unwrap();
    assert!(row(2, "12").insert(&db).await.is_err());
}

/// Old MySQL databases are latin1 as a whole.
#[tokio::test]
async fn columns_of_a_small_character_set_are_one_warning() {
    let sql = "CREATE TABLE person (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL, town varchar(255), \
               code varchar(255) NOT NULL) CHARACTER SET latin1";
    let Some((_database, db)) = created(MySqlOrMariaDb, sql).await else { return };
    let report = Entities::new().add(super::fields::person::Entity).check(&db).await.unwrap();
    assert_eq!(found(&report).len(), 3, "{report}");
    let text = report.to_string();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("warning")).collect();
    let expected = "warning[collation-differs]: 3 columns that can only hold the characters of latin1_swedish_ci:";
    assert_eq!(lines, [expected], "{text}");
}

//! What an entity leaves open, and where its `column_type` contradicts the field: the driver goes by the field.

use rstest::rstest;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ConnectionTrait, DbConn, EntityTrait,
    prelude::{DateTimeUtc, Decimal, Json, Uuid},
};
use sea_orm_drift::{Consequence, Entities, Report, Severity, Verbosity, assert_in_sync};

use super::table;
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

pub(super) mod person {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub(in super::super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub town: Option<String>,
        pub code: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in super::super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod visit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(column_type = "Text")]
        pub details: Json,
        #[sea_orm(column_type = "Text")]
        pub token: Uuid,
        #[sea_orm(column_type = "Text")]
        pub price: Option<Decimal>,
        #[sea_orm(column_type = "Integer")]
        pub views: i64,
        #[sea_orm(column_type = "Timestamp")]
        pub seen_at: DateTimeUtc,
        #[sea_orm(nullable)]
        pub title: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod note {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(column_type = "Json")]
        pub tags: Vec<String>,
        pub words: Vec<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) async fn created(server: Server, sql: &str) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    db.execute_unprepared(sql).await.unwrap();
    Some((database, db))
}

#[rstest]
#[tokio::test]
async fn lengths_that_no_entity_says_are_one_line(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let sql = table(server, "person", "name varchar(20) NOT NULL, town varchar(30), code char(2) NOT NULL");
    let Some((_database, db)) = created(server, &sql).await else { return };
    let entities = Entities::new().add(person::Entity);
    let report = entities.check(&db).await.unwrap();
    assert!(!report.fails_at(Severity::Warning), "{report}");
    let mut text = Vec::new();
    report.write_text(Verbosity::Verbose, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("info[type-differs]")).collect();
    assert_eq!(lines, ["info[type-differs]: 3 columns of a length that no entity says:"], "{text}");
    assert_in_sync(&db, &entities).await;
}

pub(super) fn found(report: &Report) -> Vec<String> {
    let found = report.differences.iter().filter(|found| found.severity() > Severity::Info);
    let mut found: Vec<String> = found.map(|found| format!("{} {:?}", found.object(), found.consequence())).collect();
    found.sort();
    found
}

fn row() -> visit::ActiveModel {
    visit::ActiveModel {
        id: NotSet,
        details: Set(Json::from("x")),
        token: Set(Uuid::max()),
        price: Set(Some(Decimal::new(125, 2))),
        views: Set(7),
        seen_at: Set(DateTimeUtc::UNIX_EPOCH),
        title: Set("t".to_owned()),
    }
}

#[tokio::test]
async fn a_column_of_the_type_of_its_field_is_right() {
    let columns = "details jsonb NOT NULL, token uuid NOT NULL, price numeric(10, 2), views bigint NOT NULL, \
                   seen_at timestamptz NOT NULL, title varchar NOT NULL";
    let Some((_database, db)) = created(Postgres, &table(Postgres, "visit", columns)).await else { return };
    assert_in_sync(&db, &Entities::new().add(visit::Entity)).await;
    row().insert(&db).await.unwrap();
    assert_eq!(visit::Entity::find().all(&db).await.unwrap().len(), 1);
}

#[rstest]
#[case::a_text_for_json("details", "text", "'\"x\"'", Consequence::ReadsFail)]
#[case::a_text_for_a_uuid("token", "text", "'00000000-0000-0000-0000-000000000000'", Consequence::ReadsFail)]
#[case::a_text_for_a_number("price", "text", "'1'", Consequence::ReadsFail)]
#[case::a_narrow_number("views", "integer", "7", Consequence::ReadsFail)]
#[case::a_time_without_zone("seen_at", "timestamp", "now()", Consequence::ReadsFail)]
#[case::a_null("title", "varchar", "NULL", Consequence::ReadsMayFail)]
#[tokio::test]
async fn a_column_of_the_declared_type_is_wrong_where_the_field_is_another(
    #[case] column: &str,
    #[case] ty: &str,
    #[case] value: &str,
    #[case] expected: Consequence,
) {
    let right = [
        ("details", "jsonb NOT NULL", "'1'"),
        ("token", "uuid NOT NULL", "gen_random_uuid()"),
        ("price", "numeric(10, 2)", "1"),
        ("views", "bigint NOT NULL", "1"),
        ("seen_at", "timestamptz NOT NULL", "now()"),
        ("title", "varchar NOT NULL", "'t'"),
    ];
    let not_null = if ["price", "title"].contains(&column) { "" } else { " NOT NULL" };
    let columns = right.map(
        |(name, right, _)| {
            if name == column { format!("{name} {ty}{not_null}") } else { format!("{name} {right}") }
        },
    );
    let sql = table(Postgres, "visit", &columns.join(", "));
    let Some((_database, db)) = created(Postgres, &sql).await else { return };
    let report = Entities::new().add(visit::Entity).check(&db).await.unwrap();
    assert_eq!(found(&report), [format!("visit.{column} {expected:?}")], "{report}");
    let values = right.map(|(name, _, right)| if name == column { value } else { right });
    db.execute_unprepared(&format!("INSERT INTO visit VALUES (1, {})", values.join(", "))).await.unwrap();
    assert!(visit::Entity::find().all(&db).await.is_err());
}

/// No driver but that of PostgreSQL reads an array, whatever the column is.
#[rstest]
#[tokio::test]
async fn an_array_is_read_on_no_other_server(#[values(MySqlOrMariaDb, Sqlite)] server: Server) {
    let ty = if server == Sqlite { "json_text" } else { "json" };
    let sql = table(server, "note", &format!("tags {ty} NOT NULL, words {ty} NOT NULL"));
    let Some((_database, db)) = created(server, &sql).await else { return };
    let report = Entities::new().add(note::Entity).check(&db).await.unwrap();
    assert_eq!(found(&report), ["note.tags ReadsFail", "note.words ReadsFail"], "{report}");
    db.execute_unprepared("INSERT INTO note (tags, words) VALUES ('[]', '[]')").await.unwrap();
    assert!(note::Entity::find().all(&db).await.is_err());
}

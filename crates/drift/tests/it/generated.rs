//! Entities as `sea-orm-cli generate entity` 2.0 writes them, against the tables that they were written from.

mod adopted;
mod fields;

use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_drift::{Consequence, Entities, Severity, model::Dialect};

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

mod account {
    use sea_orm::entity::prelude::*;

    /// From `email ... UNIQUE` and `UNIQUE (org_id, email)`: a column has one attribute.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique_key = "account_org_email")]
        pub org_id: i32,
        #[sea_orm(unique)]
        pub email: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod seat {
    use sea_orm::entity::prelude::*;

    /// From `UNIQUE (hall, place)` and `UNIQUE (hall, holder)`: the last `unique_key` of `hall` replaced the first.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "seat")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique_key = "seat_hall_holder")]
        pub hall: i32,
        #[sea_orm(unique_key = "seat_hall_place")]
        pub place: i32,
        #[sea_orm(unique_key = "seat_hall_holder")]
        pub holder: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `CREATE TABLE` with a generated key.
fn table(server: Server, name: &str, columns: &str) -> String {
    let key = match server {
        Postgres => "id serial PRIMARY KEY",
        MySqlOrMariaDb => "id int NOT NULL AUTO_INCREMENT PRIMARY KEY",
        Sqlite => "id integer NOT NULL PRIMARY KEY AUTOINCREMENT",
    };
    format!("CREATE TABLE {name} ({key}, {columns})")
}

#[rstest]
#[tokio::test]
async fn a_key_that_lost_a_column_is_told_as_such(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let account = "org_id integer NOT NULL, email varchar(255) NOT NULL UNIQUE";
    let seat = "hall integer NOT NULL, place integer NOT NULL, holder integer NOT NULL";
    for sql in [
        table(server, "account", account),
        "CREATE UNIQUE INDEX account_org_email ON account (org_id, email)".to_owned(),
        table(server, "seat", seat),
        "CREATE UNIQUE INDEX seat_hall_place ON seat (hall, place)".to_owned(),
        "CREATE UNIQUE INDEX seat_hall_holder ON seat (hall, holder)".to_owned(),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    let report = Entities::new().add(account::Entity).add(seat::Entity).check(&db).await.unwrap();
    let loud: Vec<_> = report.differences.iter().filter(|found| found.change.rule() == "unique-missing").collect();
    let objects: Vec<String> = loud.iter().map(|found| found.object().to_string()).collect();
    assert_eq!(objects, ["account (org_id)", "seat (place)"], "{report}");
    for found in loud {
        assert_eq!((found.consequence(), found.repair()), (Consequence::ConstraintLost, None), "{report}");
    }
    assert!(!report.fails_at(Severity::Error), "{report}");
    assert!(report.to_string().contains("covers (org_id, email)"), "{report}");
}

/// A key over more columns than declared is a lost key wherever no other key explains it.
#[rstest]
#[tokio::test]
async fn a_key_over_more_columns_is_still_an_error(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let account = "org_id integer NOT NULL, email varchar(255) NOT NULL";
    db.execute_unprepared(&table(server, "account", account)).await.unwrap();
    db.execute_unprepared("CREATE UNIQUE INDEX u ON account (org_id)").await.unwrap();
    db.execute_unprepared("CREATE UNIQUE INDEX v ON account (email, id)").await.unwrap();
    let report = Entities::new().add(account::Entity).check(&db).await.unwrap();
    let lost = report.differences.iter().find(|found| found.object() == "account (email)").unwrap();
    assert_eq!(lost.consequence(), Consequence::IntegrityLost, "{report}");
    assert!(lost.repair().is_some(), "{report}");
}

#[rstest]
#[case::twice(Entities::new().add(account::Entity).add(account::Entity))]
#[case::as_a_view_first(Entities::new().add_view(account::Entity).add(account::Entity))]
#[case::as_a_view_then(Entities::new().add(account::Entity).add_view(account::Entity))]
fn an_entity_that_is_added_twice_is_one_table(#[case] entities: Entities) {
    let tables = entities.declared(Dialect::Postgres).tables;
    assert!(tables.len() == 1 && !tables[0].relation.is_view(), "{tables:?}");
}

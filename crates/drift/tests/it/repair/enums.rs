//! Native enums: their names and labels in the quotes that the server wants, and their types created where there are none.

use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_drift::Entities;

use super::repair_all;
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres};

mod member {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "Role Kind")]
    pub(super) enum Role {
        #[sea_orm(string_value = "it's me")]
        Owner,
        #[sea_orm(string_value = "a\\b")]
        Guest,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "member")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub role: Option<Role>,
        pub second_role: Option<Role>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod team {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "UserRole")]
    pub(super) enum Role {
        #[sea_orm(string_value = "lead")]
        Lead,
        #[sea_orm(string_value = "mate")]
        Mate,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "team")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub roles: Vec<Role>,
        pub first: Option<Role>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[rstest]
#[case::of_no_table("SELECT 1", "SELECT 1")]
#[case::of_columns(
    "CREATE TABLE member (id serial PRIMARY KEY)",
    "CREATE TABLE member (id int NOT NULL AUTO_INCREMENT PRIMARY KEY)"
)]
#[case::without_a_label(
    r#"CREATE TYPE "Role Kind" AS ENUM ('a\b'); CREATE TABLE member (id serial PRIMARY KEY, role "Role Kind", second_role "Role Kind")"#,
    r"CREATE TABLE member (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, role enum('it''s me'), second_role enum('it''s me'))"
)]
#[case::of_which_only_the_type_is_there(r#"CREATE TYPE "Role Kind" AS ENUM ('it''s me', 'a\b')"#, "SELECT 1")]
#[tokio::test]
async fn names_and_labels_are_quoted(
    #[case] postgres: &str,
    #[case] mysql: &str,
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(if server == Postgres { postgres } else { mysql }).await.unwrap();
    let entities = Entities::new().add(member::Entity);
    repair_all(&db, &entities, postgres).await;
    let report = entities.check(&db).await.unwrap();
    assert!(report.differences.is_empty() && report.unchecked.is_empty(), "{report}");
}

#[rstest]
#[case::of_no_table("SELECT 1")]
#[case::of_columns("CREATE TABLE team (id serial PRIMARY KEY)")]
#[case::in_another_schema(
    r#"CREATE SCHEMA app; CREATE TYPE app."UserRole" AS ENUM ('lead');
       CREATE TABLE team (id serial PRIMARY KEY, roles app."UserRole"[] NOT NULL, first app."UserRole")"#
)]
#[tokio::test]
async fn types_of_arrays_are_created_and_widened(#[case] change: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(change).await.unwrap();
    let entities = Entities::new().add(team::Entity);
    repair_all(&db, &entities, change).await;
    let report = entities.check(&db).await.unwrap();
    let left: Vec<_> = report.differences.iter().filter(|found| found.change.rule() != "nullability-differs").collect();
    assert!(left.is_empty(), "{report}");
}

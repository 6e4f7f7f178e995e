//! What a project says of itself, without a server.

#![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

use rstest::rstest;
use sea_orm_connect::in_memory;
use sea_orm_drift::model::Dialect;
use sea_orm_kit::{Entities, Project, entities};
use sea_orm_migration::{prelude::*, schema::small_integer};

macro_rules! keyed_by {
    ($name:ident, $table:literal, $key:ty) => {
        pub mod $name {
            use sea_orm_migration::sea_orm::{self, entity::prelude::*};

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: $key,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

mod blog {
    pub mod posts {
        keyed_by!(post, "post", i32);
        keyed_by!(tag, "tag", i64);
    }
    pub mod users {
        // Also the name of a module above.
        keyed_by!(tag, "user_tag", i32);
        keyed_by!(vote, "vote", i16);
    }
    keyed_by!(rank, "rank", u32);
}

fn tables(entities: &Entities) -> Vec<String> {
    entities.declared(Dialect::Sqlite).tables.into_iter().map(|table| table.name.name).collect()
}

#[test]
fn entities_are_listed_with_and_without_common_paths() {
    assert_eq!(tables(&entities![]), Vec::<String>::new());
    assert_eq!(tables(&entities![blog::rank]), ["rank"]);
    assert_eq!(tables(&entities![blog::posts::{post, tag}]), ["post", "tag"]);
    let several = entities![blog::posts::{post, tag}, blog::rank, blog::users::{tag, vote},];
    assert_eq!(tables(&several), ["post", "tag", "rank", "user_tag", "vote"]);
}

struct Migrator;
struct CreateVote;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(CreateVote)]
    }
}

impl MigrationName for CreateVote {
    fn name(&self) -> &'static str {
        "m1_create_vote"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateVote {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = small_integer("id").auto_increment().primary_key().take();
        manager.create_table(Table::create().table("vote").col(id).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("vote").take()).await
    }
}

/// MySQL counts keys of every size; SQLite none but `integer`, which would be written as an `int`.
#[rstest]
#[case::an_integer(entities![blog::posts::post], None)]
#[case::a_large_one(entities![blog::posts::tag], None)]
#[case::a_small_one(entities![blog::users::vote], Some("vote.id"))]
#[case::one_without_a_sign(entities![blog::rank], Some("rank.id"))]
fn sqlite_does_not_stand_in_for_keys_that_it_cannot_count(#[case] entities: Entities, #[case] expected: Option<&str>) {
    let what = expected.map(|column| format!("{column} is a counted key of another size or sign than SQLite has"));
    assert_eq!(Project::<Migrator>::new(entities).why_not_sqlite(), what);
}

#[tokio::test]
async fn migrations_that_sqlite_cannot_run_explain_nothing_and_that_is_said() {
    let db = in_memory().await.unwrap();
    let report = Project::<Migrator>::new(entities![blog::users::vote]).check(&db).await.unwrap();
    let note = "cannot tell which migration fixes this, because they fail on SQLite in memory";
    assert!(report.notes.iter().any(|found| found.starts_with(note)), "{report}");
}

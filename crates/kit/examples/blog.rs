//! A project in one file: the entities are ahead of the migrations. The tests of `generate` run it.

use sea_orm_kit::entities;
use sea_orm_migration::{prelude::*, schema::*};

mod entity {
    pub(crate) mod post {
        #![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

        use sea_orm_migration::sea_orm::{self, entity::prelude::*};

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "post")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub headline: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(CreatePost)]
    }
}

struct CreatePost;

impl MigrationName for CreatePost {
    fn name(&self) -> &'static str {
        "m20260101_000001_create_post"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreatePost {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let post = Table::create().table("post").col(pk_auto("id")).col(string("title")).to_owned();
        manager.create_table(post).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("post").to_owned()).await
    }
}

fn main() -> std::process::ExitCode {
    sea_orm_kit::run::<Migrator>(entities![entity::post])
}

//! Fields that their `column_type` contradicts: a migration gives the column the type that every driver reads as the field.

use rstest::rstest;
use sea_orm_drift::{Entities, assert_in_sync};
use sea_orm_kit::generate::{Decisions, find_missing_migrations};
use sea_orm_migration::sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, prelude::*};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::scratch;

mod visit {
    use sea_orm_migration::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(column_type = "Text")]
        pub details: Json,
        #[sea_orm(column_type = "Text")]
        pub token: Uuid,
        #[sea_orm(column_type = "Text")]
        pub price: Decimal,
        #[sea_orm(column_type = "Integer")]
        pub views: i64,
        #[sea_orm(column_type = "Timestamp")]
        pub seen_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[rstest]
#[tokio::test]
async fn the_field_says_the_type(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let entities = Entities::new().add(visit::Entity);
    find_missing_migrations(&db, &entities, Decisions::default(), &[], None).await.unwrap();
    assert_in_sync(&db, &entities).await;
    let row = visit::ActiveModel {
        id: Set(1),
        details: Set(Json::from("x")),
        token: Set(Uuid::max()),
        price: Set(Decimal::new(125, 2)),
        views: Set(i64::from(i32::MAX) + 1),
        seen_at: Set(DateTimeUtc::from_timestamp(1_800_000_000, 0).unwrap()),
    };
    let stored = row.insert(&db).await.unwrap();
    assert_eq!(visit::Entity::find().all(&db).await.unwrap(), [stored]);
    let again = find_missing_migrations(&db, &entities, Decisions::default(), &[], None).await.unwrap();
    assert!(again.migrations.is_empty(), "{:?}", again.migrations);
}

//! Primary keys of one column and of several, unique columns and groups, indexes, and relations as foreign keys, in one
//! schema and across two.

use sea_orm::sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table};

use super::{created::Created, entity};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

entity! {
    keys, "keys",
    #[sea_orm(primary_key, auto_increment = false)] business: i32,
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
    #[sea_orm(unique_key = "pair")] left: i32,
    #[sea_orm(unique_key = "pair")] right: i32,
    #[sea_orm(unique_key = "other")] third: Option<i32>,
    #[sea_orm(unique)] alone: i32,
    #[sea_orm(unique, indexed)] both: i32,
    #[sea_orm(indexed)] plain: Option<i32>,
    #[sea_orm(indexed, unique_key = "other")] in_two: String,
}

entity! {
    text_key, "text_key",
    #[sea_orm(primary_key, auto_increment = false)] code: String,
}

entity! {
    given_key, "given_key",
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
}

mod person {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(indexed)]
        pub mentor_id: Option<i32>,
        pub deputy_id: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {
        #[sea_orm(
            belongs_to = "Entity",
            from = "Column::MentorId",
            to = "Column::Id",
            on_delete = "SetNull",
            on_update = "Cascade"
        )]
        Mentor,
        #[sea_orm(belongs_to = "Entity", from = "Column::DeputyId", to = "Column::Id", fk_name = "deputy")]
        Deputy,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod edition {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "edition")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub editor: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {
        #[sea_orm(has_many = "super::copy::Entity")]
        Copy,
        #[sea_orm(
            belongs_to = "super::person::Entity",
            from = "Column::Editor",
            to = "super::person::Column::Id",
            on_delete = "Restrict",
            on_update = "NoAction"
        )]
        Editor,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod copy {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "copy")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub number: i32,
        pub book: i32,
        pub reader: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {
        #[sea_orm(
            belongs_to = "super::edition::Entity",
            from = "(Column::Book, Column::Number)",
            to = "(super::edition::Column::Book, super::edition::Column::Number)",
            on_delete = "Cascade"
        )]
        Edition,
        #[sea_orm(
            belongs_to = "super::person::Entity",
            from = "Column::Reader",
            to = "super::person::Column::Id",
            skip_fk
        )]
        Reader,
    }

    impl Related<super::edition::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Edition.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

entity! {
    qualified in "people", "person",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(indexed)] status: String,
}

mod qualified_relation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(schema_name = "Press room", table_name = "edition")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique_key = "place")]
        pub editor: Option<i32>,
        #[sea_orm(unique_key = "place")]
        pub reviewer: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {
        #[sea_orm(
            belongs_to = "super::qualified::Entity",
            from = "Column::Editor",
            to = "super::qualified::Column::Id",
            on_delete = "SetNull"
        )]
        Editor,
        #[sea_orm(belongs_to = "super::person::Entity", from = "Column::Reviewer", to = "super::person::Column::Id")]
        Reviewer,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) async fn create(created: &mut Created<'_>, server: Server) {
    created.add(keys::Entity).await;
    created.add(text_key::Entity).await;
    created.add(given_key::Entity).await;
    created.add(person::Entity).await;
    created.add(edition::Entity).await;
    created.add(copy::Entity).await;
    if server == Postgres {
        created.sql(r#"CREATE SCHEMA people; CREATE SCHEMA "Press room""#).await;
        created.add(qualified::Entity).await;
        created.add(qualified_relation::Entity).await;
    }
}

/// In a database or attachment of a name that is not known before.
pub(super) async fn create_qualified(created: &mut Created<'_>, server: Server, schema: &str) {
    let id = |name: &'static str| ColumnDef::new(name).integer().not_null().take();
    let shelf = Table::create()
        .table((schema.to_owned(), "shelf"))
        .col(id("id").primary_key().auto_increment())
        .col(ColumnDef::new("room").string_len(9).unique_key().default("it's"))
        .take();
    created.add_table(shelf, Vec::new()).await;
    let mut book = Table::create()
        .table((schema.to_owned(), "book"))
        .col(id("number"))
        .col(id("shelf"))
        .primary_key(Index::create().name("pk-book").primary().col("number").col("shelf"))
        .take();
    let key = ForeignKey::create()
        .name("fk-book-shelf")
        .from((schema.to_owned(), "book"), "shelf")
        .to((schema.to_owned(), "shelf"), "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    // sea-query's MySQL cannot name a database in a foreign key, and the entity can.
    if server == MySqlOrMariaDb {
        created
            .sql(&format!(
                "CREATE TABLE `{schema}`.`book` (`number` int NOT NULL, `shelf` int NOT NULL, PRIMARY KEY (`number`, `shelf`), \
                 FOREIGN KEY (`shelf`) REFERENCES `{schema}`.`shelf` (`id`) ON DELETE CASCADE)"
            ))
            .await;
        created.list(|entities| entities.add_table(book.foreign_key(&mut key.clone()).take(), []));
    } else {
        created.add_table(book.foreign_key(&mut key.clone()).take(), Vec::new()).await;
    }
}

#[tokio::test]
async fn of_another_database() {
    for server in [Postgres, MySqlOrMariaDb, Sqlite] {
        let (Some(database), Some(other)) = (server.empty_database().await, server.empty_database().await) else {
            continue;
        };
        let db = database.connect().await;
        let schema = match server {
            Postgres => "elsewhere",
            MySqlOrMariaDb => other.url.rsplit_once('/').unwrap().1,
            Sqlite => "main",
        };
        let mut created = Created::on(&db);
        if server == Postgres {
            created.sql("CREATE SCHEMA elsewhere; CREATE TABLE shelf (id text); CREATE TABLE book (id text)").await;
        }
        create_qualified(&mut created, server, schema).await;
        super::assert_no_findings(&created.entities.check(&db).await.unwrap());
    }
}

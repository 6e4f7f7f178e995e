//! A lending library on embedded SQLite: `cargo run --package sea-orm-drift --example library`.
//!
//! Several entities with relations, a closed set, a composite key, a generated column, a field that is not stored, and
//! an entity on a view. Their tables are created, then changed by hand, and the check says what that broke.

#![expect(clippy::print_stdout, reason = "shows what the check says")]
#![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

use std::error::Error;

use sea_orm::{ConnectionTrait, Database, DbConn, EntityTrait, Schema};
use sea_orm_drift::{Entities, Severity};

mod author {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(indexed)]
        pub name: String,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use sea_orm::entity::prelude::*;

    /// A type of its own on PostgreSQL, `ENUM(...)` on MySQL and MariaDB.
    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "genre")]
    pub enum Genre {
        #[sea_orm(string_value = "poetry")]
        Poetry,
        #[sea_orm(string_value = "prose")]
        Prose,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "book")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub isbn: String,
        pub title: String,
        #[sea_orm(extra = "GENERATED ALWAYS AS (upper(title)) STORED")]
        pub shelf_label: Option<String>,
        pub genre: Genre,
        pub author_id: i32,
        #[sea_orm(ignore)]
        pub is_on_screen: bool,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
        #[sea_orm(has_many)]
        pub copies: HasMany<super::copy::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod copy {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "copy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        #[sea_orm(default_value = false)]
        pub is_lent: bool,
        #[sea_orm(belongs_to, from = "book_id", to = "id")]
        pub book: BelongsTo<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A view: it is only read.
mod lent {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "lent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book_id: i32,
        pub number: i32,
        pub title: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = Database::connect("sqlite::memory:").await?;
    create(&db).await?;
    println!("as the migrations left it:\n");
    let tables = Entities::new().add(author::Entity).add(book::Entity).add(copy::Entity);
    let report = tables.check(&db).await?;
    println!("{report}");

    // A hot fix, an index too many dropped, a view from the day before yesterday.
    db.execute_unprepared(
        "DROP VIEW lent;
         ALTER TABLE book RENAME COLUMN title TO full_title;
         CREATE VIEW lent AS SELECT book_id, number FROM copy WHERE is_lent;
         DROP INDEX \"idx-author-name\";
         ALTER TABLE copy ADD COLUMN barcode text NOT NULL DEFAULT '';",
    )
    .await?;
    let report = tables.add_view(lent::Entity).check(&db).await?;
    println!("after a night of repairs:\n\n{report}");
    println!("fit to serve: {}", if report.fails_at(Severity::Error) { "no" } else { "yes" });
    Ok(())
}

/// What the migrations of such a project do.
async fn create(db: &DbConn) -> Result<(), Box<dyn Error>> {
    create_table(db, author::Entity).await?;
    create_table(db, book::Entity).await?;
    create_table(db, copy::Entity).await?;
    db.execute_unprepared(
        "CREATE VIEW lent AS SELECT book_id, number, title FROM copy JOIN book ON id = book_id WHERE is_lent",
    )
    .await?;
    Ok(())
}

async fn create_table<E: EntityTrait>(db: &DbConn, entity: E) -> Result<(), Box<dyn Error>> {
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(entity)).await?;
    for index in schema.create_index_from_entity(entity) {
        db.execute(&index).await?;
    }
    Ok(())
}

//! What a program does with entities that refer to each other and have a CHECK.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbConn, DbErr, EntityTrait, QueryFilter, QueryOrder, Schema,
    sea_query::Expr,
};

use super::outcomes::Meaning;

pub(super) mod author {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub(in super::super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in super::super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod book {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "book")]
    pub(in super::super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub author_id: Option<i32>,
        pub editor_id: Option<i32>,
        #[sea_orm(extra = "CHECK (price >= 0)")]
        pub price: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in super::super) enum Relation {
        #[sea_orm(
            belongs_to = "super::author::Entity",
            from = "Column::AuthorId",
            to = "super::author::Column::Id",
            on_delete = "Cascade",
            on_update = "Cascade"
        )]
        Author,
        #[sea_orm(
            belongs_to = "super::author::Entity",
            from = "Column::EditorId",
            to = "super::author::Column::Id",
            fk_name = "fk-book-editor"
        )]
        Editor,
    }

    impl Related<super::author::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) const OPERATIONS: [(&str, Meaning); 10] = [
    ("read-with-authors", Meaning::Read),
    ("insert", Meaning::PlainWrite),
    ("insert-orphan", Meaning::Rule),
    ("insert-negative-price", Meaning::Rule),
    ("delete-author", Meaning::GenerousWrite),
    ("change-key-of-author", Meaning::GenerousWrite),
    ("delete-editor", Meaning::Detail),
    ("insert-several-authors", Meaning::PlainWrite),
    ("delete-unread-author", Meaning::PlainWrite),
    ("delete-book", Meaning::PlainWrite),
];

const WRITER: i32 = 1;
const EDITOR: i32 = 2;
const UNREAD: i32 = 3;
const NOBODY: i32 = 50;

/// Three people and one book, in tables made from the entities.
pub(super) async fn create(db: &DbConn) {
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(author::Entity)).await.unwrap();
    db.execute(&schema.create_table_from_entity(book::Entity)).await.unwrap();
    for name in ["writer", "editor", "unread"] {
        author::ActiveModel { id: NotSet, name: Set(name.to_owned()) }.insert(db).await.unwrap();
    }
    book(Some(WRITER), 9).insert(db).await.unwrap();
}

fn book(author_id: Option<i32>, price: i32) -> book::ActiveModel {
    book::ActiveModel { id: NotSet, author_id: Set(author_id), editor_id: Set(Some(EDITOR)), price: Set(price) }
}

pub(super) async fn operate(name: &str, db: &DatabaseTransaction) -> Result<String, DbErr> {
    match name {
        "read-with-authors" => {}
        "insert" => {
            book(Some(WRITER), 0).insert(db).await?;
        }
        "insert-orphan" => {
            book(Some(NOBODY), 0).insert(db).await?;
        }
        "insert-negative-price" => {
            book(None, -1).insert(db).await?;
        }
        "delete-author" => {
            author::Entity::delete_by_id(WRITER).exec(db).await?;
        }
        "change-key-of-author" => {
            let people = author::Entity::update_many().col_expr(author::Column::Id, Expr::value(NOBODY));
            people.filter(author::Column::Id.eq(WRITER)).exec(db).await?;
        }
        "delete-editor" => {
            author::Entity::delete_by_id(EDITOR).exec(db).await?;
        }
        "insert-several-authors" => {
            let author = |name: &str| author::ActiveModel { id: NotSet, name: Set(name.to_owned()) };
            author::Entity::insert_many([author("a"), author("b")]).exec_without_returning(db).await?;
        }
        "delete-unread-author" => {
            author::Entity::delete_by_id(UNREAD).exec(db).await?;
        }
        "delete-book" => {
            book::Entity::delete_many().exec(db).await?;
        }
        other => unreachable!("{other} is not an operation"),
    }
    let books = book::Entity::find().find_also_related(author::Entity).order_by_asc(book::Column::Id).all(db).await?;
    let shown = books.into_iter().map(|(book, author)| (book.author_id, book.editor_id, book.price, author));
    Ok(format!("{:#?}", shown.collect::<Vec<_>>()))
}

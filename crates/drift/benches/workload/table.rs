//! One entity that stands for any number of tables: twenty columns, a generated key, a unique column, two indexes.
//!
//! No row is ever read, so plain Rust types carry the column types that otherwise need features of `SeaORM`.

use std::sync::Mutex;

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(column_type = "String(StringLen::N(64))", unique)]
    pub reference: String,
    #[sea_orm(indexed)]
    pub customer_id: i64,
    #[sea_orm(column_type = "String(StringLen::N(16))", default_value = "open", indexed)]
    pub status: String,
    pub title: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    #[sea_orm(default_value = 0)]
    pub priority: i16,
    #[sea_orm(default_value = 1)]
    pub quantity: i32,
    pub weight: Option<f64>,
    #[sea_orm(column_type = "Decimal(Some((12, 4)))", default_value = 0)]
    pub price: String,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))", nullable)]
    pub discount: Option<String>,
    #[sea_orm(default_value = false)]
    pub is_public: bool,
    pub is_archived: Option<bool>,
    #[sea_orm(column_type = "TimestampWithTimeZone", default_expr = "Expr::current_timestamp()")]
    pub created_at: String,
    #[sea_orm(column_type = "TimestampWithTimeZone", nullable)]
    pub updated_at: Option<String>,
    #[sea_orm(column_type = "Date", nullable)]
    pub due_on: Option<String>,
    #[sea_orm(column_type = "Json", nullable)]
    pub attributes: Option<String>,
    #[sea_orm(column_type = "Uuid")]
    pub token: String,
    #[sea_orm(column_type = "Blob", nullable)]
    pub payload: Option<Vec<u8>>,
    #[sea_orm(default_value = 0)]
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The entity of one of the tables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entity {
    name: &'static str,
}

impl Entity {
    pub(crate) fn numbered(number: usize) -> Self {
        static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
        let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while names.len() <= number {
            let name = format!("order_{}", names.len());
            names.push(name.leak()); // SeaORM wants names that live as long as the program.
        }
        Self { name: names[number] }
    }
}

impl EntityName for Entity {
    fn table_name(&self) -> &'static str {
        self.name
    }
}

// By hand, because what `DeriveEntity` writes registers a value without a name.
impl EntityTrait for Entity {
    type Model = Model;
    type ModelEx = Model;
    type ActiveModel = ActiveModel;
    type ActiveModelEx = ActiveModel;
    type Column = Column;
    type PrimaryKey = PrimaryKey;
    type Relation = Relation;
}

impl IdenStatic for Entity {
    fn as_str(&self) -> &'static str {
        self.table_name()
    }
}

impl Iden for Entity {
    fn unquoted(&self) -> &str {
        self.name
    }
}

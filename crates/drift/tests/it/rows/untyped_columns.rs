//! An entity; on SQLite, all columns of its table but the key have no type, so they store values of any type.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "untyped_columns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shelf: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub pages: i32,
    pub rate: f64,
    pub at: chrono::NaiveDateTime,
    pub note: Option<String>,
    pub extra: Json,
    pub code: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

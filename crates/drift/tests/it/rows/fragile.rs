//! A field whose decoder panics, as some do at values beyond their type.

use sea_orm::{
    ColIdx, QueryResult, TryGetError, TryGetable, Value,
    entity::prelude::*,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fragile")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub text: Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl From<Text> for Value {
    fn from(Text(text): Text) -> Self {
        text.into()
    }
}

impl TryGetable for Text {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        assert_ne!(text, "broken", "this decoder cannot take it");
        Ok(Self(text))
    }
}

impl ValueType for Text {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "Text".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for Text {
    fn null() -> Value {
        Value::String(None)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

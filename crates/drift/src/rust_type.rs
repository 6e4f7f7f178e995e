//! What the fields of an entity hold in Rust, by the values that SeaORM gives them: a `column_type` may say something else.

use sea_orm::{
    ActiveModelTrait, EntityTrait, Iterable, Value,
    sea_query::{ColumnType, RcOrArc, StringLen},
};

use crate::model::{Dialect, LogicalType};

/// The field of a column.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    /// The type that SeaORM gives such a column where no other is declared; `None` where that is not known.
    pub(crate) ty: Option<ColumnType>,
    /// Whether it is an `Option`.
    pub(crate) is_option: bool,
}

impl Field {
    /// Its type, if SeaORM reads it from no column that it creates for it: the macros `try_getable_unsigned` and
    /// `try_getable_mysql` in its `src/executor/query.rs`, and sqlx, whose `i8` is the `"char"` of PostgreSQL.
    pub(crate) fn unread(&self, dialect: Dialect) -> Option<LogicalType> {
        let name = match (self.ty.as_ref()?, dialect) {
            (ColumnType::TinyInteger, Dialect::Postgres) => "i8",
            (ColumnType::TinyUnsigned, Dialect::Postgres) => "u8",
            (ColumnType::SmallUnsigned, Dialect::Postgres) => "u16",
            (ColumnType::Unsigned, Dialect::Postgres) => "u32",
            (ColumnType::BigUnsigned, Dialect::Postgres | Dialect::Sqlite) => "u64",
            _ => return None,
        };
        Some(LogicalType::Rust(name.to_owned()))
    }
}

/// Of each column, in their order; `None` where SeaORM has no value of the type at hand, such as of an enum.
pub(crate) fn fields<E: EntityTrait>() -> Vec<Option<Field>> {
    let model = E::ActiveModel::default_values();
    E::Column::iter().map(|column| model.get(column).into_value().as_ref().map(field)).collect()
}

/// Of each column, whether its field takes only some of the texts or numbers that its type has: an enum that derives
/// `DeriveActiveEnum` does. SeaORM tells neither which ones nor that there are such.
pub(crate) fn takes_own_values<E: EntityTrait>() -> Vec<bool> {
    let model = E::ActiveModel::default_values();
    let of_column = |column| match model.get(column).into_value() {
        // The values that SeaORM makes up for a type are none of its own.
        None => true,
        Some(value) => unlikely(&value).is_some_and(|value| model.clone().try_set(column, value).is_err()),
    };
    E::Column::iter().map(of_column).collect()
}

/// A value of the same type that no enum has.
#[expect(clippy::wildcard_enum_match_arm, reason = "enums are stored as texts and integers")]
fn unlikely(value: &Value) -> Option<Value> {
    Some(match value {
        Value::String(_) => "\u{1}\u{2}".into(),
        Value::TinyInt(_) => (i8::MIN + 11).into(),
        Value::SmallInt(_) => (i16::MIN + 11).into(),
        Value::Int(_) => (i32::MIN + 11).into(),
        Value::BigInt(_) => (i64::MIN + 11).into(),
        Value::TinyUnsigned(_) => (u8::MAX - 11).into(),
        Value::SmallUnsigned(_) => (u16::MAX - 11).into(),
        Value::Unsigned(_) => (u32::MAX - 11).into(),
        Value::BigUnsigned(_) => (u64::MAX - 11).into(),
        _ => return None,
    })
}

/// Features of sea-orm decide which variants a value has, so they are told by their names.
fn field(value: &Value) -> Field {
    let text = format!("{value:?}");
    let (name, inside) = text.split_once('(').unwrap_or((&text, ""));
    Field { ty: column_type(name, inside), is_option: inside.ends_with("None)") || inside.starts_with("None(") }
}

fn column_type(name: &str, inside: &str) -> Option<ColumnType> {
    Some(match name {
        "Bool" => ColumnType::Boolean,
        "TinyInt" => ColumnType::TinyInteger,
        "SmallInt" => ColumnType::SmallInteger,
        "Int" => ColumnType::Integer,
        "BigInt" => ColumnType::BigInteger,
        "TinyUnsigned" => ColumnType::TinyUnsigned,
        "SmallUnsigned" => ColumnType::SmallUnsigned,
        "Unsigned" => ColumnType::Unsigned,
        "BigUnsigned" => ColumnType::BigUnsigned,
        "Float" => ColumnType::Float,
        "Double" => ColumnType::Double,
        "String" => ColumnType::String(StringLen::None),
        "Bytes" => ColumnType::Blob,
        "Json" => ColumnType::Json,
        "ChronoDate" | "TimeDate" => ColumnType::Date,
        "ChronoTime" | "TimeTime" => ColumnType::Time,
        "ChronoDateTime" | "TimeDateTime" => ColumnType::DateTime,
        "ChronoDateTimeUtc" | "ChronoDateTimeLocal" | "ChronoDateTimeWithTimeZone" | "TimeDateTimeWithTimeZone" => {
            ColumnType::TimestampWithTimeZone
        }
        "Uuid" => ColumnType::Uuid,
        "Decimal" | "BigDecimal" => ColumnType::Decimal(None),
        "Array" => {
            let element = inside.split([',', '(']).next().unwrap_or_default();
            ColumnType::Array(RcOrArc::new(column_type(element, "")?))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_tells_the_type_of_its_field() {
        let of = |value: Value| field(&value);
        assert_eq!(of(Value::BigInt(None)), Field { ty: Some(ColumnType::BigInteger), is_option: true });
        let mood = Value::Enum(sea_orm::sea_query::OptionEnum::None("mood".into()));
        assert_eq!(of(mood), Field { ty: None, is_option: true });
        let text = Field { ty: Some(ColumnType::String(StringLen::None)), is_option: false };
        assert_eq!(of(Value::String(Some("None)".to_owned()))), text);
    }
}

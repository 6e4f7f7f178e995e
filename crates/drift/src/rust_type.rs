//! What the fields of an entity hold in Rust, by the values that SeaORM gives them: a `column_type` may say something else.

use sea_orm::{
    ActiveModelTrait, EntityTrait, Iterable, Value,
    sea_query::{ColumnType, RcOrArc, StringLen},
};

/// The field of a column.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    /// The type that SeaORM gives such a column where no other is declared; `None` where that is not known.
    pub(crate) ty: Option<ColumnType>,
    /// Whether it is an `Option`.
    pub(crate) is_option: bool,
}

/// Of each column, in their order; `None` where SeaORM has no value of the type at hand, such as of an enum.
pub(crate) fn fields<E: EntityTrait>() -> Vec<Option<Field>> {
    let model = E::ActiveModel::default_values();
    E::Column::iter().map(|column| model.get(column).into_value().as_ref().map(field)).collect()
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

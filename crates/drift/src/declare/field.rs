//! Infers the Rust types of an entity's fields from the values that SeaORM gives them, because a `column_type` may say otherwise.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, Iterable, Value,
    sea_query::{ColumnType as SeaQueryType, Expr, RcOrArc, StringLen},
};

use super::column_type::{column_type, exists};
use crate::{
    impact::is_unreadable,
    model::{Column, ColumnType, Dialect, FieldValues, LogicalType, Nullability, Stated},
    normalise,
};

/// The field of a column.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    /// The type that SeaORM gives such a column where no other is declared; `None` if that is not known.
    inferred_type: Option<SeaQueryType>,
    /// Whether it is an `Option`.
    is_option: bool,
    /// Whether it takes only some values of its type, as an enum that derives `DeriveActiveEnum` does. SeaORM does not say, so
    /// this is probed; which values they are remains unknown.
    takes_only_some_values: bool,
}

/// The field of each column, in the order of the columns.
pub(super) fn fields<E: EntityTrait>() -> Vec<Field> {
    let mut model = E::ActiveModel::default_values();
    let of = |column: E::Column| match model.get(column).into_value() {
        Some(value) => Field {
            inferred_type: type_of(&value),
            is_option: is_none(&value),
            takes_only_some_values: probe_value(&value).is_some_and(|value| model.try_set(column, value).is_err()),
        },
        // Its type, such as an enum, has no default, and SeaORM cannot make up a valid value for it.
        None => Field {
            inferred_type: probe_integer_type(&mut model, column),
            is_option: false,
            takes_only_some_values: true,
        },
    };
    E::Column::iter().map(of).collect()
}

impl Field {
    /// Gives the column the type and nullability that the driver needs to read it into the field.
    pub(super) fn apply(&self, column: &mut Column, entity_column: impl ColumnTrait, dialect: Dialect) {
        if let Some(ty) = self.conflicting_type(&column.ty, dialect) {
            column.ty = ColumnType { stated: Stated::ByField, ..column_type(Some(ty), dialect) };
        } else if let Some(field) = self.type_conflicting_only_on_postgres(entity_column, dialect) {
            column.ty = ColumnType { stated: Stated::ByField, field, ..column.ty.clone() };
        } else if let (LogicalType::Integer { .. }, Some(field)) = (&column.ty.kind, self.unreadable_type(dialect)) {
            column.ty.field = field;
        }
        // `nullable` on a field that is not an `Option`: a NULL could not be read.
        if !self.is_option {
            column.nullability = Nullability::NotNull;
        }
        column.values = if self.takes_only_some_values { FieldValues::Own } else { FieldValues::All };
        if self.is_string_in_non_text_column(entity_column, dialect) {
            column.ty.field = LogicalType::Text(None);
        }
    }

    /// The field's type, if the driver cannot read it from a column of the declared type, or write it to one.
    pub(super) fn conflicting_type(&self, declared: &ColumnType, dialect: Dialect) -> Option<&SeaQueryType> {
        let ty = self.inferred_type.as_ref()?;
        // These have types of their own: arrays of enums, and what an extension reads as text.
        let is_own = matches!(&declared.kind, LogicalType::Enum { .. } | LogicalType::Named(_))
            || matches!(&declared.field, LogicalType::Enum { .. });
        // A `String` may fit any type: a program can cast the column in its own queries.
        if matches!(ty, SeaQueryType::String(_)) {
            return None;
        }
        // The default array is empty, so nothing reveals the type of its elements.
        let is_array = matches!(ty, SeaQueryType::Array(_));
        if is_own || (is_array && dialect == Dialect::Postgres) {
            return None;
        }
        (is_array || is_unreadable(&column_type(Some(ty), dialect), declared, dialect)).then_some(ty)
    }

    /// On other databases than PostgreSQL: the field's type, if PostgreSQL alone could not read it from a column of the declared type. A
    /// migration is written for every database, so it must give the column that type.
    fn type_conflicting_only_on_postgres(&self, column: impl ColumnTrait, dialect: Dialect) -> Option<LogicalType> {
        let column = column.def();
        // `conflicting_type` is enough for PostgreSQL, and a driver reads the type that it writes.
        if dialect == Dialect::Postgres || self.inferred_type.as_ref() == Some(column.get_column_type()) {
            return None;
        }
        let declared = column_type(Some(column.get_column_type()), Dialect::Postgres);
        let ty = self.conflicting_type(&declared, Dialect::Postgres).filter(|ty| exists(ty, dialect))?;
        Some(column_type(Some(ty), dialect).field)
    }

    /// Its type, if SeaORM cannot read it back from the column that it creates for this type: see the macros `try_getable_unsigned` and
    /// `try_getable_mysql` in its `src/executor/query.rs`, and sqlx, whose `i8` is PostgreSQL's `"char"`.
    fn unreadable_type(&self, dialect: Dialect) -> Option<LogicalType> {
        let name = match (self.inferred_type.as_ref()?, dialect) {
            (SeaQueryType::TinyInteger, Dialect::Postgres) => "i8",
            (SeaQueryType::TinyUnsigned, Dialect::Postgres) => "u8",
            (SeaQueryType::SmallUnsigned, Dialect::Postgres) => "u16",
            (SeaQueryType::Unsigned, Dialect::Postgres) => "u32",
            (SeaQueryType::BigUnsigned, Dialect::Postgres | Dialect::Sqlite) => "u64",
            _ => return None,
        };
        Some(LogicalType::Rust(name.to_owned()))
    }

    /// Whether the field is a `String` and its column has a `custom("...")` type that no driver returns as text.
    fn is_string_in_non_text_column(&self, column: impl ColumnTrait, dialect: Dialect) -> bool {
        let definition = column.def();
        let SeaQueryType::Custom(name) = definition.get_column_type() else { return false };
        let name = name.to_string();
        let is_named = matches!(normalise::column_type(&name, Dialect::Postgres).kind, LogicalType::Named(_));
        let is_text = ["", "citext", "name"].contains(&name.to_lowercase().as_str());
        let is_string = matches!(self.inferred_type, Some(SeaQueryType::String(_)));
        let plain = Expr::col(column);
        let is_cast = column.select_as(plain.clone()) != plain;
        let is_number = dialect == Dialect::Sqlite && normalise::promises_numbers(&name);
        (is_named || is_number) && !is_text && is_string && !is_cast
    }
}

/// The integer type that a field without a default, such as an enum, takes; `None` if it takes no value from 0 to 255.
fn probe_integer_type<A: ActiveModelTrait>(
    model: &mut A,
    column: <A::Entity as EntityTrait>::Column,
) -> Option<SeaQueryType> {
    type ToValue = fn(u8) -> Value;
    const INTEGER_TYPES: [(SeaQueryType, ToValue); 8] = [
        (SeaQueryType::Integer, |number| i32::from(number).into()),
        (SeaQueryType::BigInteger, |number| i64::from(number).into()),
        (SeaQueryType::SmallInteger, |number| i16::from(number).into()),
        (SeaQueryType::TinyInteger, |number| number.cast_signed().into()),
        (SeaQueryType::TinyUnsigned, |number| number.into()),
        (SeaQueryType::SmallUnsigned, |number| u16::from(number).into()),
        (SeaQueryType::Unsigned, |number| u32::from(number).into()),
        (SeaQueryType::BigUnsigned, |number| u64::from(number).into()),
    ];
    let definition = column.def();
    let is_declared = |ty: &SeaQueryType| ty == definition.get_column_type();
    if !INTEGER_TYPES.iter().any(|(ty, _)| is_declared(ty)) {
        return None;
    }
    let mut takes = |to_value: &ToValue| (0..=u8::MAX).any(|number| model.try_set(column, to_value(number)).is_ok());
    // The declared type first: it is usually the right one.
    let (declared, others): (Vec<_>, Vec<_>) = INTEGER_TYPES.into_iter().partition(|(ty, _)| is_declared(ty));
    declared.into_iter().chain(others).find(|(_, to_value)| takes(to_value)).map(|(ty, _)| ty)
}

/// A value of the same type that an enum is unlikely to have.
#[expect(clippy::wildcard_enum_match_arm, reason = "enums are stored as text or integers")]
fn probe_value(value: &Value) -> Option<Value> {
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

/// Which variants `Value` has depends on sea-orm's features, so they are recognised by name.
fn type_of(value: &Value) -> Option<SeaQueryType> {
    let text = format!("{value:?}");
    let (name, inside) = text.split_once('(').unwrap_or((&text, ""));
    type_of_variant(name, inside)
}

fn is_none(value: &Value) -> bool {
    let text = format!("{value:?}");
    let inside = text.split_once('(').unwrap_or_default().1;
    inside.ends_with("None)") || inside.starts_with("None(")
}

fn type_of_variant(name: &str, inside: &str) -> Option<SeaQueryType> {
    Some(match name {
        "Bool" => SeaQueryType::Boolean,
        "TinyInt" => SeaQueryType::TinyInteger,
        "SmallInt" => SeaQueryType::SmallInteger,
        "Int" => SeaQueryType::Integer,
        "BigInt" => SeaQueryType::BigInteger,
        "TinyUnsigned" => SeaQueryType::TinyUnsigned,
        "SmallUnsigned" => SeaQueryType::SmallUnsigned,
        "Unsigned" => SeaQueryType::Unsigned,
        "BigUnsigned" => SeaQueryType::BigUnsigned,
        "Float" => SeaQueryType::Float,
        "Double" => SeaQueryType::Double,
        "String" => SeaQueryType::String(StringLen::None),
        "Bytes" => SeaQueryType::Blob,
        "Json" => SeaQueryType::Json,
        "ChronoDate" | "TimeDate" => SeaQueryType::Date,
        "ChronoTime" | "TimeTime" => SeaQueryType::Time,
        "ChronoDateTime" | "TimeDateTime" => SeaQueryType::DateTime,
        "ChronoDateTimeUtc" | "ChronoDateTimeLocal" | "ChronoDateTimeWithTimeZone" | "TimeDateTimeWithTimeZone" => {
            SeaQueryType::TimestampWithTimeZone
        }
        "Uuid" => SeaQueryType::Uuid,
        "Decimal" | "BigDecimal" => SeaQueryType::Decimal(None),
        "Array" => {
            let element = inside.split([',', '(']).next().unwrap_or_default();
            SeaQueryType::Array(RcOrArc::new(type_of_variant(element, "")?))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use sea_orm::entity::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i8", db_type = "TinyInteger")]
    enum Mood {
        Bad = -1,
        Good = 1,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i32", db_type = "SmallInteger")]
    enum Size {
        Small = 7,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i32", db_type = "Integer")]
    enum Year {
        First = 1970,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "day")]
    struct Model {
        #[sea_orm(primary_key)]
        id: i64,
        title: Option<String>,
        mood: Mood,
        last_mood: Option<Mood>,
        size: Size,
        year: Year,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    #[rstest]
    #[case::a_key(Column::Id, Some(SeaQueryType::BigInteger), false, false)]
    #[case::an_option(Column::Title, Some(SeaQueryType::String(StringLen::None)), true, false)]
    #[case::an_enum(Column::Mood, Some(SeaQueryType::TinyInteger), false, true)]
    #[case::an_option_of_an_enum(Column::LastMood, Some(SeaQueryType::TinyInteger), true, true)]
    #[case::an_enum_of_another_type_than_its_column(Column::Size, Some(SeaQueryType::Integer), false, true)]
    #[case::an_enum_of_large_numbers(Column::Year, None, false, true)]
    fn a_field_is(
        #[case] column: Column,
        #[case] inferred_type: Option<SeaQueryType>,
        #[case] is_option: bool,
        #[case] takes_only_some_values: bool,
    ) {
        let mut fields = Column::iter().zip(fields::<Entity>());
        let (_, field) = fields.find(|(other, _)| other.as_str() == column.as_str()).unwrap();
        assert_eq!(field, Field { inferred_type, is_option, takes_only_some_values });
    }

    #[test]
    fn a_value_tells_its_type() {
        assert_eq!(type_of(&Value::BigInt(None)), Some(SeaQueryType::BigInteger));
        assert!(is_none(&Value::BigInt(None)));
        let mood = Value::Enum(sea_orm::sea_query::OptionEnum::None("mood".into()));
        assert_eq!(type_of(&mood), None);
        assert!(is_none(&mood));
        assert!(!is_none(&Value::String(Some("None)".to_owned()))));
    }
}

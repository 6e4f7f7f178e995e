//! The types of columns as Rust code: a helper of `sea_orm_migration::schema` where there is one.

use sea_orm_migration::sea_orm::sea_query::{ColumnType, StringLen};

use crate::generate::definition::enum_name;

/// The function of `sea_orm_migration::schema`, and what it takes after the column.
pub(super) fn helper(ty: &ColumnType) -> Option<(&'static str, String)> {
    let plain = |name| Some((name, String::new()));
    match ty {
        ColumnType::Char(Some(length)) => Some(("char_len", format!(", {length}"))),
        ColumnType::Char(None) => plain("char"),
        ColumnType::String(StringLen::N(length)) => Some(("string_len", format!(", {length}"))),
        ColumnType::String(StringLen::None) => plain("string"),
        ColumnType::Text => plain("text"),
        ColumnType::Blob => plain("blob"),
        ColumnType::TinyInteger => plain("tiny_integer"),
        ColumnType::SmallInteger => plain("small_integer"),
        ColumnType::Integer => plain("integer"),
        ColumnType::BigInteger => plain("big_integer"),
        ColumnType::TinyUnsigned => plain("tiny_unsigned"),
        ColumnType::SmallUnsigned => plain("small_unsigned"),
        ColumnType::Unsigned => plain("unsigned"),
        ColumnType::BigUnsigned => plain("big_unsigned"),
        ColumnType::Float => plain("float"),
        ColumnType::Double => plain("double"),
        ColumnType::Decimal(None) => plain("decimal"),
        ColumnType::Decimal(Some((precision, scale))) => Some(("decimal_len", format!(", {precision}, {scale}"))),
        ColumnType::DateTime => plain("date_time"),
        ColumnType::Timestamp => plain("timestamp"),
        ColumnType::TimestampWithTimeZone => plain("timestamp_with_time_zone"),
        ColumnType::Time => plain("time"),
        ColumnType::Date => plain("date"),
        ColumnType::Binary(length) => Some(("binary_len", format!(", {length}"))),
        ColumnType::Boolean => plain("boolean"),
        ColumnType::Money(None) => plain("money"),
        ColumnType::Json => plain("json"),
        ColumnType::JsonBinary => plain("json_binary"),
        ColumnType::Uuid => plain("uuid"),
        ColumnType::Custom(name) => Some(("custom", format!(", {:?}", name.to_string()))),
        ColumnType::Enum { name, variants } => {
            let labels = variants.iter().map(|label| format!("{:?}", label.to_string())).collect::<Vec<_>>().join(", ");
            Some(("enumeration", format!(", {:?}, [{labels}]", enum_name(&name.to_string()))))
        }
        _ => None,
    }
}

/// As the argument of `ColumnDef::new_with_type`.
pub(super) fn column_type(ty: &ColumnType) -> String {
    let of = |words: &str| format!("ColumnType::{words}");
    match ty {
        ColumnType::Char(length) => of(&format!("Char({length:?})")),
        ColumnType::String(length) => of(&format!("String(StringLen::{length:?})")),
        ColumnType::VarBinary(length) => of(&format!("VarBinary(StringLen::{length:?})")),
        ColumnType::Custom(name) => format!("ColumnType::custom({:?})", name.to_string()),
        ColumnType::Enum { name, variants } => {
            let labels: Vec<String> =
                variants.iter().map(|label| format!("{:?}.into_iden()", label.to_string())).collect();
            format!(
                "ColumnType::Enum {{ name: {:?}.into_iden(), variants: vec![{}] }}",
                enum_name(&name.to_string()),
                labels.join(", ")
            )
        }
        ColumnType::Array(element) => format!("ColumnType::Array(std::sync::Arc::new({}))", column_type(element)),
        ColumnType::Interval(None, precision) => of(&format!("Interval(None, {precision:?})")),
        ColumnType::Interval(Some(fields), precision) => {
            of(&format!("Interval(Some(PgInterval::{fields:?}), {precision:?})"))
        }
        // Those of numbers, and those without anything, are written as they are printed.
        other => of(&format!("{other:?}")),
    }
}

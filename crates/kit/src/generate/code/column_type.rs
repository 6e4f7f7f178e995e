//! Writes a column type as Rust code, with a helper of `sea_orm_migration::schema` where there is one.

use sea_orm_migration::sea_orm::sea_query::{ColumnType, StringLen};

use crate::generate::definition::enum_name;

/// The name of that helper, and its arguments after the column name, each with a comma before it.
pub(super) fn schema_helper(ty: &ColumnType) -> Option<(&'static str, String)> {
    let without_arguments = |name| Some((name, String::new()));
    match ty {
        ColumnType::Char(Some(length)) => Some(("char_len", format!(", {length}"))),
        ColumnType::Char(None) => without_arguments("char"),
        ColumnType::String(StringLen::N(length)) => Some(("string_len", format!(", {length}"))),
        ColumnType::String(StringLen::None) => without_arguments("string"),
        ColumnType::Text => without_arguments("text"),
        ColumnType::Blob => without_arguments("blob"),
        ColumnType::TinyInteger => without_arguments("tiny_integer"),
        ColumnType::SmallInteger => without_arguments("small_integer"),
        ColumnType::Integer => without_arguments("integer"),
        ColumnType::BigInteger => without_arguments("big_integer"),
        ColumnType::TinyUnsigned => without_arguments("tiny_unsigned"),
        ColumnType::SmallUnsigned => without_arguments("small_unsigned"),
        ColumnType::Unsigned => without_arguments("unsigned"),
        ColumnType::BigUnsigned => without_arguments("big_unsigned"),
        ColumnType::Float => without_arguments("float"),
        ColumnType::Double => without_arguments("double"),
        ColumnType::Decimal(None) => without_arguments("decimal"),
        ColumnType::Decimal(Some((precision, scale))) => Some(("decimal_len", format!(", {precision}, {scale}"))),
        ColumnType::DateTime => without_arguments("date_time"),
        ColumnType::Timestamp => without_arguments("timestamp"),
        ColumnType::TimestampWithTimeZone => without_arguments("timestamp_with_time_zone"),
        ColumnType::Time => without_arguments("time"),
        ColumnType::Date => without_arguments("date"),
        ColumnType::Binary(length) => Some(("binary_len", format!(", {length}"))),
        ColumnType::Boolean => without_arguments("boolean"),
        ColumnType::Money(None) => without_arguments("money"),
        ColumnType::Json => without_arguments("json"),
        ColumnType::JsonBinary => without_arguments("json_binary"),
        ColumnType::Uuid => without_arguments("uuid"),
        ColumnType::Custom(name) => Some(("custom", format!(", {:?}", name.to_string()))),
        ColumnType::Enum { name, variants } => {
            let labels = variants.iter().map(|label| format!("{:?}", label.to_string())).collect::<Vec<_>>().join(", ");
            Some(("enumeration", format!(", {:?}, [{labels}]", enum_name(&name.to_string()))))
        }
        _ => None,
    }
}

/// The type as a Rust expression for `ColumnDef::new_with_type`.
pub(super) fn column_type_code(ty: &ColumnType) -> String {
    let variant = |code: &str| format!("ColumnType::{code}");
    match ty {
        ColumnType::Char(length) => variant(&format!("Char({length:?})")),
        ColumnType::String(length) => variant(&format!("String(StringLen::{length:?})")),
        ColumnType::VarBinary(length) => variant(&format!("VarBinary(StringLen::{length:?})")),
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
        ColumnType::Array(element) => format!("ColumnType::Array(std::sync::Arc::new({}))", column_type_code(element)),
        ColumnType::Interval(None, precision) => variant(&format!("Interval(None, {precision:?})")),
        ColumnType::Interval(Some(fields), precision) => {
            variant(&format!("Interval(Some(PgInterval::{fields:?}), {precision:?})"))
        }
        // What `Debug` prints of the others is their Rust code.
        other => variant(&format!("{other:?}")),
    }
}

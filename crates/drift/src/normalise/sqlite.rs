//! Type names on SQLite, which keeps any words as they were typed. The names are sea-query's own; what they mean for
//! storage is their affinity. Source: <https://www.sqlite.org/datatype3.html>.

use super::type_text::TypeText;
use crate::model::{LogicalType, Sign, Zone};

pub(super) fn kind(text: &TypeText) -> LogicalType {
    let integer = |bits| LogicalType::Integer { bits, sign: Sign::Signed };
    let timestamp = |zone| LogicalType::Timestamp { precision: 6, zone };
    match text.name.as_str() {
        "boolean" | "bool" => LogicalType::Boolean,
        "tinyint" => integer(8),
        "smallint" => integer(16),
        "mediumint" => integer(24),
        "int" | "integer" => integer(32),
        "bigint" => integer(64),
        "float" => LogicalType::Float { bits: 32, digits: None },
        "double" | "double precision" => LogicalType::Float { bits: 64, digits: None },
        "real" | "real_decimal" => LogicalType::Decimal(text.digits()),
        "real_money" => LogicalType::Money,
        "char" => LogicalType::Char(text.number(0).unwrap_or(1)),
        "varchar" => LogicalType::Varchar(text.number(0)),
        "text" => LogicalType::Text(None),
        "blob" => LogicalType::Blob(None),
        "varbinary_blob" => LogicalType::Varbinary(text.number(0)),
        "date_text" => LogicalType::Date,
        "time_text" => LogicalType::Time { precision: 6, zone: Zone::Without },
        "datetime_text" | "timestamp_text" => timestamp(Zone::Without),
        "timestamp_with_timezone_text" => timestamp(Zone::With),
        "json_text" => LogicalType::Json,
        "jsonb_text" => LogicalType::JsonBinary,
        "uuid_text" => LogicalType::Uuid,
        _ => LogicalType::Named(text.canonical()),
    }
}

/// Whether the name of a type promises numbers, such as `numeric` and `decimal(10, 2)`: a text of digits is stored as one.
pub(crate) fn promises_numbers(text: &str) -> bool {
    let text = text.to_lowercase();
    ["num", "dec", "money", "currency"].iter().any(|word| text.contains(word))
}

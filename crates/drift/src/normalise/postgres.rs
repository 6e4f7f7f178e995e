//! Type names of PostgreSQL, its own and sea-query's.
//! Source: <https://www.postgresql.org/docs/current/datatype.html>.

use super::type_text::TypeText;
use crate::model::{LogicalType, Sign, Zone};

pub(super) fn kind(text: &TypeText) -> LogicalType {
    let element = element(text);
    (0..text.dimensions.min(1)).fold(element, |element, _| LogicalType::Array(Box::new(element)))
}

fn element(text: &TypeText) -> LogicalType {
    let integer = |bits| LogicalType::Integer { bits, sign: Sign::Signed };
    let time = |zone| LogicalType::Time { precision: text.precision(6), zone };
    let timestamp = |zone| LogicalType::Timestamp { precision: text.precision(6), zone };
    let name = unquoted(&text.name);
    match name.as_str() {
        "boolean" | "bool" => LogicalType::Boolean,
        "smallint" | "int2" => integer(16),
        "integer" | "int" | "int4" => integer(32),
        "bigint" | "int8" => integer(64),
        "real" | "float4" => LogicalType::Float { bits: 32, digits: None },
        "double precision" | "float8" => LogicalType::Float { bits: 64, digits: None },
        "numeric" | "decimal" => LogicalType::Decimal(text.digits()),
        "money" => LogicalType::Money,
        // Without a length it is not padded, unlike `character`.
        "bpchar" if text.arguments.is_empty() => LogicalType::Varchar(None),
        "character" | "char" | "bpchar" => LogicalType::Char(text.number(0).unwrap_or(1)),
        "character varying" | "varchar" => LogicalType::Varchar(text.number(0)),
        "text" => LogicalType::Text(None),
        "bytea" => LogicalType::Blob(None),
        "bit" => LogicalType::Bit(text.number(0).unwrap_or(1)),
        "bit varying" | "varbit" => LogicalType::BitVarying(text.number(0)),
        "date" => LogicalType::Date,
        "time" | "time without time zone" => time(Zone::Without),
        "timetz" | "time with time zone" => time(Zone::With),
        "timestamp" | "timestamp without time zone" => timestamp(Zone::Without),
        "timestamptz" | "timestamp with time zone" => timestamp(Zone::With),
        "interval" => LogicalType::Interval,
        "json" => LogicalType::Json,
        "jsonb" => LogicalType::JsonBinary,
        "uuid" => LogicalType::Uuid,
        _ => LogicalType::Named(TypeText { name, ..text.clone() }.canonical()),
    }
}

/// With `quote_all_identifiers` the server quotes every name; otherwise `"char"` alone, a type that is not `char`.
fn unquoted(name: &str) -> String {
    if name == "\"char\"" { name.to_owned() } else { name.replace('"', "") }
}

//! Type names of PostgreSQL, its own and sea-query's.
//! Source: <https://www.postgresql.org/docs/current/datatype.html>.

use super::TypeText;
use crate::model::{Kind, Sign, Zone};

pub(super) fn kind(text: &TypeText) -> Kind {
    let element = element(text);
    (0..text.dimensions.min(1)).fold(element, |element, _| Kind::Array(Box::new(element)))
}

fn element(text: &TypeText) -> Kind {
    let integer = |bits| Kind::Integer { bits, sign: Sign::Signed };
    let time = |zone| Kind::Time { precision: text.precision(6), zone };
    let timestamp = |zone| Kind::Timestamp { precision: text.precision(6), zone };
    match text.name.as_str() {
        "boolean" | "bool" => Kind::Boolean,
        "smallint" | "int2" => integer(16),
        "integer" | "int" | "int4" => integer(32),
        "bigint" | "int8" => integer(64),
        "real" | "float4" => Kind::Float { bits: 32, digits: None },
        "double precision" | "float8" => Kind::Float { bits: 64, digits: None },
        "numeric" | "decimal" => Kind::Decimal(text.digits()),
        "money" => Kind::Money,
        "character" | "char" | "bpchar" => Kind::Char(text.number(0).unwrap_or(1)),
        "character varying" | "varchar" => Kind::Varchar(text.number(0)),
        "text" => Kind::Text(None),
        "bytea" => Kind::Blob(None),
        "bit" => Kind::Bit(text.number(0).unwrap_or(1)),
        "bit varying" | "varbit" => Kind::BitVarying(text.number(0)),
        "date" => Kind::Date,
        "time" | "time without time zone" => time(Zone::Without),
        "timetz" | "time with time zone" => time(Zone::With),
        "timestamp" | "timestamp without time zone" => timestamp(Zone::Without),
        "timestamptz" | "timestamp with time zone" => timestamp(Zone::With),
        "interval" => Kind::Interval,
        "json" => Kind::Json,
        "jsonb" => Kind::JsonBinary,
        "uuid" => Kind::Uuid,
        _ => Kind::Named(text.canonical()),
    }
}

//! Type names on SQLite, which keeps any words as they were typed. The names are sea-query's own; what they mean for
//! storage is their affinity. Source: <https://www.sqlite.org/datatype3.html>.

use super::TypeText;
use crate::model::{Kind, Sign, Zone};

pub(super) fn kind(text: &TypeText) -> Kind {
    let integer = |bits| Kind::Integer { bits, sign: Sign::Signed };
    let timestamp = |zone| Kind::Timestamp { precision: 6, zone };
    match text.name.as_str() {
        "boolean" | "bool" => Kind::Boolean,
        "tinyint" => integer(8),
        "smallint" => integer(16),
        "mediumint" => integer(24),
        "int" | "integer" => integer(32),
        "bigint" => integer(64),
        "float" => Kind::Float { bits: 32, digits: None },
        "double" | "double precision" => Kind::Float { bits: 64, digits: None },
        "real" | "real_decimal" => Kind::Decimal(text.digits()),
        "real_money" => Kind::Money,
        "char" => Kind::Char(text.number(0).unwrap_or(1)),
        "varchar" => Kind::Varchar(text.number(0)),
        "text" => Kind::Text(None),
        "blob" => Kind::Blob(None),
        "varbinary_blob" => Kind::Varbinary(text.number(0)),
        "date_text" => Kind::Date,
        "time_text" => Kind::Time { precision: 6, zone: Zone::Without },
        "datetime_text" => timestamp(Zone::Without),
        "timestamp_with_timezone_text" => timestamp(Zone::With),
        "json_text" => Kind::Json,
        "jsonb_text" => Kind::JsonBinary,
        "uuid_text" => Kind::Uuid,
        _ => Kind::Named(text.canonical()),
    }
}

//! Type names of MySQL and MariaDB, with what they leave unsaid: display widths mean nothing, `tinyint(1)` is the
//! boolean, `char` has one character, `decimal` ten digits.
//! Source: <https://dev.mysql.com/doc/refman/8.0/en/data-types.html>, <https://mariadb.com/kb/en/data-types/>.

use super::type_text::TypeText;
use crate::model::{Dialect, LogicalType, Sign, Zone};

/// The longest values of the texts and blobs, in bytes.
const TINYTEXT_BYTES: u32 = 255;
const TEXT_BYTES: u32 = 65_535;
const MEDIUMTEXT_BYTES: u32 = 16_777_215;
const LONGTEXT_BYTES: u32 = u32::MAX;

pub(super) fn kind(text: &TypeText, dialect: Dialect) -> LogicalType {
    let mut words = text.name.split(' ');
    let name = words.next().unwrap_or_default();
    let modifiers: Vec<&str> = words.collect();
    let sign = if modifiers.contains(&"unsigned") { Sign::Unsigned } else { Sign::Signed };
    let integer = |bits| LogicalType::Integer { bits, sign };
    match name {
        "tinyint" if text.number(0) == Some(1) && sign == Sign::Signed => LogicalType::Boolean,
        "bool" | "boolean" => LogicalType::Boolean,
        "tinyint" => integer(8),
        "smallint" => integer(16),
        "mediumint" => integer(24),
        "int" | "integer" => integer(32),
        "bigint" => integer(64),
        "float" => LogicalType::Float { bits: 32, digits: text.digits() },
        "double" | "real" => LogicalType::Float { bits: 64, digits: text.digits() },
        "decimal" | "numeric" => LogicalType::Decimal(Some(text.digits().unwrap_or((10, 0)))),
        "char" => LogicalType::Char(text.number(0).unwrap_or(1)),
        "varchar" => LogicalType::Varchar(text.number(0)),
        "tinytext" => LogicalType::Text(Some(TINYTEXT_BYTES)),
        "text" => LogicalType::Text(Some(TEXT_BYTES)),
        "mediumtext" => LogicalType::Text(Some(MEDIUMTEXT_BYTES)),
        "longtext" => LogicalType::Text(Some(LONGTEXT_BYTES)),
        "binary" => LogicalType::Binary(text.number(0).unwrap_or(1)),
        "varbinary" => LogicalType::Varbinary(text.number(0)),
        "tinyblob" => LogicalType::Blob(Some(TINYTEXT_BYTES)),
        "blob" => LogicalType::Blob(Some(TEXT_BYTES)),
        "mediumblob" => LogicalType::Blob(Some(MEDIUMTEXT_BYTES)),
        "longblob" => LogicalType::Blob(Some(LONGTEXT_BYTES)),
        "bit" => LogicalType::Bit(text.number(0).unwrap_or(1)),
        "date" => LogicalType::Date,
        "time" => LogicalType::Time { precision: text.precision(0), zone: Zone::Without },
        "datetime" => LogicalType::Timestamp { precision: text.precision(0), zone: Zone::Without },
        "timestamp" => LogicalType::Timestamp { precision: text.precision(0), zone: Zone::With },
        "year" => LogicalType::Year,
        // MariaDB keeps JSON as `longtext` and forgets that it was asked for JSON.
        "json" if dialect == Dialect::MariaDb => LogicalType::Text(Some(LONGTEXT_BYTES)),
        "json" => LogicalType::Json,
        "enum" => LogicalType::Enum { name: None, labels: text.arguments.clone().into() },
        _ => LogicalType::Named(text.canonical()),
    }
}

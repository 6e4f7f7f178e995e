//! Type names of MySQL and MariaDB, with what they leave unsaid: display widths mean nothing, `tinyint(1)` is the
//! boolean, `char` has one character, `decimal` ten digits.
//! Source: <https://dev.mysql.com/doc/refman/8.0/en/data-types.html>, <https://mariadb.com/kb/en/data-types/>.

use super::TypeText;
use crate::model::{Dialect, Kind, Sign, Zone};

const TINY: u32 = 255;
const NORMAL: u32 = 65_535;
const MEDIUM: u32 = 16_777_215;
const LONG: u32 = u32::MAX;

pub(super) fn kind(text: &TypeText, dialect: Dialect) -> Kind {
    let mut words = text.name.split(' ');
    let name = words.next().unwrap_or_default();
    let modifiers: Vec<&str> = words.collect();
    let sign = if modifiers.contains(&"unsigned") { Sign::Unsigned } else { Sign::Signed };
    let integer = |bits| Kind::Integer { bits, sign };
    match name {
        "tinyint" if text.number(0) == Some(1) && sign == Sign::Signed => Kind::Boolean,
        "bool" | "boolean" => Kind::Boolean,
        "tinyint" => integer(8),
        "smallint" => integer(16),
        "mediumint" => integer(24),
        "int" | "integer" => integer(32),
        "bigint" => integer(64),
        "float" => Kind::Float { bits: 32, digits: text.digits() },
        "double" | "real" => Kind::Float { bits: 64, digits: text.digits() },
        "decimal" | "numeric" => Kind::Decimal(Some(text.digits().unwrap_or((10, 0)))),
        "char" => Kind::Char(text.number(0).unwrap_or(1)),
        "varchar" => Kind::Varchar(text.number(0)),
        "tinytext" => Kind::Text(Some(TINY)),
        "text" => Kind::Text(Some(NORMAL)),
        "mediumtext" => Kind::Text(Some(MEDIUM)),
        "longtext" => Kind::Text(Some(LONG)),
        "binary" => Kind::Binary(text.number(0).unwrap_or(1)),
        "varbinary" => Kind::Varbinary(text.number(0)),
        "tinyblob" => Kind::Blob(Some(TINY)),
        "blob" => Kind::Blob(Some(NORMAL)),
        "mediumblob" => Kind::Blob(Some(MEDIUM)),
        "longblob" => Kind::Blob(Some(LONG)),
        "bit" => Kind::Bit(text.number(0).unwrap_or(1)),
        "date" => Kind::Date,
        "time" => Kind::Time { precision: text.precision(0), zone: Zone::Without },
        "datetime" => Kind::Timestamp { precision: text.precision(0), zone: Zone::Without },
        "timestamp" => Kind::Timestamp { precision: text.precision(0), zone: Zone::With },
        "year" => Kind::Year,
        // MariaDB keeps JSON as `longtext` and forgets that it was asked for JSON.
        "json" if dialect == Dialect::MariaDb => Kind::Text(Some(LONG)),
        "json" => Kind::Json,
        "enum" => Kind::Enum { name: None, labels: text.arguments.clone() },
        _ => Kind::Named(text.canonical()),
    }
}

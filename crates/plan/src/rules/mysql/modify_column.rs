//! `MODIFY` and `CHANGE`: what the new definition of a column changes.

use sqlparser::{
    ast::{CharacterLength, ColumnOption, DataType, EnumMember},
    dialect::MySqlDialect,
    parser::Parser,
};

use crate::server::Product;

use super::{
    algorithm::Algorithm,
    facts::{Column, Facts},
};

/// The algorithm for a new definition of a column.
pub(crate) fn modify_column(
    product: Product,
    facts: &Facts,
    old: &Column,
    data_type: &DataType,
    options: &[ColumnOption],
) -> Algorithm {
    let parsed =
        Parser::new(&MySqlDialect {}).try_with_sql(&old.data_type).and_then(|mut parser| parser.parse_data_type());
    let Ok(old_type) = parsed else {
        return Algorithm::Unknown(format!("the type {} of {} cannot be parsed", old.data_type, old.name));
    };
    // Without a collation the column gets that of the table.
    let is_collated =
        options.iter().any(|option| matches!(option, ColumnOption::CharacterSet(_) | ColumnOption::Collation(_)));
    if is_collated || (old.collation.is_some() && old.collation != facts.collation) {
        return Algorithm::Unknown(format!("the collation of {} may change", old.name));
    }
    let is_auto = old.extra.contains("auto_increment");
    let becomes_auto = options.iter().any(|option| match option {
        ColumnOption::DialectSpecific(words) => {
            words.iter().any(|word| word.to_string().eq_ignore_ascii_case("auto_increment"))
        }
        _ => false,
    });
    if is_auto != becomes_auto {
        return Algorithm::Copy;
    }
    let others = options.iter().any(|option| {
        !matches!(
            option,
            ColumnOption::Null
                | ColumnOption::NotNull
                | ColumnOption::Default(_)
                | ColumnOption::Comment(_)
                | ColumnOption::DialectSpecific(_)
        )
    });
    if others {
        return Algorithm::Unknown(format!("no rule for this definition of {}", old.name));
    }
    let takes_null = !options.iter().any(|option| matches!(option, ColumnOption::NotNull));
    match (change(product, old, &old_type, data_type), old.is_nullable == 1 || takes_null) {
        (StorageChange::None, _) if takes_null != (old.is_nullable == 1) => Algorithm::Rebuild,
        (StorageChange::None, _) => Algorithm::Metadata,
        (StorageChange::Changed, _) => Algorithm::Copy,
        (StorageChange::Unknown, _) => {
            Algorithm::Unknown(format!("it is unknown whether {} and {data_type} are stored alike", old.data_type))
        }
    }
}

enum StorageChange {
    None,
    Changed,
    Unknown,
}

fn change(product: Product, old: &Column, old_type: &DataType, new: &DataType) -> StorageChange {
    if let (Some(old), Some(new)) = (StoredType::of(old_type), StoredType::of(new)) {
        return if old == new { StorageChange::None } else { StorageChange::Changed };
    }
    match (old_type, new) {
        (DataType::Varchar(Some(old_length)), DataType::Varchar(Some(new_length))) => {
            varchar(product, old, old_length, new_length)
        }
        (DataType::Enum(old, None), DataType::Enum(new, None)) => members(old, new),
        (DataType::Enum(..) | DataType::Varchar(_), _) | (_, DataType::Enum(..) | DataType::Varchar(_)) => {
            StorageChange::Changed
        }
        _ => StorageChange::Unknown,
    }
}

/// The length of a value is stored in one byte, or in two where the maximum length in bytes needs that. MariaDB uses one byte
/// for short values anyway where the maximum was at most 127. <https://mariadb.com/kb/en/instant-add-column-for-innodb/>
fn varchar(
    product: Product,
    old: &Column,
    old_length: &CharacterLength,
    new_length: &CharacterLength,
) -> StorageChange {
    const ONE_BYTE: u64 = 255;
    const SEVEN_BITS: u64 = 127;
    let (
        CharacterLength::IntegerLength { length: old_length, unit: None },
        CharacterLength::IntegerLength { length: new_length, unit: None },
    ) = (old_length, new_length)
    else {
        return StorageChange::Unknown;
    };
    let Some(old_bytes) = old.bytes.filter(|_| *old_length > 0) else { return StorageChange::Unknown };
    let new_bytes = old_bytes / old_length * new_length;
    let is_shorter = new_length < old_length;
    let extends_in_place = product == Product::MariaDB && old_bytes <= SEVEN_BITS;
    let needs_second_byte = old_bytes <= ONE_BYTE && new_bytes > ONE_BYTE && !extends_in_place;
    if is_shorter || needs_second_byte { StorageChange::Changed } else { StorageChange::None }
}

/// A member is stored as its number, in one byte or in two.
fn members(old: &[EnumMember], new: &[EnumMember]) -> StorageChange {
    const ONE_BYTE: usize = 255;
    let is_longer = new.starts_with(old) && (old.len() > ONE_BYTE) == (new.len() > ONE_BYTE);
    if is_longer { StorageChange::None } else { StorageChange::Changed }
}

/// A type, as far as storage depends on it. The display width of integers does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum StoredType {
    Integer { bytes: u8, is_signed: bool },
    Double,
    Date,
    DateTime(u64),
    Text(u8),
    Char(Option<CharacterLength>),
}

impl StoredType {
    fn of(data_type: &DataType) -> Option<Self> {
        let integer = |bytes, is_signed| Self::Integer { bytes, is_signed };
        Some(match data_type {
            DataType::TinyInt(_) | DataType::Bool | DataType::Boolean => integer(1, true),
            DataType::TinyIntUnsigned(_) => integer(1, false),
            DataType::SmallInt(_) => integer(2, true),
            DataType::SmallIntUnsigned(_) => integer(2, false),
            DataType::MediumInt(_) => integer(3, true),
            DataType::MediumIntUnsigned(_) => integer(3, false),
            DataType::Int(_) | DataType::Integer(_) => integer(4, true),
            DataType::IntUnsigned(_) | DataType::IntegerUnsigned(_) => integer(4, false),
            DataType::BigInt(_) => integer(8, true),
            DataType::BigIntUnsigned(_) => integer(8, false),
            DataType::Double(_) | DataType::DoublePrecision => Self::Double,
            DataType::Date => Self::Date,
            DataType::Datetime(digits) => Self::DateTime(digits.unwrap_or(0)),
            DataType::TinyText => Self::Text(1),
            DataType::Text => Self::Text(2),
            DataType::MediumText => Self::Text(3),
            DataType::LongText => Self::Text(4),
            DataType::Char(length) => Self::Char(*length),
            _ => return None,
        })
    }
}

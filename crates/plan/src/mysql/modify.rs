//! `MODIFY` and `CHANGE`: what is left of the old description of a column.

use sqlparser::{
    ast::{CharacterLength, ColumnOption, DataType, EnumMember},
    dialect::MySqlDialect,
    parser::Parser,
};

use super::{
    facts::{Column, Facts},
    way::Way,
};

/// What it takes to describe a column so.
pub(crate) fn modify(facts: &Facts, old: &Column, data_type: &DataType, options: &[ColumnOption]) -> Way {
    let parsed =
        Parser::new(&MySqlDialect {}).try_with_sql(&old.data_type).and_then(|mut parser| parser.parse_data_type());
    let Ok(old_type) = parsed else {
        return Way::Unknown(format!("the type {} of {} cannot be read", old.data_type, old.name));
    };
    // What says none gets that of the table.
    let is_collated =
        options.iter().any(|option| matches!(option, ColumnOption::CharacterSet(_) | ColumnOption::Collation(_)));
    if is_collated || (old.collation.is_some() && old.collation != facts.collation) {
        return Way::Unknown(format!("whether the texts in {} stay as they are depends on both collations", old.name));
    }
    let is_auto = old.extra.contains("auto_increment");
    let becomes_auto = options.iter().any(|option| match option {
        ColumnOption::DialectSpecific(words) => {
            words.iter().any(|word| word.to_string().eq_ignore_ascii_case("auto_increment"))
        }
        _ => false,
    });
    if is_auto != becomes_auto {
        return Way::Copy;
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
        return Way::Unknown(format!("what the description of {} changes is not among what is judged", old.name));
    }
    let takes_null = !options.iter().any(|option| matches!(option, ColumnOption::NotNull));
    match (change(old, &old_type, data_type), old.is_nullable == 1 || takes_null) {
        (Change::None, _) if takes_null != (old.is_nullable == 1) => Way::Rebuild,
        (Change::None, _) => Way::Description,
        (Change::Otherwise, _) => Way::Copy,
        (Change::Unclear, _) => {
            Way::Unknown(format!("whether {} is stored like {data_type} is not known", old.data_type))
        }
    }
}

enum Change {
    /// What is stored is right as it is.
    None,
    Otherwise,
    Unclear,
}

fn change(old: &Column, old_type: &DataType, new: &DataType) -> Change {
    if let (Some(old), Some(new)) = (Family::of(old_type), Family::of(new)) {
        return if old == new { Change::None } else { Change::Otherwise };
    }
    match (old_type, new) {
        (DataType::Varchar(Some(old_length)), DataType::Varchar(Some(new_length))) => {
            varchar(old, old_length, new_length)
        }
        (DataType::Enum(old, None), DataType::Enum(new, None)) => members(old, new),
        (DataType::Enum(..) | DataType::Varchar(_), _) | (_, DataType::Enum(..) | DataType::Varchar(_)) => {
            Change::Otherwise
        }
        _ => Change::Unclear,
    }
}

/// The length of a text is stored in one byte, or in two.
fn varchar(old: &Column, old_length: &CharacterLength, new_length: &CharacterLength) -> Change {
    const ONE_BYTE: u64 = 255;
    let (
        CharacterLength::IntegerLength { length: old_length, unit: None },
        CharacterLength::IntegerLength { length: new_length, unit: None },
    ) = (old_length, new_length)
    else {
        return Change::Unclear;
    };
    let Some(old_bytes) = old.bytes.filter(|_| *old_length > 0) else { return Change::Unclear };
    let new_bytes = old_bytes / old_length * new_length;
    let is_shorter = new_length < old_length;
    let needs_another = old_bytes <= ONE_BYTE && new_bytes > ONE_BYTE;
    if is_shorter || needs_another { Change::Otherwise } else { Change::None }
}

/// A member is stored as its number.
fn members(old: &[EnumMember], new: &[EnumMember]) -> Change {
    const ONE_BYTE: usize = 255;
    let is_longer = new.starts_with(old) && (old.len() > ONE_BYTE) == (new.len() > ONE_BYTE);
    if is_longer { Change::None } else { Change::Otherwise }
}

/// Types whose values are stored alike. The number of digits that integers show is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Family {
    Integer { bytes: u8, is_signed: bool },
    Double,
    Date,
    DateTime(u64),
    Text(u8),
    Char(Option<CharacterLength>),
}

impl Family {
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

//! The two ways to settle a difference: change the entity, or change the database.

use crate::{
    change::{Change, is_about_the_field},
    model::{ColumnType, LogicalType, Nullability, Sides, Sign, Zone},
};

/// What to change, as the end of a sentence.
#[derive(Debug)]
pub(super) struct Settlement {
    /// In the entity.
    pub(super) field: String,
    /// In the database; `None` if it cannot have what the entity declares.
    pub(super) column: Option<String>,
}

/// `None` for other changes.
#[expect(clippy::wildcard_enum_match_arm, reason = "most are settled by a migration alone")]
pub(super) fn settlement(change: &Change) -> Option<Settlement> {
    Some(match change {
        Change::Type { sides, .. } => of_types(sides),
        Change::Nullability { sides, .. } => of_nullability(sides.live),
        Change::ColumnUnexpected { live, .. } if live.must_be_given() => undeclared("give it a default"),
        Change::IndexUnexpected { .. } | Change::CheckUnexpected { .. } | Change::ForeignKeyUnexpected { .. } => {
            undeclared("drop it if no other program needs it")
        }
        _ => return None,
    })
}

fn undeclared(otherwise: &str) -> Settlement {
    Settlement { field: "declare it in the entity".to_owned(), column: Some(otherwise.to_owned()) }
}

fn of_types(Sides { declared, live }: &Sides<ColumnType>) -> Settlement {
    let field = match (rust_type(&declared.field), rust_type(&live.kind)) {
        (Some(declared), Some(live)) if declared != live => format!("declare the field as `{live}`"),
        // Also on SQLite, where an integer is of any size.
        (None, _) if declared.field == LogicalType::Rust("u64".to_owned()) => "declare the field as `i64`".to_owned(),
        (None, Some(live)) if matches!(declared.field, LogicalType::Rust(_)) => {
            format!("declare the field as `{live}`")
        }
        _ if live.text.is_empty() => "declare it as the database has it".to_owned(),
        _ => format!("declare it as {live}"),
    };
    if is_about_the_field(declared, live) {
        let field = if matches!(declared.field, LogicalType::Rust(_)) {
            field
        } else {
            "give the field the type that the driver reads, or cast the column with `select_as = \"text\"`".to_owned()
        };
        return Settlement { field, column: None };
    }
    let is_possible = declared.kind != LogicalType::Unsupported;
    Settlement { field, column: is_possible.then(|| format!("change the column to {declared}")) }
}

fn of_nullability(live: Nullability) -> Settlement {
    let (field, column) = match live {
        Nullability::Nullable => {
            ("declare the field as an `Option`", "replace the NULLs, then set the column NOT NULL")
        }
        Nullability::NotNull => ("declare the field without `Option`", "let the column allow NULL"),
    };
    Settlement { field: field.to_owned(), column: Some(column.to_owned()) }
}

/// The type of a field, by its name in the prelude of SeaORM.
fn rust_type(ty: &LogicalType) -> Option<&'static str> {
    Some(match ty {
        LogicalType::Boolean => "bool",
        LogicalType::Integer { bits: 8, sign: Sign::Signed } => "i8",
        LogicalType::Integer { bits: 16, sign: Sign::Signed } => "i16",
        LogicalType::Integer { bits: 24 | 32, sign: Sign::Signed } => "i32",
        LogicalType::Integer { bits: 64, sign: Sign::Signed } => "i64",
        LogicalType::Integer { bits: 8, sign: Sign::Unsigned } => "u8",
        LogicalType::Integer { bits: 16, sign: Sign::Unsigned } => "u16",
        LogicalType::Integer { bits: 24 | 32, sign: Sign::Unsigned } => "u32",
        LogicalType::Integer { bits: 64, sign: Sign::Unsigned } => "u64",
        LogicalType::Float { bits: 32, .. } => "f32",
        LogicalType::Float { bits: 64, .. } => "f64",
        LogicalType::Decimal(_) => "Decimal",
        LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_) => "String",
        LogicalType::Binary(_) | LogicalType::Varbinary(_) | LogicalType::Blob(_) => "Vec<u8>",
        LogicalType::Date => "Date",
        LogicalType::Time { zone: Zone::Without, .. } => "Time",
        LogicalType::Timestamp { zone: Zone::Without, .. } => "DateTime",
        LogicalType::Timestamp { zone: Zone::With, .. } => "DateTimeUtc",
        LogicalType::Json | LogicalType::JsonBinary => "Json",
        LogicalType::Uuid => "Uuid",
        LogicalType::Integer { .. }
        | LogicalType::Float { .. }
        | LogicalType::Time { zone: Zone::With, .. }
        | LogicalType::Money
        | LogicalType::Bit(_)
        | LogicalType::BitVarying(_)
        | LogicalType::Year
        | LogicalType::Interval
        | LogicalType::Enum { .. }
        | LogicalType::Array(_)
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => return None,
    })
}

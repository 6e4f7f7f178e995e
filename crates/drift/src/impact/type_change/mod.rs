//! What the driver does with a type other than the declared one.
//!
//! Source: the `compatible`, `encode` and `decode` implementations of sqlx 0.9 and `TryGetable` of SeaORM 2.0 for each
//! backend. A Rust type is taken to be the one that SeaORM maps to the declared type by default. Whether it is all true
//! is tried in `tests/it/driver/types`, for every declared type against every live one.

mod mysql;
mod postgres;
mod size;
mod sqlite;

use crate::{
    change::{declares_no_type, is_about_the_field},
    consequence::{Consequence, Impact, harmless},
    model::{ColumnType, Dialect, LogicalType, Sides, TableName},
};

pub(super) fn impact(sides: &Sides<ColumnType>, table: &TableName, dialect: Dialect) -> Impact {
    let Sides { declared, live } = sides;
    let is_padded = matches!(live.kind, LogicalType::Char(_));
    // How long a text is, and how many digits a number has, is not said.
    let fails = matches!(consequence(sides, dialect), Consequence::ReadsFail | Consequence::WritesFail);
    if declares_no_type(declared, live) && !fails {
        return Consequence::Nothing.because("nothing breaks: the entity says no length");
    }
    let is_mysql = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let consequence = consequence(sides, dialect);
    let declared_words = if let LogicalType::Rust(name) = &declared.field {
        name.clone()
    } else if is_about_the_field(declared, live) {
        "text".to_owned()
    } else {
        declared.to_string()
    };
    let reason = match consequence {
        Consequence::ReadsFail
            if is_mysql
                && declared.field == LogicalType::Uuid
                && matches!(live.kind, LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_)) =>
        {
            format!("inserts and filters fail: the driver sends the 16 bytes of a UUID, which are no text for {live}")
        }
        Consequence::ReadsFail => format!(
            "every read of {table} that returns a value there fails: the driver does not decode {live} as {declared_words}; an \
             insert may take effect before it returns that error, so a retry writes twice"
        ),
        Consequence::ReadsMayFail
            if (&declared.field, &live.kind) == (&LogicalType::JsonBinary, &LogicalType::Json) =>
        {
            "filters by it fail: the database has no equality for json".to_owned()
        }
        Consequence::ReadsMayFail => {
            format!(
                "reading a row fails if the column holds a value that the driver does not decode as {declared_words}"
            )
        }
        Consequence::WritesFail => format!("every write to it fails: {live} accepts no value of {declared}"),
        Consequence::WritesMayFail => format!("the database rejects values that fit {declared_words} and not {live}"),
        Consequence::ValuesChange if is_padded && is_mysql => "values lose their trailing blanks".to_owned(),
        Consequence::ValuesChange if is_padded => {
            "values come back padded with blanks, which an enum field does not recognise".to_owned()
        }
        Consequence::ValuesChange => "values come back rounded, truncated, shifted or padded".to_owned(),
        Consequence::IntegrityLost | Consequence::ConstraintLost | Consequence::Slower | Consequence::Nothing => {
            return harmless();
        }
    };
    consequence.because(reason)
}

/// Whether the driver does not read what `field` holds, or does not write it, where a column has this type.
pub(crate) fn is_unreadable(field: &ColumnType, column: &ColumnType, dialect: Dialect) -> bool {
    let sides = Sides { declared: field.clone(), live: column.clone() };
    field != column && matches!(consequence(&sides, dialect), Consequence::ReadsFail | Consequence::WritesFail)
}

fn consequence(sides: &Sides<ColumnType>, dialect: Dialect) -> Consequence {
    let Sides { declared, live } = sides;
    match dialect {
        Dialect::Postgres => postgres::consequence(&declared.field, &live.kind),
        Dialect::MySql | Dialect::MariaDb => mysql::consequence(&declared.field, &live.kind),
        Dialect::Sqlite if live.is_strict => sqlite::strict_consequence(&declared.field, &live.text),
        Dialect::Sqlite => sqlite::consequence(&declared.field, &live.text),
    }
}

//! Normalises both sides: the same parser reads what sea-query would create and what the catalogue prints, so that two
//! spellings of the same thing are never a difference.

mod default;
mod expression;
mod lexer;
mod literal;
mod type_text;

mod mysql;
mod postgres;
mod sqlite;

pub(crate) use default::{default_value, does_not_fit, is_no_value_of, is_rejected, same_default, same_expression};
pub(crate) use expression::{Outcome, Stored, longest, never_fails, outcome, stored};
pub(crate) use lexer::{Token, check, checks_in, collation_in, generated_in, inside, required, tokens};
pub(crate) use literal::boolean;

use type_text::TypeText;

use crate::model::{ColumnType, Dialect, Stated};

/// The type that `dialect` understands by `text`.
pub(crate) fn column_type(text: &str, dialect: Dialect) -> ColumnType {
    let parsed = TypeText::parse(text);
    let kind = match dialect {
        Dialect::Postgres => postgres::kind(&parsed),
        Dialect::MySql | Dialect::MariaDb => mysql::kind(&parsed, dialect),
        Dialect::Sqlite => sqlite::kind(&parsed),
    };
    ColumnType { is_strict: false, text: text.to_owned(), field: kind.clone(), kind, stated: Stated::Fully }
}

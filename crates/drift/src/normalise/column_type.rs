//! What a dialect understands by the text of a type.

use super::{mysql, postgres, sqlite, type_text::TypeText};
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

//! The types of columns, as each kind of database would store them.

use sea_orm::sea_query::{
    ColumnType as SeaQueryType, MysqlQueryBuilder, PostgresQueryBuilder, SqliteQueryBuilder, StringLen, TableBuilder,
};

use crate::{
    model::{ColumnType, Dialect, LogicalType, Sign, Stated},
    normalise,
};

pub(crate) fn column_type(ty: Option<&SeaQueryType>, dialect: Dialect) -> ColumnType {
    match ty {
        Some(ty) if exists(ty, dialect) => {
            let stated = if is_text_without_length(ty) { Stated::WithoutLength } else { Stated::Fully };
            let kept_as = ColumnType { stated, ..normalise::column_type(&type_text(ty, dialect), dialect) };
            match field(ty) {
                Some(field) => ColumnType { field, ..kept_as },
                None => kept_as,
            }
        }
        // No live type is equal to it.
        other => {
            let text = other.map_or_else(|| "without a type".to_owned(), foreign_type_text);
            // No driver but that of PostgreSQL reads an array.
            let field = match other {
                Some(SeaQueryType::Array(_)) => LogicalType::Array(Box::new(LogicalType::Unsupported)),
                _ => LogicalType::Unsupported,
            };
            ColumnType { is_strict: false, field, kind: LogicalType::Unsupported, text, stated: Stated::Fully }
        }
    }
}

/// A `String`, or an array of them.
fn is_text_without_length(ty: &SeaQueryType) -> bool {
    let element = if let SeaQueryType::Array(element) = ty { element } else { ty };
    matches!(element, SeaQueryType::String(StringLen::None))
}

/// A type that the dialect does not have, as another one would spell it.
fn foreign_type_text(ty: &SeaQueryType) -> String {
    let has_it = |dialect: &Dialect| exists(ty, *dialect);
    let spelt_by = [Dialect::Postgres, Dialect::MySql].into_iter().find(has_it);
    spelt_by.map_or_else(|| "an unknown type".to_owned(), |dialect| type_text(ty, dialect))
}

/// The type of a field that some dialects store as another type.
fn field(ty: &SeaQueryType) -> Option<LogicalType> {
    let integer = |sign| LogicalType::Integer { bits: 64, sign };
    let kept_otherwise = [
        // SQLite calls an integer of any size `integer`.
        (SeaQueryType::BigInteger, integer(Sign::Signed)),
        (SeaQueryType::BigUnsigned, integer(Sign::Unsigned)),
        (SeaQueryType::Uuid, LogicalType::Uuid),
        (SeaQueryType::Json, LogicalType::Json),
        (SeaQueryType::JsonBinary, LogicalType::JsonBinary),
    ];
    kept_otherwise.into_iter().find_map(|(declared, field)| (declared == *ty).then_some(field))
}

pub(crate) fn type_text(ty: &SeaQueryType, dialect: Dialect) -> String {
    let mut sql = String::new();
    let text = &mut sql;
    match dialect {
        Dialect::Postgres => TableBuilder::prepare_column_type(&PostgresQueryBuilder, ty, text),
        Dialect::MySql | Dialect::MariaDb => TableBuilder::prepare_column_type(&MysqlQueryBuilder, ty, text),
        Dialect::Sqlite => TableBuilder::prepare_column_type(&SqliteQueryBuilder, ty, text),
    }
    sql
}

/// Whether the dialect has the type; sea-query panics on those it does not have.
pub(crate) fn exists(ty: &SeaQueryType, dialect: Dialect) -> bool {
    use SeaQueryType::{Array, Bit, Cidr, Inet, Interval, LTree, MacAddr, VarBit, Vector, Year};
    match dialect {
        Dialect::Postgres => !matches!(ty, Year),
        Dialect::MySql | Dialect::MariaDb => {
            !matches!(ty, Array(_) | Vector(_) | Cidr | Inet | MacAddr | LTree | Interval(..))
        }
        Dialect::Sqlite => !matches!(
            ty,
            Array(_) | Vector(_) | Cidr | Inet | MacAddr | LTree | Interval(..) | Year | Bit(_) | VarBit(_)
        ),
    }
}

pub(super) fn labels_of(ty: &SeaQueryType) -> Option<Vec<String>> {
    let element = if let SeaQueryType::Array(element) = ty { element } else { ty };
    let SeaQueryType::Enum { variants, .. } = element else { return None };
    Some(variants.iter().map(ToString::to_string).collect())
}

pub(super) fn with_labels(ty: ColumnType, labels: Vec<String>, dialect: Dialect) -> ColumnType {
    match dialect {
        Dialect::Postgres => ty.with_labels(&labels),
        // sea-query does not escape quotes in labels, so they are not read from its text.
        Dialect::MySql | Dialect::MariaDb => {
            let kind = LogicalType::Enum { name: None, labels: labels.into() };
            ColumnType { field: kind.clone(), kind, ..ty }
        }
        // Stored as text without a check.
        Dialect::Sqlite => ColumnType { field: LogicalType::Enum { name: None, labels: labels.into() }, ..ty },
    }
}

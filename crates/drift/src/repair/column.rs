//! A column to be added or changed, in the words that sea-query has for it.

use sea_orm::sea_query::{ColumnType as SeaQueryType, StringLen};

use crate::{
    declare,
    model::{Column, ColumnType, DefaultValue, Dialect, Generation, Kind, Nullability, Sign, Zone},
    normalise,
};

use super::sql::literal;

#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) ty: Option<Type>,
    /// Where it is to be said.
    pub(super) nullability: Option<Nullability>,
    pub(super) default: Option<Given>,
    pub(super) generation: Generation,
    /// The primary key alone.
    pub(super) is_key: bool,
    /// What stands behind it, as it is.
    pub(super) extra: Vec<String>,
}

/// A type, and the method of `ColumnDef` that sets it.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) statement: SeaQueryType,
    pub(super) method: String,
}

/// What a default stores.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Text(String),
    Now,
    Expression(String),
}

impl Definition {
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ty: None,
            nullability: None,
            default: None,
            generation: Generation::Given,
            is_key: false,
            extra: Vec::new(),
        }
    }

    /// The declared column's name and type.
    pub(super) fn typed(declared: &Column, dialect: Dialect) -> Option<Self> {
        Some(Self { ty: Some(self::ty(&declared.ty, dialect)?), ..Self::named(&declared.name) })
    }

    /// All that is declared of it but its CHECKs; `None` where that is more than a column can be told.
    pub(super) fn whole(declared: &Column, dialect: Dialect) -> Option<Self> {
        let definition = Self::typed(declared, dialect)?;
        let statement = &definition.ty.as_ref()?.statement;
        let is_counted =
            matches!(statement, SeaQueryType::SmallInteger | SeaQueryType::Integer | SeaQueryType::BigInteger);
        let collation = declared.collation.as_ref().map(|collation| match dialect {
            Dialect::Postgres => format!("COLLATE {}", super::quoted(&collation.name, dialect)),
            Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite => format!("COLLATE {}", collation.name),
        });
        let generation = match declared.generation {
            Generation::Given => None,
            Generation::AutoIncrement if is_counted || dialect != Dialect::Postgres => None,
            Generation::AlwaysIdentity if dialect == Dialect::Postgres => {
                Some("GENERATED ALWAYS AS IDENTITY".to_owned())
            }
            Generation::Touched => Some(touched(&declared.ty.kind)),
            // What it is computed from is not known here.
            Generation::Computed | Generation::AutoIncrement | Generation::AlwaysIdentity => return None,
        };
        Some(Self {
            nullability: said(declared, dialect),
            default: declared.default.as_ref().map(|default| given(default, &declared.ty, dialect)),
            generation: declared.generation,
            extra: collation.into_iter().chain(generation).collect(),
            ..definition
        })
    }

    /// The live column, as it is: for MODIFY, which forgets whatever is not said.
    pub(super) fn restated(live: &Column, dialect: Dialect) -> Option<Self> {
        let ty = Type { statement: SeaQueryType::custom(live.ty.text.clone()), method: custom(&live.ty.text) };
        let touched = match live.generation {
            Generation::Touched => Some(touched(&live.ty.kind)),
            Generation::Given | Generation::AutoIncrement => None,
            Generation::Computed | Generation::AlwaysIdentity => return None,
        };
        let collation = live.collation.as_ref().map(|collation| format!("COLLATE {}", collation.name));
        Some(Self {
            ty: Some(ty),
            nullability: Some(live.nullability),
            default: live.default.as_ref().map(|default| given(default, &live.ty, dialect)),
            generation: live.generation,
            extra: collation.into_iter().chain(touched).collect(),
            ..Self::named(&live.name)
        })
    }
}

/// Nullable is what a column is that says nothing, but for a `timestamp` of an older MySQL or MariaDB.
fn said(declared: &Column, dialect: Dialect) -> Option<Nullability> {
    let is_said = match declared.nullability {
        Nullability::NotNull => true,
        Nullability::Nullable => {
            matches!(dialect, Dialect::MySql | Dialect::MariaDb)
                && matches!(declared.ty.kind, Kind::Timestamp { zone: Zone::With, .. })
        }
    };
    is_said.then_some(declared.nullability)
}

fn touched(kind: &Kind) -> String {
    format!("ON UPDATE {}", now(kind))
}

/// MySQL wants as many digits of a second as the column has.
fn now(kind: &Kind) -> String {
    let digits = if let Kind::Timestamp { precision, .. } = kind { *precision } else { 0 };
    if digits > 0 { format!("CURRENT_TIMESTAMP({digits})") } else { "CURRENT_TIMESTAMP".to_owned() }
}

/// What `default` is in a column of type `ty`.
pub(super) fn given(default: &DefaultValue, ty: &ColumnType, dialect: Dialect) -> Given {
    let is_mysql = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    match (default, &ty.kind) {
        (DefaultValue::CurrentTimestamp, kind) if is_mysql && now(kind) != "CURRENT_TIMESTAMP" => {
            Given::Expression(now(kind))
        }
        (DefaultValue::CurrentTimestamp, _) => Given::Now,
        (DefaultValue::Expression(text), _) => Given::Expression(text.clone()),
        (DefaultValue::Literal(value), kind) => constant(value, kind, dialect),
    }
}

fn constant(value: &str, kind: &Kind, dialect: Dialect) -> Given {
    let text = || match (dialect, kind) {
        // MySQL takes an expression for the default of these, and no constant.
        (Dialect::MySql, Kind::Text(_) | Kind::Blob(_) | Kind::Json) => Given::Expression(literal(value, dialect)),
        _ => Given::Text(value.to_owned()),
    };
    let is_number = matches!(kind, Kind::Integer { .. } | Kind::Float { .. } | Kind::Decimal(_) | Kind::Money);
    if *kind == Kind::Boolean {
        return normalise::boolean(value).map_or_else(text, Given::Boolean);
    }
    let integer = || value.parse().ok().map(Given::Integer);
    let float = || value.parse::<f64>().ok().filter(|number| number.is_finite()).map(Given::Float);
    let number = if is_number { integer().or_else(float) } else { None };
    number.unwrap_or_else(text)
}

/// `None` for a type that the dialect has not.
fn ty(declared: &ColumnType, dialect: Dialect) -> Option<Type> {
    if declare::is_foreign(declared) {
        return None;
    }
    let means_the_same = |ty: &Type| {
        declare::exists(&ty.statement, dialect)
            && normalise::column_type(&declare::type_text(&ty.statement, dialect), dialect) == *declared
    };
    let custom = || Type { statement: SeaQueryType::custom(declared.text.clone()), method: custom(&declared.text) };
    Some(method(&declared.kind).filter(means_the_same).unwrap_or_else(custom))
}

fn custom(text: &str) -> String {
    format!("custom({text:?})")
}

/// sea-query's own type of that meaning, where it has one.
fn method(kind: &Kind) -> Option<Type> {
    let (statement, method) = match kind {
        Kind::Boolean => (SeaQueryType::Boolean, "boolean()".to_owned()),
        Kind::Integer { bits, sign } => integer(*bits, *sign)?,
        Kind::Float { bits: 32, digits: None } => (SeaQueryType::Float, "float()".to_owned()),
        Kind::Float { digits: None, .. } => (SeaQueryType::Double, "double()".to_owned()),
        Kind::Decimal(None) => (SeaQueryType::Decimal(None), "decimal()".to_owned()),
        Kind::Decimal(Some((precision, scale))) => {
            (SeaQueryType::Decimal(Some((*precision, *scale))), format!("decimal_len({precision}, {scale})"))
        }
        Kind::Money => (SeaQueryType::Money(None), "money()".to_owned()),
        Kind::Char(length) => (SeaQueryType::Char(Some(*length)), format!("char_len({length})")),
        Kind::Varchar(None) => (SeaQueryType::String(StringLen::None), "string()".to_owned()),
        Kind::Varchar(Some(length)) => (SeaQueryType::String(StringLen::N(*length)), format!("string_len({length})")),
        Kind::Text(_) => (SeaQueryType::Text, "text()".to_owned()),
        Kind::Binary(length) => (SeaQueryType::Binary(*length), format!("binary_len({length})")),
        Kind::Varbinary(Some(length)) => {
            (SeaQueryType::VarBinary(StringLen::N(*length)), format!("var_binary({length})"))
        }
        Kind::Blob(_) => (SeaQueryType::Blob, "blob()".to_owned()),
        Kind::Bit(length) => (SeaQueryType::Bit(Some(*length)), format!("bit(Some({length}))")),
        Kind::BitVarying(Some(length)) => (SeaQueryType::VarBit(*length), format!("varbit({length})")),
        Kind::Date => (SeaQueryType::Date, "date()".to_owned()),
        Kind::Time { .. } => (SeaQueryType::Time, "time()".to_owned()),
        Kind::Timestamp { zone: Zone::Without, .. } => (SeaQueryType::DateTime, "date_time()".to_owned()),
        Kind::Timestamp { zone: Zone::With, .. } => {
            (SeaQueryType::TimestampWithTimeZone, "timestamp_with_time_zone()".to_owned())
        }
        Kind::Year => (SeaQueryType::Year, "year()".to_owned()),
        Kind::Interval => (SeaQueryType::Interval(None, None), "interval(None, None)".to_owned()),
        Kind::Json => (SeaQueryType::Json, "json()".to_owned()),
        Kind::JsonBinary => (SeaQueryType::JsonBinary, "json_binary()".to_owned()),
        Kind::Uuid => (SeaQueryType::Uuid, "uuid()".to_owned()),
        Kind::Float { digits: Some(_), .. }
        | Kind::Varbinary(None)
        | Kind::BitVarying(None)
        | Kind::Enum { .. }
        | Kind::Array(_)
        | Kind::Named(_) => {
            return None;
        }
    };
    Some(Type { statement, method })
}

fn integer(bits: u8, sign: Sign) -> Option<(SeaQueryType, String)> {
    let (statement, method) = match (bits, sign) {
        (8, Sign::Signed) => (SeaQueryType::TinyInteger, "tiny_integer()"),
        (16, Sign::Signed) => (SeaQueryType::SmallInteger, "small_integer()"),
        (32, Sign::Signed) => (SeaQueryType::Integer, "integer()"),
        (64, Sign::Signed) => (SeaQueryType::BigInteger, "big_integer()"),
        (8, Sign::Unsigned) => (SeaQueryType::TinyUnsigned, "tiny_unsigned()"),
        (16, Sign::Unsigned) => (SeaQueryType::SmallUnsigned, "small_unsigned()"),
        (32, Sign::Unsigned) => (SeaQueryType::Unsigned, "unsigned()"),
        (64, Sign::Unsigned) => (SeaQueryType::BigUnsigned, "big_unsigned()"),
        _ => return None,
    };
    Some((statement, method.to_owned()))
}

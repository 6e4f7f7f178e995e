//! A column to add or change, as sea-query can express it.

use sea_orm::sea_query::{ColumnType as SeaQueryType, StringLen};

use crate::{
    declare,
    model::{Column, ColumnType, DefaultValue, Dialect, Generation, LogicalType, Nullability, Sign, Zone},
    normalise,
};

use super::quote::{literal, quoted};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) ty: Option<Type>,
    /// `None` leaves it out.
    pub(super) nullability: Option<Nullability>,
    pub(super) default: Option<DefaultExpr>,
    pub(super) generation: Generation,
    /// The primary key alone.
    pub(super) is_key: bool,
    /// Further SQL, as it is.
    pub(super) extra: Vec<String>,
}

/// A type, and the method of `ColumnDef` that sets it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Type {
    pub(super) statement: SeaQueryType,
    pub(super) method: String,
}

/// The expression of a default, as sea-query takes it.
#[derive(Clone, Debug, PartialEq)]
pub enum DefaultExpr {
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A truth value.
    Boolean(bool),
    /// A string constant.
    Text(String),
    /// The current time.
    Now,
    /// SQL, as it is.
    Expression(String),
}

impl Definition {
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ty: None,
            nullability: None,
            default: None,
            generation: Generation::Supplied,
            is_key: false,
            extra: Vec::new(),
        }
    }

    /// The declared column's name and type.
    pub(super) fn typed(declared: &Column, dialect: Dialect) -> Option<Self> {
        Some(Self { ty: Some(self::ty(&declared.ty, dialect)?), ..Self::named(&declared.name) })
    }

    /// The whole declaration except its CHECKs; `None` if sea-query cannot express it.
    pub(super) fn whole(declared: &Column, dialect: Dialect) -> Option<Self> {
        let definition = Self::typed(declared, dialect)?;
        let statement = &definition.ty.as_ref()?.statement;
        let is_counted =
            matches!(statement, SeaQueryType::SmallInteger | SeaQueryType::Integer | SeaQueryType::BigInteger);
        let collation = declared.collation.as_ref().map(|collation| match dialect {
            Dialect::Postgres => format!("COLLATE {}", quoted(&collation.name, dialect)),
            Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite => format!("COLLATE {}", collation.name),
        });
        let generation = match declared.generation {
            Generation::Supplied => None,
            Generation::AutoIncrement if is_counted || dialect != Dialect::Postgres => None,
            Generation::AlwaysIdentity if dialect == Dialect::Postgres => {
                Some("GENERATED ALWAYS AS IDENTITY".to_owned())
            }
            Generation::OnUpdate => Some(on_update(&declared.ty.kind)),
            // The expression is not known here.
            Generation::Computed | Generation::AutoIncrement | Generation::AlwaysIdentity => return None,
        };
        Some(Self {
            nullability: stated_nullability(declared, dialect),
            default: declared.default.as_ref().map(|default| given(default, &declared.ty, dialect)),
            generation: declared.generation,
            extra: collation.into_iter().chain(generation).collect(),
            ..definition
        })
    }

    /// The live column unchanged, for MODIFY, which drops every attribute that it does not repeat.
    pub(super) fn restated(live: &Column, dialect: Dialect) -> Option<Self> {
        let ty = Type { statement: SeaQueryType::custom(live.ty.text.clone()), method: custom(&live.ty.text) };
        let on_update = match live.generation {
            Generation::OnUpdate => Some(on_update(&live.ty.kind)),
            Generation::Supplied | Generation::AutoIncrement => None,
            Generation::Computed | Generation::AlwaysIdentity => return None,
        };
        let collation = live.collation.as_ref().map(|collation| format!("COLLATE {}", collation.name));
        Some(Self {
            ty: Some(ty),
            nullability: Some(live.nullability),
            default: live.default.as_ref().map(|default| given(default, &live.ty, dialect)),
            generation: live.generation,
            extra: collation.into_iter().chain(on_update).collect(),
            ..Self::named(&live.name)
        })
    }
}

/// Nullable is the default, except for a `timestamp` of an older MySQL or MariaDB.
fn stated_nullability(declared: &Column, dialect: Dialect) -> Option<Nullability> {
    let is_said = match declared.nullability {
        Nullability::NotNull => true,
        Nullability::Nullable => {
            matches!(dialect, Dialect::MySql | Dialect::MariaDb)
                && matches!(declared.ty.kind, LogicalType::Timestamp { zone: Zone::With, .. })
        }
    };
    is_said.then_some(declared.nullability)
}

fn on_update(kind: &LogicalType) -> String {
    format!("ON UPDATE {}", now(kind))
}

/// MySQL requires as many digits of a second as the column has.
fn now(kind: &LogicalType) -> String {
    let digits = if let LogicalType::Timestamp { precision, .. } = kind { *precision } else { 0 };
    if digits > 0 { format!("CURRENT_TIMESTAMP({digits})") } else { "CURRENT_TIMESTAMP".to_owned() }
}

/// The expression of `default` in a column of type `ty`.
pub(super) fn given(default: &DefaultValue, ty: &ColumnType, dialect: Dialect) -> DefaultExpr {
    let is_mysql = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    match (default, &ty.kind) {
        (DefaultValue::CurrentTimestamp, kind) if is_mysql && now(kind) != "CURRENT_TIMESTAMP" => {
            DefaultExpr::Expression(now(kind))
        }
        (DefaultValue::CurrentTimestamp, _) => DefaultExpr::Now,
        (DefaultValue::Expression(text), _) => DefaultExpr::Expression(text.clone()),
        (DefaultValue::Literal(value), kind) => constant(value, kind, dialect),
    }
}

fn constant(value: &str, kind: &LogicalType, dialect: Dialect) -> DefaultExpr {
    let text = || match (dialect, kind) {
        // MySQL only accepts an expression as the default of these.
        (Dialect::MySql, LogicalType::Text(_) | LogicalType::Blob(_) | LogicalType::Json) => {
            DefaultExpr::Expression(literal(value, dialect))
        }
        _ => DefaultExpr::Text(value.to_owned()),
    };
    let is_number = matches!(
        kind,
        LogicalType::Integer { .. } | LogicalType::Float { .. } | LogicalType::Decimal(_) | LogicalType::Money
    );
    if *kind == LogicalType::Boolean {
        return normalise::boolean(value).map_or_else(text, DefaultExpr::Boolean);
    }
    let integer = || value.parse().ok().map(DefaultExpr::Integer);
    let float = || value.parse::<f64>().ok().filter(|number| number.is_finite()).map(DefaultExpr::Float);
    let number = if is_number { integer().or_else(float) } else { None };
    number.unwrap_or_else(text)
}

/// `None` for a type that the dialect does not have.
pub(super) fn ty(declared: &ColumnType, dialect: Dialect) -> Option<Type> {
    if declared.kind == LogicalType::Unsupported {
        return None;
    }
    // sea-query writes the name of a native enum without quotes, and the labels of MySQL's as they are.
    if let (Dialect::Postgres, Some(name)) = (dialect, declared.enum_name()) {
        let brackets = if matches!(declared.kind, LogicalType::Array(_)) { "[]" } else { "" };
        let text = format!("{}{brackets}", quoted(name, dialect));
        return Some(Type { statement: SeaQueryType::custom(text.clone()), method: custom(&text) });
    }
    if let (Dialect::MySql | Dialect::MariaDb, LogicalType::Enum { name: None, labels }) = (dialect, &declared.kind) {
        let labels: Vec<String> = labels.iter().map(|label| literal(label, dialect)).collect();
        let text = format!("enum({})", labels.join(","));
        return Some(Type { statement: SeaQueryType::custom(text.clone()), method: custom(&text) });
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
fn method(kind: &LogicalType) -> Option<Type> {
    let (statement, method) = match kind {
        LogicalType::Boolean => (SeaQueryType::Boolean, "boolean()".to_owned()),
        LogicalType::Integer { bits, sign } => integer(*bits, *sign)?,
        LogicalType::Float { bits: 32, digits: None } => (SeaQueryType::Float, "float()".to_owned()),
        LogicalType::Float { digits: None, .. } => (SeaQueryType::Double, "double()".to_owned()),
        LogicalType::Decimal(None) => (SeaQueryType::Decimal(None), "decimal()".to_owned()),
        LogicalType::Decimal(Some((precision, scale))) => {
            (SeaQueryType::Decimal(Some((*precision, *scale))), format!("decimal_len({precision}, {scale})"))
        }
        LogicalType::Money => (SeaQueryType::Money(None), "money()".to_owned()),
        LogicalType::Char(length) => (SeaQueryType::Char(Some(*length)), format!("char_len({length})")),
        LogicalType::Varchar(None) => (SeaQueryType::String(StringLen::None), "string()".to_owned()),
        LogicalType::Varchar(Some(length)) => {
            (SeaQueryType::String(StringLen::N(*length)), format!("string_len({length})"))
        }
        LogicalType::Text(_) => (SeaQueryType::Text, "text()".to_owned()),
        LogicalType::Binary(length) => (SeaQueryType::Binary(*length), format!("binary_len({length})")),
        LogicalType::Varbinary(Some(length)) => {
            (SeaQueryType::VarBinary(StringLen::N(*length)), format!("var_binary({length})"))
        }
        LogicalType::Blob(_) => (SeaQueryType::Blob, "blob()".to_owned()),
        LogicalType::Bit(length) => (SeaQueryType::Bit(Some(*length)), format!("bit(Some({length}))")),
        LogicalType::BitVarying(Some(length)) => (SeaQueryType::VarBit(*length), format!("varbit({length})")),
        LogicalType::Date => (SeaQueryType::Date, "date()".to_owned()),
        LogicalType::Time { .. } => (SeaQueryType::Time, "time()".to_owned()),
        LogicalType::Timestamp { zone: Zone::Without, .. } => (SeaQueryType::DateTime, "date_time()".to_owned()),
        LogicalType::Timestamp { zone: Zone::With, .. } => {
            (SeaQueryType::TimestampWithTimeZone, "timestamp_with_time_zone()".to_owned())
        }
        LogicalType::Year => (SeaQueryType::Year, "year()".to_owned()),
        LogicalType::Interval => (SeaQueryType::Interval(None, None), "interval(None, None)".to_owned()),
        LogicalType::Json => (SeaQueryType::Json, "json()".to_owned()),
        LogicalType::JsonBinary => (SeaQueryType::JsonBinary, "json_binary()".to_owned()),
        LogicalType::Uuid => (SeaQueryType::Uuid, "uuid()".to_owned()),
        LogicalType::Float { digits: Some(_), .. }
        | LogicalType::Varbinary(None)
        | LogicalType::BitVarying(None)
        | LogicalType::Enum { .. }
        | LogicalType::Array(_)
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => {
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

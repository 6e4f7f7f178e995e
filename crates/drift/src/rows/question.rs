//! What the rows are asked about a difference.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query};

use crate::{
    change::Change,
    model::{ColumnType, Dialect, ForeignKey, LogicalType, Nullability, Sides, Sign, Table, TableName, Validity},
};

/// A question to the rows of one table.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// Which rows are these.
    Rows {
        is_it: Expr,
        /// What makes them fit, if that is a value in a column.
        fill: Option<Box<Fill>>,
    },
    /// Which values of these columns occur more than once.
    Duplicates(Vec<String>),
}

/// A value for the rows that do not fit.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(super) column: String,
    pub(super) value: Expr,
    /// The value and the condition, as code for a migration.
    pub(super) value_code: String,
    pub(super) condition_code: String,
}

impl Question {
    /// `None` if rows cannot decide it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "rows decide few of them")]
    pub(super) fn about(change: &Change, table: &Table, dialect: Dialect) -> Option<Self> {
        match change {
            Change::Nullability { column, sides: Sides { live: Nullability::Nullable, .. }, .. } => {
                Some(Self::rows(col(column).is_null(), Fill::by(column, table, "is_null()")))
            }
            Change::EnumLabels { column, unexpected, .. } if !unexpected.is_empty() => {
                let LogicalType::Enum { .. } = of(table, column)? else { return None };
                let text = col(column).cast_as(text_type(dialect));
                Some(Self::rows(text.is_in(unexpected.iter().map(String::as_str)), None))
            }
            Change::Type { column, sides } => {
                let (is_it, condition) = misfit(column, sides, dialect)?;
                Some(Self::rows(is_it, condition.and_then(|condition| Fill::by(column, table, &condition))))
            }
            Change::ForeignKeyMissing { declared: key, nearest: None } => Some(Self::rows(dangling(key, table), None)),
            Change::ForeignKey { sides } if sides.live.validity == Validity::NotValidated => {
                Some(Self::rows(dangling(&sides.declared, table), None))
            }
            Change::CheckMissing { declared } => Some(Self::rows(Expr::cust(format!("NOT ({})", declared.text)), None)),
            Change::UniqueMissing { declared, .. } => Some(Self::Duplicates(declared.columns.clone())),
            _ => None,
        }
    }

    fn rows(is_it: Expr, fill: Option<Fill>) -> Self {
        Self::Rows { is_it, fill: fill.map(Box::new) }
    }
}

impl Fill {
    /// A value of the column's type, to adapt; `None` if none comes to mind.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a number or a text can be made up, other values cannot")]
    fn by(column: &str, table: &Table, condition: &str) -> Option<Self> {
        let (value, value_code) = match of(table, column)? {
            LogicalType::Integer { .. } | LogicalType::Float { .. } | LogicalType::Decimal(_) => (Expr::val(0), "0"),
            LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_) => (Expr::val(""), "\"\""),
            LogicalType::Boolean => (Expr::val(false), "false"),
            _ => return None,
        };
        let condition_code = format!("Expr::col({column:?}).{condition}");
        Some(Self { column: column.to_owned(), value, value_code: value_code.to_owned(), condition_code })
    }
}

fn col(name: &str) -> Expr {
    Expr::col(name.to_owned())
}

fn of<'a>(table: &'a Table, column: &str) -> Option<&'a LogicalType> {
    table.columns.iter().find(|it| it.name == column).map(|it| &it.ty.kind)
}

/// The values that the field cannot hold, and the condition as code if a value can be made up for them. `None` if the two types
/// have nothing in common that could be compared.
fn misfit(column: &str, sides: &Sides<ColumnType>, dialect: Dialect) -> Option<(Expr, Option<String>)> {
    match (&sides.declared.field, &sides.live.kind) {
        (LogicalType::Integer { bits, sign }, LogicalType::Integer { .. }) if *bits < 64 => {
            let (least, greatest) = match sign {
                Sign::Signed => (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1),
                Sign::Unsigned => (0, (1_i64 << bits) - 1),
            };
            let condition = format!("not_between({least}_i64, {greatest}_i64)");
            Some((col(column).not_between(least, greatest), Some(condition)))
        }
        (
            LogicalType::Varchar(Some(length)) | LogicalType::Char(length),
            LogicalType::Varchar(_) | LogicalType::Char(_) | LogicalType::Text(_),
        ) => Some((Func::char_length(col(column).cast_as(text_type(dialect))).gt(*length), None)),
        // What a column of SQLite holds is decided row by row.
        (LogicalType::Integer { .. }, _) if dialect == Dialect::Sqlite => {
            Some((is_stored_otherwise(column, "integer"), None))
        }
        (LogicalType::Varchar(_) | LogicalType::Char(_) | LogicalType::Text(_), _) if dialect == Dialect::Sqlite => {
            Some((is_stored_otherwise(column, "text"), None))
        }
        _ => None,
    }
}

/// <https://www.sqlite.org/lang_corefunc.html#typeof>
fn is_stored_otherwise(column: &str, class: &str) -> Expr {
    Expr::from(Func::cust("typeof").arg(col(column))).is_not_in([class, "null"])
}

/// Rows that refer to no row.
fn dangling(key: &ForeignKey, table: &Table) -> Expr {
    const TARGET: &str = "referred_to";
    let mut target = Query::select();
    target.expr(Expr::val(1));
    match key.target.clone() {
        TableName { schema: Some(schema), name } => target.from_as((schema, name), TARGET),
        TableName { schema: None, name } => target.from_as(name, TARGET),
    };
    let mut is_given = Condition::all();
    for (column, referred) in key.columns.iter().zip(&key.target_columns) {
        let own = || Expr::col((table.name.name.clone(), column.clone()));
        is_given = is_given.add(own().is_not_null());
        target.and_where(Expr::col((TARGET, referred.clone())).eq(own()));
    }
    Expr::from(is_given.add(Expr::exists(target).not()))
}

/// Whether the dialect writes `CAST(... AS text)` that way.
fn text_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql | Dialect::MariaDb => "char",
        Dialect::Postgres | Dialect::Sqlite => "text",
    }
}

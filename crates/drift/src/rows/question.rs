//! What the rows are asked about a difference.

use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, Query, SimpleExpr};

use super::text_type;
use crate::{
    change::Change,
    model::{Dialect, ForeignKey, LogicalType, Nullability, Sides, Sign, Table, TableName, Validity},
};

/// A question to the rows of one table.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// Which rows are these.
    Rows(SimpleExpr),
    /// Which values of these columns occur more than once.
    Duplicates(Vec<String>),
}

impl Question {
    /// `None` where rows cannot decide it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "rows decide few of them")]
    pub(super) fn about(change: &Change, table: &Table, dialect: Dialect) -> Option<Self> {
        match change {
            Change::Nullability { column, sides: Sides { live: Nullability::Nullable, .. }, .. } => {
                Some(Self::Rows(col(column).is_null()))
            }
            Change::EnumLabels { column, unexpected, .. } if !unexpected.is_empty() => {
                let is_array = of(table, column).is_some_and(|ty| matches!(ty, LogicalType::Array(_)));
                let text = col(column).cast_as(Alias::new(text_type(dialect)));
                (!is_array).then(|| Self::Rows(text.is_in(unexpected.iter().map(String::as_str))))
            }
            Change::Type { column, sides } => misfit(column, &sides.declared.field, dialect).map(Self::Rows),
            Change::ForeignKeyMissing { declared: key, nearest: None } => Some(Self::Rows(dangling(key, table))),
            Change::ForeignKey { sides } if sides.live.validity == Validity::NotValidated => {
                Some(Self::Rows(dangling(&sides.declared, table)))
            }
            Change::CheckMissing { declared } => Some(Self::Rows(Expr::cust(format!("NOT ({})", declared.text)))),
            Change::UniqueMissing { declared, .. } => Some(Self::Duplicates(declared.columns.clone())),
            _ => None,
        }
    }
}

fn col(name: &str) -> SimpleExpr {
    Expr::col(Alias::new(name))
}

fn of<'a>(table: &'a Table, column: &str) -> Option<&'a LogicalType> {
    table.columns.iter().find(|it| it.name == column).map(|it| &it.ty.kind)
}

/// The values that do not fit into the declared type.
#[expect(clippy::wildcard_enum_match_arm, reason = "the sizes of other types are not compared")]
fn misfit(column: &str, declared: &LogicalType, dialect: Dialect) -> Option<SimpleExpr> {
    match declared {
        LogicalType::Integer { bits, sign } if *bits < 64 => {
            let (least, greatest) = match sign {
                Sign::Signed => (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1),
                Sign::Unsigned => (0, (1_i64 << bits) - 1),
            };
            Some(col(column).not_between(least, greatest))
        }
        LogicalType::Varchar(Some(length)) | LogicalType::Char(length) => {
            let text = col(column).cast_as(Alias::new(text_type(dialect)));
            Some(Func::char_length(text).gt(*length))
        }
        _ => None,
    }
}

/// Rows that refer to no row.
fn dangling(key: &ForeignKey, table: &Table) -> SimpleExpr {
    const TARGET: &str = "referred_to";
    let mut target = Query::select();
    target.expr(Expr::val(1));
    match &key.target {
        TableName { schema: Some(schema), name } => {
            target.from_as((Alias::new(schema), Alias::new(name)), Alias::new(TARGET))
        }
        TableName { schema: None, name } => target.from_as(Alias::new(name), Alias::new(TARGET)),
    };
    let mut is_given = Condition::all();
    for (column, referred) in key.columns.iter().zip(&key.target_columns) {
        let own = || Expr::col((Alias::new(&table.name.name), Alias::new(column)));
        is_given = is_given.add(own().is_not_null());
        target.and_where(Expr::col((Alias::new(TARGET), Alias::new(referred))).eq(own()));
    }
    SimpleExpr::from(is_given.add(Expr::exists(target).not()))
}

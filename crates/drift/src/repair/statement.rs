//! The model as sea-query's statements take it, for programs that write statements of their own, such as migrations.

use sea_orm::sea_query::{ColumnType as SeaQueryType, Expr};

use super::{
    code,
    column::{self, DefaultExpr},
    sql, widening,
};
use crate::model::{ColumnType, DefaultValue, Dialect};

impl ColumnType {
    /// The same for sea-query: one of its own types if that means the same in `dialect`, otherwise the text; `None` for a
    /// type that the dialect does not have.
    pub fn to_sea_query(&self, dialect: Dialect) -> Option<SeaQueryType> {
        column::ty(self, dialect).map(|ty| ty.statement)
    }

    /// Whether it holds every value of `other`, unchanged, and is not the same.
    pub fn is_wider_than(&self, other: &Self, dialect: Dialect) -> bool {
        widening::is_wider(&self.kind, &other.kind, dialect)
    }
}

impl DefaultValue {
    /// The same for sea-query, in a column of type `ty`.
    pub fn to_expr(&self, ty: &ColumnType, dialect: Dialect) -> DefaultExpr {
        column::given(self, ty, dialect)
    }
}

impl DefaultExpr {
    /// As Rust code that makes it, after `use sea_orm_migration::prelude::*`.
    pub fn to_code(&self) -> String {
        code::default_code(self)
    }
}

impl From<&DefaultExpr> for Expr {
    fn from(default: &DefaultExpr) -> Self {
        sql::value(default)
    }
}

//! Names as the server compares them.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{Ident, ObjectName};

use crate::sql;

pub(super) fn table(name: &ObjectName) -> String {
    sql::table(DbBackend::MySql, name)
}

pub(super) fn name(identifier: &Ident) -> String {
    sql::name(DbBackend::MySql, identifier)
}

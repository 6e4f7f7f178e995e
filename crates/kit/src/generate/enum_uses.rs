//! What uses the native enums of PostgreSQL.

use sea_orm_drift::model::TableName;
use sea_orm_migration::sea_orm::{self, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

/// A use of an enum: by a column, or by something else.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct EnumUse {
    pub(super) name: String,
    pub(super) is_used: bool,
    schema: Option<String>,
    is_default_schema: bool,
    table: Option<String>,
    column: Option<String>,
}

/// The uses of the enums that the migrations made; none on other databases.
pub(super) async fn enum_uses(db: &impl ConnectionTrait) -> Result<Vec<EnumUse>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let statement = Statement::from_string(DbBackend::Postgres, include_str!("enum_uses.sql"));
    EnumUse::find_by_statement(statement).all(db).await
}

impl EnumUse {
    pub(super) fn is_of(&self, table: &TableName, column: &str) -> bool {
        let is_table = self.table.as_ref() == Some(&table.name)
            && match &table.schema {
                Some(schema) => self.schema.as_ref() == Some(schema),
                None => self.is_default_schema,
            };
        is_table && self.column.as_deref() == Some(column)
    }
}

//! What `MODIFY` of MySQL and MariaDB drops unless it repeats it, and no entity declares: the comment of a column, that it is
//! invisible, and that an update sets it.

use sea_orm_drift::model::TableName;
use sea_orm_migration::sea_orm::{
    self, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, sea_query::ColumnType,
};

use super::spec::ColumnSpec;

/// Of one column.
#[derive(Debug, FromQueryResult)]
pub(super) struct Kept {
    table_schema: Option<String>,
    table_name: String,
    column_name: String,
    comment: String,
    extra: String,
}

/// Those of all columns that have such.
pub(super) async fn of(db: &impl ConnectionTrait) -> Result<Vec<Kept>, DbErr> {
    if db.get_database_backend() != DbBackend::MySql {
        return Ok(Vec::new());
    }
    Kept::find_by_statement(Statement::from_string(DbBackend::MySql, include_str!("kept.sql"))).all(db).await
}

impl Kept {
    pub(super) fn is_of(&self, table: &TableName, column: &str) -> bool {
        self.table_schema == table.schema && self.table_name == table.name && self.column_name == column
    }

    /// The SQL for that, but for what the column says itself, or its type does not allow.
    pub(super) fn beside(&self, column: &ColumnSpec) -> Option<String> {
        let says = |word: &str| column.extra.as_ref().is_some_and(|extra| extra.to_uppercase().contains(word));
        let is_time = matches!(
            column.ty,
            ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone | ColumnType::Custom(_)
        );
        let extra = self.extra.to_lowercase();
        let on_update = extra.find("on update").map(|from| self.extra[from..].to_owned());
        let on_update = on_update.and_then(|words| words.split(", ").next().map(str::to_uppercase));
        let parts = [
            on_update.filter(|_| is_time && !says("ON UPDATE")),
            (extra.contains("invisible") && !says("INVISIBLE")).then(|| "INVISIBLE".to_owned()),
            (!self.comment.is_empty() && !says("COMMENT")).then(|| format!("COMMENT {}", literal(&self.comment))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

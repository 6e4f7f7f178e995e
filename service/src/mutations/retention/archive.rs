//! The table to which old calls are moved. It must have all columns of `call_log`, of the same types.

use entity::call_log;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityName, FromQueryResult, Statement};

/// A table for old calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    pub(super) name: TableName,
    /// All but generated ones.
    pub(super) copied_columns: Vec<String>,
}

/// A table, with its schema if one was given (on MySQL and MariaDB a database).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableName {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

/// Why a table cannot take old calls.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    #[error("`{0}` is not the name of a table: write TABLE or SCHEMA.TABLE")]
    InvalidName(String),
    #[error("calls cannot be archived to `{0}`, because it is the table they are in")]
    SameTable(String),
    #[error("there is no table `{table}`; create it first: {statement}")]
    Missing { table: String, statement: String },
    #[error("calls cannot be archived to `{table}`: {reason}")]
    Unfit { table: String, reason: String },
    #[error("the columns of `{table}` differ from those of call_log: {}", .differences.join(", "))]
    ColumnsDiffer { table: String, differences: Vec<String> },
    #[error("the columns of the archive cannot be read")]
    Database(#[from] DbErr),
}

#[derive(FromQueryResult)]
struct ColumnRow {
    table_id: String,
    table_unfit_reason: Option<String>,
    name: String,
    r#type: String,
    is_generated: bool,
}

impl Archive {
    /// The table of this name, `TABLE` or `SCHEMA.TABLE`.
    ///
    /// # Errors
    /// See [`ArchiveError`].
    pub async fn open(db: &impl ConnectionTrait, table: &str) -> Result<Self, ArchiveError> {
        let name = TableName::parse(table).ok_or_else(|| ArchiveError::InvalidName(table.to_owned()))?;
        let table_text = || table.to_owned();
        let call_log_table = TableName { schema: None, name: call_log::Entity.table_name().to_owned() };
        let (call_log_columns, archive_columns) = (columns(db, &call_log_table).await?, columns(db, &name).await?);
        let Some(ColumnRow { table_id, table_unfit_reason, .. }) = archive_columns.first() else {
            let statement = create_statement(db, table).await?;
            return Err(ArchiveError::Missing { table: table_text(), statement });
        };
        if call_log_columns.first().is_some_and(|column| column.table_id == *table_id) {
            return Err(ArchiveError::SameTable(table_text()));
        }
        if let Some(reason) = table_unfit_reason
            .clone()
            .or_else(|| call_log_columns.first().and_then(|column| column.table_unfit_reason.clone()))
        {
            return Err(ArchiveError::Unfit { table: table_text(), reason });
        }
        let mut copied_columns = Vec::new();
        let mut differences = Vec::new();
        for column in call_log_columns {
            match archive_columns.iter().find(|archive_column| archive_column.name.eq_ignore_ascii_case(&column.name)) {
                None => differences.push(format!("{} is missing", column.name)),
                Some(archive_column) if archive_column.r#type != column.r#type => {
                    differences
                        .push(format!("{} is {} instead of {}", column.name, archive_column.r#type, column.r#type));
                }
                // A generated column computes its own value.
                Some(archive_column) if archive_column.is_generated => {}
                Some(_) => copied_columns.push(column.name),
            }
        }
        if differences.is_empty() {
            Ok(Self { name, copied_columns })
        } else {
            Err(ArchiveError::ColumnsDiffer { table: table_text(), differences })
        }
    }
}

impl TableName {
    fn parse(text: &str) -> Option<Self> {
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let is_identifier = |part: &str| {
            !part.is_empty() && part.chars().all(|char| char.is_alphanumeric() || ['_', '-', '$'].contains(&char))
        };
        (is_identifier(name) && schema.is_none_or(is_identifier))
            .then(|| Self { schema: schema.map(str::to_owned), name: name.to_owned() })
    }
}

async fn columns(db: &impl ConnectionTrait, table: &TableName) -> Result<Vec<ColumnRow>, DbErr> {
    let backend = db.get_database_backend();
    let TableName { schema, name } = table;
    let statement = match backend {
        DbBackend::Postgres => {
            let quoted = schema.iter().chain([name]).map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(".");
            Statement::from_sql_and_values(backend, include_str!("columns_postgres.sql"), [quoted.into()])
        }
        DbBackend::MySql => {
            let values = [schema.clone().into(), name.as_str().into()];
            Statement::from_sql_and_values(backend, include_str!("columns_mysql.sql"), values)
        }
        // A schema of SQLite is another file, and two files do not commit together.
        _ if schema.is_some() => return Ok(Vec::new()),
        _ => Statement::from_sql_and_values(backend, include_str!("columns_sqlite.sql"), [name.as_str().into()]),
    };
    ColumnRow::find_by_statement(statement).all(db).await
}

/// The statement that creates the table. It is not executed here: the service needs no privilege to create tables.
async fn create_statement(db: &impl ConnectionTrait, table: &str) -> Result<String, DbErr> {
    let call_log_table = call_log::Entity.table_name();
    Ok(match db.get_database_backend() {
        DbBackend::Postgres => format!("CREATE TABLE {table} (LIKE {call_log_table}, PRIMARY KEY (id))"),
        DbBackend::MySql => format!("CREATE TABLE {table} LIKE {call_log_table}"),
        backend => {
            let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1";
            let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [call_log_table.into()])).await?;
            let statement: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
            statement.replacen(call_log_table, table, 1)
        }
    })
}

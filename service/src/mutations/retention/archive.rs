//! The table to which old calls are moved: it must take each column of a call as it is.

use entity::call_log;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityName, FromQueryResult, Statement};

/// A table for old calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    pub(super) name: TableName,
    /// The columns to copy.
    pub(super) columns: Vec<String>,
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
    Name(String),
    #[error("calls cannot be archived to `{0}`, because it is the table they are in")]
    Itself(String),
    #[error("there is no table `{table}`; create it first: {statement}")]
    Missing { table: String, statement: String },
    #[error("calls cannot be archived to `{table}`: {reason}")]
    Unfit { table: String, reason: String },
    #[error("`{table}` does not have the columns of call_log: {}", .columns.join(", "))]
    Columns { table: String, columns: Vec<String> },
    #[error("the columns of the archive cannot be read")]
    Database(#[from] DbErr),
}

#[derive(FromQueryResult)]
struct ColumnRow {
    table_id: String,
    unfit: Option<String>,
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
        let name = TableName::parse(table).ok_or_else(|| ArchiveError::Name(table.to_owned()))?;
        let table = || table.to_owned();
        let live = TableName { schema: None, name: call_log::Entity.table_name().to_owned() };
        let (live, archive) = (columns(db, &live).await?, columns(db, &name).await?);
        let Some(ColumnRow { table_id, unfit, .. }) = archive.first() else {
            let statement = creation(db, &table()).await?;
            return Err(ArchiveError::Missing { table: table(), statement });
        };
        if live.first().is_some_and(|live| live.table_id == *table_id) {
            return Err(ArchiveError::Itself(table()));
        }
        if let Some(reason) = unfit.clone().or_else(|| live.first().and_then(|live| live.unfit.clone())) {
            return Err(ArchiveError::Unfit { table: table(), reason });
        }
        let mut copied = Vec::new();
        let mut differing = Vec::new();
        for column in live {
            match archive.iter().find(|archived| archived.name.eq_ignore_ascii_case(&column.name)) {
                None => differing.push(format!("{} is missing", column.name)),
                Some(archived) if archived.r#type != column.r#type => {
                    differing.push(format!("{} is {} instead of {}", column.name, archived.r#type, column.r#type));
                }
                // It computes its own value.
                Some(archived) if archived.is_generated => {}
                Some(_) => copied.push(column.name),
            }
        }
        if differing.is_empty() {
            Ok(Self { name, columns: copied })
        } else {
            Err(ArchiveError::Columns { table: table(), columns: differing })
        }
    }
}

impl TableName {
    fn parse(text: &str) -> Option<Self> {
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let is_plain = |part: &str| {
            !part.is_empty() && part.chars().all(|char| char.is_alphanumeric() || ['_', '-', '$'].contains(&char))
        };
        (is_plain(name) && schema.is_none_or(is_plain))
            .then(|| Self { schema: schema.map(str::to_owned), name: name.to_owned() })
    }
}

async fn columns(db: &impl ConnectionTrait, table: &TableName) -> Result<Vec<ColumnRow>, DbErr> {
    let backend = db.get_database_backend();
    let TableName { schema, name } = table;
    let statement = match backend {
        DbBackend::Postgres => {
            let quoted = schema.iter().chain([name]).map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(".");
            Statement::from_sql_and_values(backend, include_str!("table_postgres.sql"), [quoted.into()])
        }
        DbBackend::MySql => {
            let values = [schema.clone().into(), name.as_str().into()];
            Statement::from_sql_and_values(backend, include_str!("table_mysql.sql"), values)
        }
        // Another file that somebody attached does not commit together with this one.
        _ if schema.is_some() => return Ok(Vec::new()),
        _ => Statement::from_sql_and_values(backend, include_str!("table_sqlite.sql"), [name.as_str().into()]),
    };
    ColumnRow::find_by_statement(statement).all(db).await
}

/// The statement that creates the table. It is not executed here: programs that serve calls need not be allowed to.
async fn creation(db: &impl ConnectionTrait, table: &str) -> Result<String, DbErr> {
    let calls = call_log::Entity.table_name();
    Ok(match db.get_database_backend() {
        DbBackend::Postgres => format!("CREATE TABLE {table} (LIKE {calls}, PRIMARY KEY (id))"),
        DbBackend::MySql => format!("CREATE TABLE {table} LIKE {calls}"),
        backend => {
            let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1";
            let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [calls.into()])).await?;
            let statement: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
            statement.replacen(calls, table, 1)
        }
    })
}

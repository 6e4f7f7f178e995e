//! The migration history: applied, pending and unknown migrations. Reading it creates no table.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use sea_orm_migration::{
    MigratorTrait,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, SqlxError, Statement},
    seaql_migrations,
};
use serde::Serialize;

use sea_orm_connect::{driver_error, mysql_error_number};

/// The state of one migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Recorded as applied.
    Applied,
    /// Known to this program, and not applied.
    Pending,
    /// Recorded as applied, and unknown to this program: another version applied it, or another program that shares the history.
    Unknown,
}

/// One migration and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The migration's name, as in `seaql_migrations.version`.
    pub name: String,
    /// Its state.
    pub state: State,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Applied => "applied",
            State::Pending => "pending",
            State::Unknown => "unknown",
        };
        write!(f, "{state:<8} {}", self.name)
    }
}

/// The migrations of this program in their order, then those that only the database knows, by name.
///
/// # Errors
/// If the history cannot be read, or the connection is lost.
pub async fn read<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<Vec<Step>, DbErr> {
    let applied = applied::<M>(db).await?.unwrap_or_default();
    let known: Vec<String> = M::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let mut unknown: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    unknown.sort();

    let known = known.into_iter().map(|name| {
        let state = if applied.contains(&name) { State::Applied } else { State::Pending };
        Step { name, state }
    });
    let unknown = unknown.into_iter().map(|name| Step { name, state: State::Unknown });
    Ok(known.chain(unknown).collect())
}

/// The names of the migrations in one state.
pub fn named(steps: &[Step], state: State) -> Vec<String> {
    steps.iter().filter(|step| step.state == state).map(|step| step.name.clone()).collect()
}

/// The recorded migrations, or `None` if there is no history table.
pub(crate) async fn applied<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<Option<Vec<String>>, DbErr> {
    let table = M::migration_table_name();
    // On PostgreSQL a failed statement ends the transaction, so check first. Elsewhere the catalog hides tables that the role
    // may not read, and a hidden history is not an empty one.
    if db.get_database_backend() == DbBackend::Postgres && !table_exists(db, &table.to_string()).await? {
        return Ok(None);
    }
    let select = Query::select().column(seaql_migrations::Column::Version).from(table).take();
    match db.query_all(&select).await {
        Ok(rows) => rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map(Some),
        Err(error) if is_missing_table(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a table exists, without a failing statement where that would end a transaction.
pub(crate) async fn has_table(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return table_exists(db, table).await;
    }
    match db.query_one(&Query::select().expr(Expr::val(1)).from(table.to_owned()).limit(1).take()).await {
        Err(error) if is_missing_table(&error) => Ok(false),
        asked => asked.map(|_| true),
    }
}

async fn table_exists(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = "SELECT to_regclass(quote_ident($1)) IS NOT NULL";
    let ask = Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into()]);
    db.query_one_raw(ask).await?.map_or(Ok(false), |row| row.try_get_by_index(0))
}

pub(crate) fn is_missing_table(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    // PostgreSQL undefined_table; MySQL ER_NO_SUCH_TABLE; SQLite has only one code for all mistakes in a statement.
    cause.code().as_deref() == Some("42P01")
        || mysql_error_number(error) == Some(1146)
        || cause.message().starts_with("no such table")
}

/// Records a migration as applied.
pub(crate) async fn record<M: MigratorTrait>(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let insert = Query::insert()
        .into_table(M::migration_table_name())
        .columns([seaql_migrations::Column::Version, seaql_migrations::Column::AppliedAt])
        .values_panic([name.into(), now.cast_signed().into()])
        .take();
    db.execute(&insert).await.map(drop)
}

/// Removes a migration from the history.
pub(crate) async fn remove<M: MigratorTrait>(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let is_it = Expr::col(seaql_migrations::Column::Version).eq(name);
    let delete = Query::delete().from_table(M::migration_table_name()).and_where(is_it).take();
    db.execute(&delete).await.map(drop)
}

/// The recorded migrations of this program, without unknown ones.
///
/// # Errors
/// If the history cannot be read, or the connection is lost.
pub async fn of_known<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<Vec<seaql_migrations::Model>, DbErr> {
    if applied::<M>(db).await?.is_none() {
        return Ok(Vec::new());
    }
    let columns = [seaql_migrations::Column::Version, seaql_migrations::Column::AppliedAt];
    let known = M::migrations();
    let select = Query::select()
        .columns(columns)
        .from(M::migration_table_name())
        .and_where(Expr::col(seaql_migrations::Column::Version).is_in(known.iter().map(|migration| migration.name())))
        .order_by(seaql_migrations::Column::Version, Order::Asc)
        .take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| seaql_migrations::Model::from_query_result(row, "")).collect()
}

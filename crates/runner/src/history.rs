//! What the database says has been applied, beside what this program knows. Reading makes no table.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use sea_orm_migration::{
    MigratorTrait,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, SqlxError, SqlxMySqlError, Statement},
    seaql_migrations,
};
use serde::Serialize;

use sea_orm_connect::driver_error;

/// Where one migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Recorded as applied.
    Applied,
    /// Known to this program, not yet applied.
    Pending,
    /// Recorded as applied by a newer or another version of this program; unknown here.
    Unknown,
}

/// One migration and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The migration's name, as in `seaql_migrations.version`.
    pub name: String,
    /// Where it stands.
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
/// Where the history may not be read, or the connection breaks.
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

/// The names of those in one state.
pub fn named(steps: &[Step], state: State) -> Vec<String> {
    steps.iter().filter(|step| step.state == state).map(|step| step.name.clone()).collect()
}

/// What is on record, or `None` where there is no record.
pub(crate) async fn applied<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<Option<Vec<String>>, DbErr> {
    let table = M::migration_table_name();
    // A failed statement ends a transaction there, so this asks first. Elsewhere a catalogue hides what the role may not
    // read, and a hidden history is not an empty one.
    if db.get_database_backend() == DbBackend::Postgres && !is_there(db, &table.to_string()).await? {
        return Ok(None);
    }
    let select = Query::select().column(seaql_migrations::Column::Version).from(table).take();
    match db.query_all(&select).await {
        Ok(rows) => rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map(Some),
        Err(error) if is_missing_table(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a table is there that nobody hides, without a statement that fails where that would end a transaction.
pub(crate) async fn has_table(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return is_there(db, table).await;
    }
    match db.query_one(&Query::select().expr(Expr::val(1)).from(table.to_owned()).limit(1).take()).await {
        Err(error) if is_missing_table(&error) => Ok(false),
        asked => asked.map(|_| true),
    }
}

async fn is_there(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = "SELECT to_regclass(quote_ident($1)) IS NOT NULL";
    let ask = Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into()]);
    db.query_one_raw(ask).await?.map_or(Ok(false), |row| row.try_get_by_index(0))
}

pub(crate) fn is_missing_table(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    let mysql = cause.try_downcast_ref::<SqlxMySqlError>().map(SqlxMySqlError::number);
    // PostgreSQL undefined_table; MySQL ER_NO_SUCH_TABLE; SQLite has only one code for all mistakes in a statement.
    cause.code().as_deref() == Some("42P01") || mysql == Some(1146) || cause.message().starts_with("no such table")
}

/// Writes down that a migration is applied.
pub(crate) async fn record<M: MigratorTrait>(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let insert = Query::insert()
        .into_table(M::migration_table_name())
        .columns([seaql_migrations::Column::Version, seaql_migrations::Column::AppliedAt])
        .values_panic([name.into(), now.cast_signed().into()])
        .take();
    db.execute(&insert).await.map(drop)
}

/// Strikes a migration off the record.
pub(crate) async fn strike<M: MigratorTrait>(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let is_it = Expr::col(seaql_migrations::Column::Version).eq(name);
    let delete = Query::delete().from_table(M::migration_table_name()).and_where(is_it).take();
    db.execute(&delete).await.map(drop)
}

/// What is on record of the migrations of this program, without those of another version, which are no error.
///
/// # Errors
/// Where the history may not be read, or the connection breaks.
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

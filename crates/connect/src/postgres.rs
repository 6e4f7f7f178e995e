//! Connections to PostgreSQL, also through a pooler, and what only they can be asked.

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbConn, DbErr, RuntimeErr, SqlxError,
    sqlx::{self, ConnectOptions as _, Row},
};

use super::{
    error::{ConnectError, explain, explain_refusal},
    error_kind::driver_error,
    pool_options::PoolOptions,
    pool_renewal::PoolRenewal,
    server_refusal::find_server_refusal,
    url::DatabaseUrl,
};

/// Opens a pool, and lets it prepare statements if nothing stands between it and the server.
pub(super) async fn open(
    url: &DatabaseUrl,
    schema: Option<&str>,
    options: ConnectOptions,
    pool: &PoolOptions,
    renewal: &PoolRenewal,
) -> Result<DbConn, ConnectError> {
    let with = |statements: &Statements| with(url, schema, statements, options.clone(), pool, renewal);
    let db = match connect(url, with).await {
        Ok(db) => db,
        Err(error) => {
            let refusal = find_server_refusal(url, &error).await;
            return Err(refusal.map_or_else(|| explain_refusal(url, &error), |refusal| explain(url, &refusal)));
        }
    };
    examine_search_path(&db, url, schema).await?;
    Ok(db)
}

/// What is done with prepared statements on PostgreSQL.
enum Statements {
    /// The URL sets `statement-cache-capacity`, or it is about no PostgreSQL.
    AsTheUrlSays,
    /// They are kept, if a setting of this value arrives at the server.
    KeptIf(String),
    /// They are not kept.
    NotKept,
}

/// A setting of a session, of no use but to tell whether the session is this connection's own.
const PROBE: &str = "sea_orm_connect.probe";

/// A pooler that lends sessions has opened them before, and without the settings of this connection: it refuses them, or
/// drops them.
async fn connect(url: &DatabaseUrl, options: impl Fn(&Statements) -> ConnectOptions) -> Result<DbConn, DbErr> {
    if url.sets_statement_cache() {
        return Database::connect(options(&Statements::AsTheUrlSays)).await;
    }
    let probe = fastrand::u64(..).to_string();
    match Database::connect(options(&Statements::KeptIf(probe.clone()))).await {
        Ok(db) => {
            let arrived = sqlx::raw_sql("SELECT current_setting('sea_orm_connect.probe', true)")
                .fetch_one(db.get_postgres_connection_pool())
                .await
                .and_then(|row| row.try_get::<Option<String>, _>(0));
            if arrived.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))? == Some(probe) {
                return Ok(db);
            }
            db.close().await?;
        }
        Err(error) if refuses_settings(&error) => {}
        Err(error) => return Err(error),
    }
    tracing::info!("the server is reached through a pooler: statements are prepared for one transaction each");
    Database::connect(options(&Statements::NotKept)).await
}

/// `protocol_violation` is the answer of PgBouncer, `feature_not_supported` that of others.
fn refuses_settings(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    matches!(cause.code().as_deref(), Some("08P01" | "0A000"))
}

fn with(
    url: &DatabaseUrl,
    schema: Option<&str>,
    statements: &Statements,
    mut options: ConnectOptions,
    pool: &PoolOptions,
    renewal: &PoolRenewal,
) -> ConnectOptions {
    let renewal = renewal.clone();
    options.map_sqlx_postgres_before_acquire(move |_, connection| {
        let is_admitted = renewal.admits(connection.age);
        Box::pin(async move { Ok(is_admitted) })
    });
    let mut settings: Vec<(&str, String)> = Vec::new();
    // Not `SET`, which a pooler would leave behind for others: it refuses this, or drops it, which is noticed.
    settings.extend(schema.map(|schema| ("search_path", search_path(schema))));
    let keeps = match statements {
        Statements::AsTheUrlSays => true,
        Statements::KeptIf(probe) => {
            settings.push((PROBE, probe.clone()));
            // Through a pooler that refuses or drops settings, each transaction sets it.
            settings.extend(pool.postgres_timeout_setting());
            true
        }
        Statements::NotKept => false,
    };
    let is_named = url.names_application();
    options.map_sqlx_postgres_opts(move |mut options| {
        if !keeps {
            options = options.statement_cache_capacity(0);
        }
        if !is_named && let Some(program) = program_name() {
            options = options.application_name(&program);
        }
        settings.iter().fold(options, |options, (name, value)| options.options([(name, value)]))
    });
    options
}

fn search_path(schemas: &str) -> String {
    let quoted = schemas.split(',').map(|schema| format!("\"{}\"", schema.trim().replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",")
}

/// What sessions call themselves on PostgreSQL, unless the URL says otherwise.
fn program_name() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    Some(program.file_stem()?.to_string_lossy().into_owned())
}

/// PostgreSQL takes any name into the path, whether or not there is such a schema.
async fn examine_search_path(db: &DbConn, url: &DatabaseUrl, schema: Option<&str>) -> Result<(), ConnectError> {
    let Some(schema) = schema else { return Ok(()) };
    // Unprepared, because what others prepared may be in the way behind a pooler.
    let ask = sqlx::raw_sql("SELECT current_setting('search_path'), current_schema()::text");
    let row = ask.fetch_one(db.get_postgres_connection_pool()).await.map_err(|error| explain(url, &error))?;
    let read = |index: usize| row.try_get::<Option<String>, _>(index).ok().flatten();
    if read(0).is_none_or(|path| path != search_path(schema)) {
        return Err(ConnectError::SchemaIgnored { url: url.clone() });
    }
    if read(1).is_none() {
        return Err(ConnectError::NoSuchSchema { url: url.clone(), schema: schema.to_owned() });
    }
    Ok(())
}

pub(super) async fn ensure_tables_in_default_schema(
    db: &DbConn,
    url: &DatabaseUrl,
    tables: &[String],
) -> Result<(), ConnectError> {
    let names: Vec<String> = tables.iter().map(|table| format!("('{}')", table.replace('\'', "''"))).collect();
    // Unprepared, because what others prepared may be in the way behind a pooler.
    let sql = format!(
        "SELECT wanted.name, schema.nspname::text, current_schema()::text \
         FROM (VALUES {}) AS wanted (name) \
         JOIN pg_catalog.pg_class AS relation ON relation.oid = to_regclass(quote_ident(wanted.name)) \
         JOIN pg_catalog.pg_namespace AS schema ON schema.oid = relation.relnamespace \
         WHERE schema.nspname <> current_schema() ORDER BY wanted.name LIMIT 1",
        names.join(", ")
    );
    let pool = db.get_postgres_connection_pool();
    let row = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_optional(pool).await;
    let Some(row) = row.map_err(|error| explain(url, &error))? else { return Ok(()) };
    let text = |index: usize| row.try_get::<String, _>(index).unwrap_or_default();
    Err(ConnectError::TableInOtherSchema { url: url.clone(), table: text(0), found: text(1), current: text(2) })
}

/// Whether the connections cache the statements that they prepare. Only the options as a URL tell. sqlx panics where that URL has
/// an IPv6 address for a host, so it gets another one.
pub(super) fn caches_statements(db: &DatabaseConnection) -> bool {
    let options = db.get_postgres_connection_pool().connect_options();
    let url = options.as_ref().clone().host("localhost").to_url_lossy();
    !url.query_pairs().any(|(key, value)| key == "statement-cache-capacity" && value == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_name_and_never_a_statement() {
        assert_eq!(
            search_path(r#"app, public"; DROP TABLE call_log; --"#),
            r#""app","public""; DROP TABLE call_log; --""#
        );
    }
}

//! Tables and triggers that total what calls cost by day, so that a summary need not read the calls: `call_cost_totals`, and
//! `call_cost_changes`, which the triggers write in the transaction of each write to `call_log`, whoever writes. A day's
//! totals count from when it is in `call_cost_days`.
//!
//! They are not a migration: `call_log` belongs to another application, which may not want triggers on it. `call-log costs --keep`
//! creates them, and `--drop` drops them.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbConn, Statement, TransactionTrait},
};

/// The triggers of `call_log`; PostgreSQL needs the first one only.
pub const TRIGGERS: [&str; 4] = ["call_cost", "call_cost_insert", "call_cost_update", "call_cost_delete"];

/// Creates the tables and triggers anew. Then no day is counted.
///
/// A trigger waits for the writes that run, and further writes wait for it: at most two seconds.
///
/// # Errors
/// If it has waited that long, if the table lacks a column, or if this role may not create triggers. MySQL and MariaDB that
/// keep a binary log allow it to few unless `log_bin_trust_function_creators` is on. A second attempt completes what is left.
pub async fn create(db: &DbConn) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    let manager = SchemaManager::new(&transaction);
    for column in COLUMNS {
        if !manager.has_column(CallLog::Table.to_string(), column.to_string()).await? {
            return Err(DbErr::Migration(format!("`call_log` lacks the column `{}`", column.to_string())));
        }
    }
    limit_waiting(manager.get_connection()).await?;
    drop_all(&manager).await?;
    manager.create_table(with_charset(&manager, changes())).await?;
    manager.create_table(with_charset(&manager, totals())).await?;
    let index = Index::create()
        .name("ix_call_cost_totals_day_business_id")
        .table(Totals::Table)
        .col(Totals::Day)
        .col(Totals::BusinessId)
        .take();
    manager.create_index(index).await?;
    create_triggers(&manager).await?;
    // Last, where each statement commits by itself: nothing is counted before every trigger is there.
    manager.create_table(days()).await?;
    transaction.commit().await
}

/// Drops the tables and triggers.
///
/// # Errors
/// As [`create`].
pub async fn drop(db: &DbConn) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    let manager = SchemaManager::new(&transaction);
    limit_waiting(manager.get_connection()).await?;
    drop_all(&manager).await?;
    transaction.commit().await
}

async fn limit_waiting(db: &DatabaseExecutor<'_>) -> Result<(), DbErr> {
    let limit = match db.get_database_backend() {
        DbBackend::Postgres => "SET LOCAL lock_timeout = '2s'",
        DbBackend::MySql => "SET SESSION lock_wait_timeout = 2",
        _ => return Ok(()),
    };
    db.execute_unprepared(limit).await.map(std::mem::drop)
}

/// What the triggers read.
const COLUMNS: [CallLog; 8] = [
    CallLog::BusinessId,
    CallLog::CreatedAt,
    CallLog::Direction,
    CallLog::Status,
    CallLog::EstimatedCostBucket,
    CallLog::Duration,
    CallLog::StreamConnectCount,
    CallLog::RecordingCount,
];

async fn drop_all(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager.drop_table(Table::drop().table(Days::Table).if_exists().take()).await?;
    if manager.get_database_backend() == DbBackend::Postgres {
        let [name, ..] = TRIGGERS;
        db.execute_unprepared(&format!("DROP TRIGGER IF EXISTS {name} ON call_log")).await?;
        db.execute_unprepared(&format!("DROP FUNCTION IF EXISTS {name}()")).await?;
    } else {
        for name in &TRIGGERS[1..] {
            db.execute_unprepared(&format!("DROP TRIGGER IF EXISTS {name}")).await?;
        }
    }
    manager.drop_table(Table::drop().table(Changes::Table).if_exists().take()).await?;
    manager.drop_table(Table::drop().table(Totals::Table).if_exists().take()).await
}

async fn create_triggers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    if backend == DbBackend::Postgres {
        let [name, ..] = TRIGGERS;
        let ask = "SELECT pg_catalog.quote_ident(pg_catalog.current_schema()::text) AS name";
        let row = db.query_one_raw(Statement::from_string(backend, ask)).await?;
        let schema: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        let insert = record(
            backend,
            &format!("{schema}.call_cost_changes"),
            Some("TG_OP <> 'INSERT'"),
            Some("TG_OP <> 'DELETE'"),
        );
        let is_same = format!("TG_OP = 'UPDATE' AND {}", is_same(backend));
        // With its owner's rights: who writes calls needs none on the other table.
        db.execute_unprepared(&format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp \
             AS $$ BEGIN IF {is_same} THEN RETURN NULL; END IF; {insert}; RETURN NULL; END $$"
        ))
        .await?;
        db.execute_unprepared(&format!(
            "CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON call_log FOR EACH ROW EXECUTE FUNCTION {name}()"
        ))
        .await?;
        return Ok(());
    }
    let differs = format!("NOT ({})", is_same(backend));
    let events = [
        ("INSERT", None, Some("1 = 1")),
        ("UPDATE", Some(differs.as_str()), Some(differs.as_str())),
        ("DELETE", Some("1 = 1"), None),
    ];
    for (name, (event, old, new)) in TRIGGERS[1..].iter().zip(events) {
        let insert = record(backend, "call_cost_changes", old, new);
        let body = if backend == DbBackend::Sqlite { format!("BEGIN {insert}; END") } else { insert };
        let create = format!("CREATE TRIGGER {name} AFTER {event} ON call_log FOR EACH ROW {body}");
        db.execute_unprepared(&create).await?;
    }
    Ok(())
}

/// Adds the new row, and takes the old one away, each if its condition holds and it has a time.
fn record(backend: DbBackend, changes: &str, old: Option<&str>, new: Option<&str>) -> String {
    let sides = [("OLD", "-1", old), ("NEW", "1", new)];
    let selects = sides.into_iter().filter_map(|(row, sign, condition)| {
        let columns = columns(backend, row, sign).join(", ");
        let dual = if backend == DbBackend::MySql { " FROM DUAL" } else { "" };
        Some(format!("SELECT {columns}{dual} WHERE {} AND {} IS NOT NULL", condition?, day(backend, row)))
    });
    let selects: Vec<String> = selects.collect();
    format!(
        "INSERT INTO {changes} (business_id, day, direction, status, bucket, calls, seconds, reconnects, recordings) {}",
        selects.join(" UNION ALL ")
    )
}

fn columns(backend: DbBackend, row: &str, sign: &str) -> [String; 9] {
    // No text of the call is too long for a change: the call must be written.
    let text = |column: &str| match backend {
        DbBackend::Sqlite => format!("substr({row}.{column}, 1, {TEXT_LENGTH})"),
        _ => format!("LEFT({row}.{column}, {TEXT_LENGTH})"),
    };
    // Wide enough for the opposite of each number, signed where the column is not.
    let number = |expression: String| {
        let wide = if backend == DbBackend::MySql { "SIGNED" } else { "bigint" };
        format!("{sign} * CAST({expression} AS {wide})")
    };
    let connects = format!("{row}.stream_connect_count");
    [
        format!("{row}.business_id"),
        day(backend, row),
        text("direction"),
        text("status"),
        text("estimated_cost_bucket"),
        sign.to_owned(),
        number(format!("COALESCE({row}.duration, 0)")),
        number(format!("CASE WHEN {connects} > 1 THEN {connects} - 1 ELSE 0 END")),
        number(format!("COALESCE({row}.recording_count, 0)")),
    ]
}

fn day(backend: DbBackend, row: &str) -> String {
    match backend {
        // NULL for what is not a time.
        DbBackend::Sqlite => format!("date({row}.created_at)"),
        _ => format!("CAST({row}.created_at AS date)"),
    }
}

/// Whether an update changed nothing that is counted.
fn is_same(backend: DbBackend) -> String {
    let same = COLUMNS.map(|column| {
        let column = column.to_string();
        match backend {
            DbBackend::Postgres => format!("OLD.{column} IS NOT DISTINCT FROM NEW.{column}"),
            DbBackend::MySql => format!("OLD.{column} <=> NEW.{column}"),
            _ => format!("OLD.{column} IS NEW.{column}"),
        }
    });
    same.join(" AND ")
}

/// More than a filter may have, so that no two texts that differ for a filter become the same.
const TEXT_LENGTH: u32 = 64;

/// That of `call_log`, whatever the server's default.
fn with_charset(manager: &SchemaManager<'_>, mut table: TableCreateStatement) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::MySql {
        table.character_set("utf8mb4");
    }
    table
}

fn changes() -> TableCreateStatement {
    Table::create()
        .table(Changes::Table)
        .if_not_exists()
        .col(big_pk_auto(Changes::Id))
        .col(big_integer_null(Changes::BusinessId))
        .col(date(Changes::Day))
        .col(string_len_null(Changes::Direction, TEXT_LENGTH))
        .col(string_len_null(Changes::Status, TEXT_LENGTH))
        .col(string_len_null(Changes::Bucket, TEXT_LENGTH))
        .col(big_integer(Changes::Calls))
        .col(big_integer(Changes::Seconds))
        .col(big_integer(Changes::Reconnects))
        .col(big_integer(Changes::Recordings))
        .take()
}

/// Without a business: those of all together.
fn totals() -> TableCreateStatement {
    Table::create()
        .table(Totals::Table)
        .if_not_exists()
        .col(big_pk_auto(Totals::Id))
        .col(big_integer_null(Totals::BusinessId))
        .col(date(Totals::Day))
        .col(string_len_null(Totals::Direction, TEXT_LENGTH))
        .col(string_len_null(Totals::Status, TEXT_LENGTH))
        .col(string_len_null(Totals::Bucket, TEXT_LENGTH))
        .col(big_integer(Totals::Calls))
        .col(big_integer(Totals::Seconds))
        .col(big_integer(Totals::Reconnects))
        .col(big_integer(Totals::Recordings))
        .take()
}

fn days() -> TableCreateStatement {
    Table::create().table(Days::Table).col(date(Days::Day).primary_key().take()).col(big_integer(Days::Revision)).take()
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    BusinessId,
    CreatedAt,
    Direction,
    Status,
    EstimatedCostBucket,
    Duration,
    StreamConnectCount,
    RecordingCount,
}

#[derive(Clone, Copy, DeriveIden)]
enum Changes {
    #[sea_orm(iden = "call_cost_changes")]
    Table,
    Id,
    BusinessId,
    Day,
    Direction,
    Status,
    Bucket,
    Calls,
    Seconds,
    Reconnects,
    Recordings,
}

#[derive(Clone, Copy, DeriveIden)]
enum Totals {
    #[sea_orm(iden = "call_cost_totals")]
    Table,
    Id,
    BusinessId,
    Day,
    Direction,
    Status,
    Bucket,
    Calls,
    Seconds,
    Reconnects,
    Recordings,
}

#[derive(Clone, Copy, DeriveIden)]
enum Days {
    #[sea_orm(iden = "call_cost_days")]
    Table,
    Day,
    Revision,
}

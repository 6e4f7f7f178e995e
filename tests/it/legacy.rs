//! The databases that must be adopted: what they lack is named, what they have is left alone.

use entity::call_log::Column;
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, IdenStatic, Iterable, Statement};
use serde_json::Value;

use super::program::{call_log, lines_beginning};
use crate::servers::{Database, Server};

const BEFORE: &str = include_str!("../fixtures/legacy/call_log_before_51.sql");
const HALFWAY: &str = include_str!("../fixtures/legacy/call_log_halfway_51.sql");
const AFTER: &str = include_str!("../fixtures/legacy/call_log_after_51.sql");

const COST_COLUMNS: [&str; 9] = [
    "recording_mode",
    "stream_started_at",
    "stream_ended_at",
    "stream_duration_sec",
    "stream_connect_count",
    "webhook_11205_count",
    "webhook_retry_count",
    "recording_count",
    "estimated_cost_bucket",
];

const COST_METRICS: &str = "m20251228_000051_add_call_log_cost_metrics";

async fn legacy(scripts: &[&str]) -> Option<(Database, DbConn)> {
    let database = Server::Postgres.empty_database().await?;
    let db = database.connect().await;
    for script in scripts {
        db.execute_unprepared(script).await.unwrap();
    }
    Some((database, db))
}

#[rstest]
#[case::the_day_of_the_incident(&[BEFORE], &COST_COLUMNS)]
#[case::the_repair_stopped_half_way(&[BEFORE, HALFWAY], &COST_COLUMNS[4..])]
#[case::the_repair_done_by_hand(&[BEFORE, AFTER], &[])]
#[tokio::test]
async fn a_legacy_database_is_adopted(#[case] scripts: &[&str], #[case] of_the_incident: &[&str]) {
    let Some((database, db)) = legacy(scripts).await else { return };
    let columns_before = columns(&db).await;
    let rows_before = everything(&db, &columns_before).await;
    let indexes_before = indexes(&db).await;
    let missing = missing(&columns_before);

    let before = call_log(&["check", "--format", "json"], &database.url);
    assert_eq!(before.code, 1, "{}", before.stdout);
    let report: Value = serde_json::from_str(&before.stdout).unwrap();
    let found = report["differences"].as_array().unwrap().iter().filter(|found| found["severity"] == "error");
    let [mut named, mut of_migration_51] = [Vec::new(), Vec::new()];
    for difference in found {
        assert_eq!(
            (&difference["rule"], &difference["cause"]),
            (&"column-missing".into(), &"pending-migration".into())
        );
        let column = difference["column"].as_str().unwrap().to_owned();
        if difference["migration"] == COST_METRICS {
            of_migration_51.push(column.clone());
        }
        named.push(column);
    }
    assert_eq!(named, missing, "each missing column is named, and its migration");
    assert_eq!(of_migration_51, of_the_incident);

    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 0, "{}", check.stdout);
    assert!(lines_beginning(&check.stdout, "error[").is_empty());
    let mut kept = columns(&db).await;
    let mut added = kept.split_off(columns_before.len());
    added.sort_by_key(|column| missing.iter().position(|missing| missing == column));
    assert_eq!((&kept, added), (&columns_before, missing), "exactly the missing columns are added, after all others");
    assert_eq!(everything(&db, &columns_before).await, rows_before, "every row is as it was");
    let (kept, added): (Vec<_>, Vec<_>) =
        indexes(&db).await.into_iter().partition(|index| indexes_before.contains(index));
    assert_eq!(kept, indexes_before, "the indexes are as they were");
    assert!(added.iter().any(|index| index.contains("ix_call_log_created_at_id")), "and there are more: {added:?}");

    let (columns_after, rows_after) = (columns(&db).await, everything(&db, &columns(&db).await).await);
    let again = call_log(&["migrate", "up"], &database.url);
    assert_eq!((again.code, again.stderr.as_str()), (0, "nothing to apply\n"));
    assert_eq!((columns(&db).await, everything(&db, &columns_after).await), (columns_after, rows_after));
}

#[tokio::test]
async fn a_program_refuses_to_start_before_and_starts_after() {
    let Some((_database, db)) = legacy(&[BEFORE]).await else { return };
    let missing = missing(&columns(&db).await);
    let refusal = service::schema::validate(&db).await.unwrap_err();
    assert_eq!(format!("{refusal:?}"), refusal.to_string(), "what a `main` shows that returns it");
    let refusal = refusal.to_string();
    assert!(refusal.starts_with("the schema would break this program"), "{refusal}");
    assert!(COST_COLUMNS.iter().all(|column| missing.iter().any(|missing| missing == column)), "{missing:?}");
    for column in missing {
        // In the list of those that a migration adds, or by itself.
        let is_named =
            [format!("\n    {column} "), format!("`call_log.{column}`")].iter().any(|name| refusal.contains(name));
        assert!(is_named, "{column}: {refusal}");
    }
    assert!(refusal.contains("every read of call_log fails: column call_log.recording_mode does not exist"));
    assert!(refusal.contains("sea-orm-cli migrate up"), "{refusal}");

    Migrator::up(&db, None).await.unwrap();
    let report = service::schema::validate(&db).await.unwrap();
    assert_eq!(report.compared.columns, Column::iter().count());
}

#[rstest]
#[case::before(&[BEFORE])]
#[case::halfway(&[BEFORE, HALFWAY])]
#[case::after(&[BEFORE, AFTER])]
#[tokio::test]
async fn down_leaves_an_adopted_database_as_it_was_found(#[case] scripts: &[&str]) {
    let Some((_database, db)) = legacy(scripts).await else { return };
    let (columns_before, indexes_before) = (columns(&db).await, indexes(&db).await);
    let rows_before = everything(&db, &columns_before).await;

    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, None).await.unwrap();

    assert_eq!(columns(&db).await, columns_before);
    assert_eq!(indexes(&db).await, indexes_before);
    assert_eq!(everything(&db, &columns_before).await, rows_before);
    let left = "SELECT tablename FROM pg_tables WHERE tablename = 'call_log_adopted'";
    assert!(texts(&db, left).await.is_empty(), "the record of what was adopted goes with the last entry");
}

/// The columns that the entity declares and the table lacks, in the entity's order.
fn missing(present: &[String]) -> Vec<String> {
    let declared = Column::iter().map(|column| column.as_str().to_owned());
    declared.filter(|column| !present.contains(column)).collect()
}

/// The columns of `call_log`, in table order.
async fn columns(db: &DbConn) -> Vec<String> {
    texts(
        db,
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'call_log' ORDER BY ordinal_position",
    )
    .await
}

async fn indexes(db: &DbConn) -> Vec<String> {
    texts(db, "SELECT indexdef FROM pg_indexes WHERE tablename = 'call_log' ORDER BY indexname").await
}

/// Every row of every table of the application, as text; of `call_log` these columns.
async fn everything(db: &DbConn, columns: &[String]) -> Vec<String> {
    let mut rows = texts(db, &format!("SELECT ROW({})::text FROM call_log ORDER BY id", columns.join(", "))).await;
    for table in ["business", "customer", "leads", "outbound_call_templates", "conversation_turn"] {
        rows.extend(texts(db, &format!("SELECT t::text FROM {table} AS t ORDER BY id")).await);
    }
    rows
}

async fn texts(db: &DbConn, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

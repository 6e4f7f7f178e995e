//! A table of calls with as many rows as wanted, and its entity.

use std::pin::pin;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Schema,
    entity::prelude::*,
    sqlx::{self, Row},
};
use sea_orm_drift::{Entities, Report, RowOptions};

use crate::workload::{self, Backend, Database};

/// The numbers of rows that are compared.
pub(crate) const SIZES: [u64; 2] = [100_000, 1_000_000];

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "phone_call")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub business_id: i32,
    pub lead_id: Option<i32>,
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub call_sid: String,
    #[sea_orm(column_type = "String(StringLen::N(64))", nullable)]
    pub from_number: Option<String>,
    pub status: Status,
    pub duration: Option<i32>,
    pub confidence: Option<f64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub summary: Option<String>,
    pub created_at: DateTime,
}

#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
pub(crate) enum Status {
    #[sea_orm(string_value = "completed")]
    Completed,
    #[sea_orm(string_value = "failed")]
    Failed,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The same columns, as a program writes that does without SeaORM.
const BARE: &str = "SELECT id, business_id, lead_id, call_sid, from_number, status, duration, confidence, summary, created_at \
                    FROM phone_call";

pub(crate) async fn create(database: &Database, rows: u64) -> workload::Result<()> {
    let db = database.connect().await?;
    let backend = db.get_database_backend();
    db.execute(&Schema::new(backend).create_table_from_entity(Entity)).await?;
    let (numbers, text, time) = match backend {
        DbBackend::Postgres => (
            format!("SELECT i FROM generate_series(1, {rows}) AS n (i)"),
            "'CA' || md5(i::text)",
            "timestamp '2026-01-01' + i * interval '1 second'",
        ),
        DbBackend::MySql => (
            format!("SELECT seq AS i FROM seq_1_to_{rows}"),
            "CONCAT('CA', MD5(i))",
            "TIMESTAMP '2026-01-01 00:00:00' + INTERVAL i SECOND",
        ),
        _ => (
            format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n"
            ),
            "'CA' || printf('%032x', i)",
            "datetime('2026-01-01', '+' || i || ' seconds')",
        ),
    };
    db.execute_unprepared(&format!(
        "INSERT INTO phone_call (business_id, lead_id, call_sid, from_number, status, duration, confidence, summary, created_at) \
         SELECT i % 100, CASE WHEN i % 3 = 0 THEN i END, {text}, '+15550100123', \
                CASE WHEN i % 10 = 0 THEN 'failed' ELSE 'completed' END, i % 600, (i % 100) / 100.0, \
                'The caller asks for an appointment on Monday and is called back.', {time} \
         FROM ({numbers}) AS numbers"
    ))
    .await?;
    database.settle(&db).await?;
    Ok(db.close().await?)
}

/// Reads every row through the check; how many it read.
pub(crate) async fn decode(db: &DatabaseConnection) -> workload::Result<u64> {
    let entities = Entities::new().add(Entity);
    let report: Report = entities.check(db).await?;
    let mut options = RowOptions::default();
    options.decode = true;
    let mut check = entities.check_rows(report, &options);
    let mut rows = 0;
    while let Some(batch) = check.step(db).await? {
        rows = batch.rows;
    }
    let report = check.finish();
    if report.is_in_sync() { Ok(rows) } else { Err(format!("a row cannot be read\n\n{report}").into()) }
}

/// How far the rows of the bare SELECT are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    /// They arrive, and nothing looks at them.
    Rows,
    /// Each column becomes a Rust value.
    Values,
}

/// One SELECT through sqlx, row by row; how many rows came.
pub(crate) async fn select(db: &DatabaseConnection, backend: Backend, bare: Bare) -> workload::Result<u64> {
    macro_rules! read {
        ($pool:expr) => {{
            let mut rows = pin!(sqlx::query(BARE).fetch($pool));
            let mut count = 0;
            while let Some(row) =
                std::future::poll_fn(|context| futures_util::Stream::poll_next(rows.as_mut(), context)).await
            {
                let row = row?;
                if bare == Bare::Values {
                    std::hint::black_box((
                        row.try_get::<i32, _>(0)?,
                        row.try_get::<i32, _>(1)?,
                        row.try_get::<Option<i32>, _>(2)?,
                        row.try_get::<String, _>(3)?,
                        row.try_get::<Option<String>, _>(4)?,
                        row.try_get::<String, _>(5)?,
                        row.try_get::<Option<i32>, _>(6)?,
                        row.try_get::<Option<f64>, _>(7)?,
                        row.try_get::<Option<String>, _>(8)?,
                        row.try_get::<DateTime, _>(9)?,
                    ));
                }
                count += 1;
            }
            count
        }};
    }
    Ok(match backend {
        Backend::Postgres => read!(db.get_postgres_connection_pool()),
        Backend::MariaDb => read!(db.get_mysql_connection_pool()),
        Backend::Sqlite => read!(db.get_sqlite_connection_pool()),
    })
}

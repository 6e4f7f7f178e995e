//! The service: what it reads and writes, on real servers, and the program over real HTTP.

mod api;
mod browser;
mod cost_totals;
mod demo;
mod finaliser;
mod hostile;
mod incident;
mod leases;
mod mutations;
mod order;
mod page;
mod partitioned;
mod pools;
mod proxy;
mod queries;
mod random;
mod read_only;
mod recording_host;
mod reliability;
mod replica;
mod retention;
mod schema_watch;
pub(crate) mod serving;
mod stalled_log;
mod startup;
mod statements;
mod supervised;
mod webhooks;
mod wide_ids;

use chrono::{NaiveDate, TimeDelta};
use entity::call_log::{self, ActiveModel};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbConn, prelude::DateTime};
use service::mutations::CallFields;

use crate::servers::{Database, Server};

/// A database with the schema of today, or `None` if the server is not installed.
async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    Some((database, db))
}

/// So many seconds into the morning that these tests play on.
fn at(seconds: i64) -> DateTime {
    let morning = NaiveDate::from_ymd_opt(2026, 1, 15).unwrap().and_hms_opt(10, 0, 0).unwrap();
    morning + TimeDelta::seconds(seconds)
}

/// What an event of a call that nothing else is known of says.
fn call(call_sid: &str, at: DateTime) -> CallFields {
    CallFields {
        call_sid: call_sid.to_owned(),
        business_id: 7,
        parent_call_sid: None,
        from_number: None,
        to_number: None,
        direction: None,
        at,
    }
}

async fn row(db: &DbConn, call_sid: &str) -> call_log::Model {
    call_log::Entity::find_by_call_sid(call_sid.to_owned()).one(db).await.unwrap().unwrap()
}

/// A call that ended in the ordinary way.
fn ended(call_sid: &str, created_at: DateTime) -> ActiveModel {
    ActiveModel {
        business_id: Set(7),
        call_sid: Set(Some(call_sid.to_owned())),
        status: Set(Some("completed".to_owned())),
        duration: Set(Some(100)),
        created_at: Set(Some(created_at)),
        ..Default::default()
    }
}

async fn insert(db: &DbConn, call: ActiveModel) -> call_log::Model {
    call.insert(db).await.unwrap()
}

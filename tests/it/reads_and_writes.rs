//! Real reads and writes through the entity, on a migrated database.

use std::str::FromStr;

use entity::{call_log, prelude::*};
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ColumnType, DbConn, EntityTrait, IdenStatic, Iterable, QueryFilter,
    sea_query::{OnConflict, StringLen},
};
use serde_json::{Map, json};

use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    Some((database, db))
}

/// A call with every column filled, each with a value of its own. A new column is filled by its type.
fn full() -> call_log::Model {
    let mut call = Map::new();
    for (number, column) in call_log::Column::iter().enumerate() {
        let name = column.as_str();
        let value = match column.def().get_column_type() {
            ColumnType::Integer | ColumnType::BigInteger => json!(number + 1),
            ColumnType::Double | ColumnType::Float => json!(f64::from(u32::try_from(number).unwrap()) + 0.5),
            ColumnType::Boolean => json!(true),
            ColumnType::DateTime | ColumnType::Timestamp => json!(format!("2025-12-20T08:00:{number:02}")),
            ColumnType::String(StringLen::N(length)) => json!(name.chars().take(*length as usize).collect::<String>()),
            ColumnType::Text | ColumnType::String(_) => json!(name),
            other => panic!("write a sample for {other:?}, the type of `{name}`"),
        };
        call.insert(name.to_owned(), value);
    }
    let special = [
        ("id", json!(7)),
        ("call_sid", json!("CA00000000000000000000000000000001")),
        ("transcription", json!("שלום, יש לי נזילה במטבח")),
        ("summary", json!("A leak in the kitchen 🚰")),
        ("extracted_city", json!("חיפה")),
        ("transcript_source", json!("recording")),
        ("recording_mode", json!("TWILIO_CALL_RECORD")),
        ("estimated_cost_bucket", json!("HIGH")),
        ("created_at", json!("2025-12-20T08:00:00")),
    ];
    call.extend(special.map(|(name, value)| (name.to_owned(), value)));
    serde_json::from_value(call.into()).unwrap()
}

#[rstest]
#[tokio::test]
async fn what_is_written_is_read_back(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let written = full();
    CallLog::insert(call_log::ActiveModel::from(written.clone()).reset_all()).exec(&db).await.unwrap();
    assert_eq!(CallLog::find_by_id(7).one(&db).await.unwrap(), Some(written));
}

#[test]
fn a_call_survives_json_both_ways_and_enums_are_spelt_as_they_are_stored() {
    let json = serde_json::to_value(full()).unwrap();
    let spelt = ["recording_mode", "estimated_cost_bucket", "transcript_source", "created_at"].map(|key| &json[key]);
    assert_eq!(spelt, ["TWILIO_CALL_RECORD", "HIGH", "recording", "2025-12-20T08:00:00"]);
    assert_eq!(serde_json::from_value::<call_log::Model>(json).unwrap(), full());
}

#[rstest]
#[tokio::test]
async fn what_is_left_out_gets_the_declared_default(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let minimal = call_log::ActiveModel { business_id: Set(1), ..Default::default() };
    let read = minimal.insert(&db).await.unwrap();
    assert_eq!(read.direction.as_deref(), Some("inbound"));
    assert_eq!(read.status.as_deref(), Some("received"));
    let counters = [
        read.duration,
        read.stream_connect_count,
        read.webhook_11205_count,
        read.webhook_retry_count,
        read.recording_count,
    ];
    assert_eq!(counters, [Some(0); 5]);
    assert_eq!((read.recording_mode, read.estimated_cost_bucket, read.created_at), (None, None, None));
}

#[rstest]
#[tokio::test]
async fn a_status_that_twilio_invents_tomorrow_is_still_read(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let unheard_of = Some("teleported".to_owned());
    let call = call_log::ActiveModel { business_id: Set(1), status: Set(unheard_of.clone()), ..Default::default() };
    call.insert(&db).await.unwrap();
    let read = CallLog::find().filter(call_log::COLUMN.status.eq("teleported")).one(&db).await.unwrap().unwrap();
    assert_eq!(read.status, unheard_of);
    assert!(CallStatus::from_str("teleported").is_err());
}

#[rstest]
#[tokio::test]
async fn a_webhook_that_arrives_twice_leaves_one_row(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    for status in [CallStatus::Ringing, CallStatus::Completed] {
        let call = call_log::ActiveModel {
            business_id: Set(1),
            call_sid: Set(Some("CA1".to_owned())),
            status: Set(Some(status.to_string())),
            ..Default::default()
        };
        let on_conflict =
            OnConflict::column(call_log::Column::CallSid).update_column(call_log::Column::Status).to_owned();
        CallLog::insert(call).on_conflict(on_conflict).exec_without_returning(&db).await.unwrap();
    }
    let rows = CallLog::find().filter(call_log::Column::CallSid.eq("CA1")).all(&db).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.status.as_deref()).collect::<Vec<_>>(), [Some("completed")]);
}

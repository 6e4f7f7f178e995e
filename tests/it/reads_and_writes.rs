//! Real reads and writes through the entity, on a migrated database.

use std::str::FromStr;

use entity::{call_log, prelude::*};
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbConn, EntityTrait, QueryFilter, prelude::DateTime,
    sea_query::OnConflict,
};

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

fn at(text: &str) -> DateTime {
    DateTime::from_str(text).unwrap()
}

/// A call with every column filled.
fn full() -> call_log::Model {
    call_log::Model {
        id: 7,
        business_id: 1,
        customer_id: Some(2),
        lead_id: Some(3),
        call_sid: Some("CA00000000000000000000000000000001".to_owned()),
        parent_call_sid: Some("CA00000000000000000000000000000009".to_owned()),
        from_number: Some("+15005550001".to_owned()),
        to_number: Some("+15005550006".to_owned()),
        direction: Some("outbound".to_owned()),
        twilio_direction: Some("outbound-api".to_owned()),
        duration: Some(125),
        status: Some("completed".to_owned()),
        recording_url: Some("https://example.invalid/RE1".to_owned()),
        recording_sid: Some("RE00000000000000000000000000000001".to_owned()),
        transcription: Some("שלום, יש לי נזילה במטבח".to_owned()),
        summary: Some("A leak in the kitchen 🚰".to_owned()),
        final_transcript: Some("שלום".to_owned()),
        extracted_service: Some("אינסטלטור".to_owned()),
        extracted_city: Some("חיפה".to_owned()),
        extraction_confidence: Some(0.92),
        audio_bytes_len: Some(1_003_520),
        audio_duration_sec: Some(124.8),
        transcript_source: Some(TranscriptSource::Recording),
        created_at: Some(at("2025-12-20T08:00:00")),
        updated_at: Some(at("2025-12-20T08:03:00")),
        recording_mode: Some(RecordingMode::TwilioCallRecord),
        stream_started_at: Some(at("2025-12-20T08:00:02")),
        stream_ended_at: Some(at("2025-12-20T08:02:05")),
        stream_duration_sec: Some(123.0),
        stream_connect_count: Some(2),
        webhook_11205_count: Some(1),
        webhook_retry_count: Some(3),
        recording_count: Some(1),
        estimated_cost_bucket: Some(CostBucket::High),
        deliveries: Some("status:completed\nrecording:RE00000000000000000000000000000001:completed".to_owned()),
        finalise_attempts: Some(1),
        finalise_after: Some(at("2025-12-20T08:04:00")),
    }
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

//! What a program does with the entity of call logs.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbConn, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
    prelude::DateTimeUtc,
    sea_query::OnConflict,
};

use super::outcomes::Meaning;
use crate::call_log::{self, CostBucket, RecordingMode, TranscriptSource};

pub(super) const OPERATIONS: [(&str, Meaning); 24] = [
    ("read-all", Meaning::Read),
    ("filter", Meaning::Read),
    ("filter-other-case", Meaning::Detail),
    ("insert-minimal", Meaning::PlainWrite),
    ("update", Meaning::PlainWrite),
    ("insert-full", Meaning::GenerousWrite),
    ("insert-nulls", Meaning::GenerousWrite),
    ("insert-with-key", Meaning::GenerousWrite),
    ("insert-other-case", Meaning::GenerousWrite),
    ("update-all", Meaning::GenerousWrite),
    ("insert-digits", Meaning::OddValues),
    ("duplicate-key", Meaning::Refusal),
    ("duplicate-unique", Meaning::Refusal),
    ("upsert", Meaning::Refusal),
    ("upsert-by-key", Meaning::UpsertByKey),
    ("upsert-new", Meaning::UpsertOfANewRow),
    ("upsert-new-minimal", Meaning::Refusal),
    ("upsert-new-key", Meaning::UpsertByKey),
    ("read-after-foreign-null", Meaning::ReadOfForeignValues),
    ("read-after-foreign-key", Meaning::ReadOfForeignValues),
    ("read-after-foreign-number", Meaning::ReadOfForeignValues),
    ("insert-several", Meaning::PlainWrite),
    ("delete", Meaning::PlainWrite),
    ("insert-once-more", Meaning::GenerousWrite),
];

/// One full and one minimal row.
pub(super) async fn seed(db: &DbConn) {
    let first = call_log::ActiveModel { call_sid: Set(Some("CA-seed".to_owned())), ..full(db.get_database_backend()) };
    call_log::Entity::insert(first).exec_without_returning(db).await.unwrap();
    call_log::Entity::insert(minimal()).exec_without_returning(db).await.unwrap();
}

pub(super) async fn operate(name: &str, db: &DatabaseTransaction) -> Result<String, DbErr> {
    rows(name, db).await.map(|rows| format!("{rows:#?}"))
}

async fn rows(name: &str, db: &DatabaseTransaction) -> Result<Vec<call_log::Model>, DbErr> {
    match name {
        "read-all" => call_log::Entity::find().order_by_asc(call_log::Column::Id).all(db).await,
        "filter" => call_log::Entity::find().filter(call_log::Column::CallSid.eq("CA-seed")).all(db).await,
        "filter-other-case" => call_log::Entity::find().filter(call_log::Column::CallSid.eq("ca-SEED")).all(db).await,
        "insert-minimal" | "insert-once-more" => Ok(without_id(vec![minimal().insert(db).await?])),
        "update" => {
            let mut call = call_log::Entity::find().order_by_asc(call_log::Column::Id).one(db).await?;
            let mut call = call.take().ok_or(DbErr::RecordNotFound("seed".to_owned()))?.into_active_model();
            call.duration = Set(Some(7));
            call.status = Set(Some("completed".to_owned()));
            Ok(without_id(vec![call.update(db).await?]))
        }
        "insert-full" => Ok(without_id(vec![full(db.get_database_backend()).insert(db).await?])),
        "insert-nulls" => Ok(without_id(vec![nulls().insert(db).await?])),
        "insert-with-key" => {
            Ok(without_id(vec![call_log::ActiveModel { id: Set(9_999), ..minimal() }.insert(db).await?]))
        }
        "insert-other-case" => {
            let other = call_log::ActiveModel { call_sid: Set(Some("ca-SEED".to_owned())), ..minimal() };
            Ok(without_id(vec![other.insert(db).await?]))
        }
        "update-all" => {
            let mut call = full(db.get_database_backend());
            let first = call_log::Entity::find().order_by_asc(call_log::Column::Id).one(db).await?;
            call.id = Unchanged(first.ok_or(DbErr::RecordNotFound("seed".to_owned()))?.id);
            Ok(without_id(vec![call.update(db).await?]))
        }
        "insert-digits" => {
            let digits = call_log::ActiveModel {
                call_sid: Set(Some("0123".to_owned())),
                status: Set(Some("42".to_owned())),
                to_number: Set(Some("42 ".to_owned())),
                extraction_confidence: Set(Some(2.0)),
                ..minimal()
            };
            Ok(without_id(vec![digits.insert(db).await?]))
        }
        "duplicate-key" => {
            let taken =
                call_log::Entity::find().order_by_asc(call_log::Column::Id).one(db).await?.map_or(0, |call| call.id);
            call_log::Entity::insert(call_log::ActiveModel { id: Set(taken), ..minimal() })
                .exec_without_returning(db)
                .await?;
            Ok(Vec::new())
        }
        "duplicate-unique" => {
            let again = call_log::ActiveModel { call_sid: Set(Some("CA-seed".to_owned())), ..minimal() };
            call_log::Entity::insert(again).exec_without_returning(db).await?;
            Ok(Vec::new())
        }
        "upsert" => {
            upsert_by_sid("CA-seed", db).await?;
            Ok(without_id(call_log::Entity::find().filter(call_log::Column::CallSid.eq("CA-seed")).all(db).await?))
        }
        "upsert-by-key" => {
            let first =
                call_log::Entity::find().order_by_asc(call_log::Column::Id).one(db).await?.map_or(0, |call| call.id);
            upsert_by_key(first, db).await?;
            Ok(without_id(call_log::Entity::find().filter(call_log::Column::Id.eq(first)).all(db).await?))
        }
        "upsert-new" => {
            let new =
                call_log::ActiveModel { call_sid: Set(Some("CA-new".to_owned())), ..full(db.get_database_backend()) };
            let by_sid =
                OnConflict::column(call_log::Column::CallSid).update_column(call_log::Column::Duration).to_owned();
            let before = call_log::Entity::find().order_by_asc(call_log::Column::Id).all(db).await?.len();
            call_log::Entity::insert(new).on_conflict(by_sid).exec_without_returning(db).await?;
            let after = call_log::Entity::find().order_by_asc(call_log::Column::Id).all(db).await?.len();
            Ok(vec![call_log::Model::default(); after - before])
        }
        // The database may find a conflict before it finds out that it cannot look for one.
        "upsert-new-minimal" => upsert_by_sid("CA-new", db).await.map(|()| Vec::new()),
        "upsert-new-key" => upsert_by_key(9_998, db).await.map(|()| Vec::new()),
        "read-after-foreign-null" => {
            // Another program; where the table refuses it, there is nothing to read.
            if db.execute_unprepared("INSERT INTO call_log (business_id) VALUES (NULL)").await.is_err() {
                return Ok(Vec::new());
            }
            call_log::Entity::find().order_by_asc(call_log::Column::Id).all(db).await.map(|_| Vec::new())
        }
        "read-after-foreign-key" => {
            // A database that numbers its rows takes NULL for the next number.
            if db.execute_unprepared("INSERT INTO call_log (id, business_id) VALUES (NULL, 1)").await.is_err() {
                return Ok(Vec::new());
            }
            call_log::Entity::find().order_by_asc(call_log::Column::Id).all(db).await.map(|_| Vec::new())
        }
        "read-after-foreign-number" => {
            if db.execute_unprepared("UPDATE call_log SET duration = 3000000000").await.is_err() {
                return Ok(Vec::new());
            }
            call_log::Entity::find().order_by_asc(call_log::Column::Id).all(db).await.map(|_| Vec::new())
        }
        "insert-several" => {
            call_log::Entity::insert_many([minimal(), minimal()]).exec_without_returning(db).await?;
            Ok(Vec::new())
        }
        "delete" => delete_first(db).await,
        other => unreachable!("{other} is not an operation"),
    }
}

async fn delete_first(db: &DatabaseTransaction) -> Result<Vec<call_log::Model>, DbErr> {
    let first = call_log::Entity::find().order_by_asc(call_log::Column::Id).one(db).await?;
    let first = first.ok_or(DbErr::RecordNotFound("seed".to_owned()))?;
    let deleted = call_log::Entity::delete_by_id(first.id).exec(db).await?;
    Ok(vec![call_log::Model::default(); usize::try_from(deleted.rows_affected).unwrap()])
}

async fn upsert_by_sid(call_sid: &str, db: &DatabaseTransaction) -> Result<(), DbErr> {
    let call = call_log::ActiveModel { call_sid: Set(Some(call_sid.to_owned())), duration: Set(Some(9)), ..minimal() };
    let by_sid = OnConflict::column(call_log::Column::CallSid).update_column(call_log::Column::Duration).to_owned();
    call_log::Entity::insert(call).on_conflict(by_sid).exec_without_returning(db).await.map(|_| ())
}

async fn upsert_by_key(id: i32, db: &DatabaseTransaction) -> Result<(), DbErr> {
    let call = call_log::ActiveModel { id: Set(id), duration: Set(Some(9)), ..minimal() };
    let by_key = OnConflict::column(call_log::Column::Id).update_column(call_log::Column::Duration).to_owned();
    call_log::Entity::insert(call).on_conflict(by_key).exec_without_returning(db).await.map(|_| ())
}

/// Keys differ from run to run.
fn without_id(mut rows: Vec<call_log::Model>) -> Vec<call_log::Model> {
    for row in &mut rows {
        row.id = 0;
    }
    rows
}

fn minimal() -> call_log::ActiveModel {
    call_log::ActiveModel { business_id: Set(1), ..Default::default() }
}

fn nulls() -> call_log::ActiveModel {
    let mut call = call_log::Model { business_id: 1, ..Default::default() }.into_active_model().reset_all();
    call.id = NotSet;
    call
}

/// Letters without a pattern: PostgreSQL stores them as they are.
fn incompressible(length: usize) -> String {
    let mut state = 1_u64;
    let letter = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    });
    letter.take(length).collect()
}

/// Every column given, each as large as its declaration allows.
fn full(backend: DbBackend) -> call_log::ActiveModel {
    // A `datetime` of MySQL is declared without digits of a second.
    let unit = if backend == DbBackend::MySql { 1_000_000 } else { 1 };
    let text = |length: usize| Set(Some("x".repeat(length)));
    let at = |micros: i64| Set(DateTimeUtc::from_timestamp_micros(micros / unit * unit).map(|time| time.naive_utc()));
    call_log::ActiveModel {
        id: NotSet,
        business_id: Set(i32::MAX),
        customer_id: Set(Some(i32::MIN)),
        lead_id: Set(Some(i32::MAX)),
        call_sid: text(64),
        parent_call_sid: text(64),
        from_number: text(64),
        to_number: text(64),
        direction: text(16),
        twilio_direction: text(32),
        duration: Set(Some(i32::MAX)),
        status: text(32),
        recording_url: text(512),
        recording_sid: text(64),
        transcription: Set(Some(incompressible(60_000))),
        summary: Set(Some("שלום 🚰 'quoted' \\".to_owned())),
        final_transcript: text(60_000),
        extracted_service: text(255),
        extracted_city: Set(Some("ח".repeat(255))),
        extraction_confidence: Set(Some(0.123_456_789_012_345)),
        audio_bytes_len: Set(Some(i32::MAX)),
        audio_duration_sec: Set(Some(1e300)),
        transcript_source: Set(Some(TranscriptSource::Realtime)),
        created_at: at(1_766_217_600_123_456),
        updated_at: at(4_102_444_800_654_321),
        recording_mode: Set(Some(RecordingMode::TwilioCallRecord)),
        stream_started_at: at(1_766_217_600_000_001),
        stream_ended_at: at(1_766_217_600_999_999),
        stream_duration_sec: Set(Some(123_456.1)),
        stream_connect_count: Set(Some(i32::MAX)),
        webhook_11205_count: Set(Some(i32::MAX)),
        webhook_retry_count: Set(Some(i32::MAX)),
        recording_count: Set(Some(i32::MAX)),
        estimated_cost_bucket: Set(Some(CostBucket::High)),
        deliveries: text(60_000),
        finalise_attempts: Set(Some(i32::MAX)),
        finalise_after: at(4_102_444_800_654_321),
    }
}

//! A table of telephone calls, as wide as those of real applications: the sample that the changes in `fixtures/changes` are
//! made to. It is the tests' own, so no application's new column changes what they prove.

use sea_orm::{
    ConnectionTrait, DbBackend, DbConn, Schema,
    entity::prelude::*,
    sea_query::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement},
};

/// How a call was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
pub enum RecordingMode {
    #[sea_orm(string_value = "TWILIO_CALL_RECORD")]
    TwilioCallRecord,
    #[sea_orm(string_value = "RECORDING_API")]
    RecordingApi,
    #[sea_orm(string_value = "OFF")]
    Off,
}

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))")]
pub enum CostBucket {
    #[sea_orm(string_value = "LOW")]
    Low,
    #[sea_orm(string_value = "MED")]
    Med,
    #[sea_orm(string_value = "HIGH")]
    High,
}

/// What the transcript was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
pub enum TranscriptSource {
    #[sea_orm(string_value = "recording")]
    Recording,
    #[sea_orm(string_value = "realtime")]
    Realtime,
    #[sea_orm(string_value = "failed")]
    Failed,
}

#[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "call_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(indexed)]
    pub business_id: i32,
    pub customer_id: Option<i32>,
    #[sea_orm(indexed)]
    pub lead_id: Option<i32>,
    #[sea_orm(column_type = "String(StringLen::N(64))", unique)]
    pub call_sid: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))", indexed)]
    pub parent_call_sid: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))", indexed)]
    pub from_number: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub to_number: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(16))", default_value = "inbound")]
    pub direction: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(32))")]
    pub twilio_direction: Option<String>,
    #[sea_orm(default_value = 0)]
    pub duration: Option<i32>,
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "received")]
    pub status: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(512))")]
    pub recording_url: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub recording_sid: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub transcription: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub summary: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub final_transcript: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub extracted_service: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub extracted_city: Option<String>,
    pub extraction_confidence: Option<f64>,
    pub audio_bytes_len: Option<i32>,
    pub audio_duration_sec: Option<f64>,
    pub transcript_source: Option<TranscriptSource>,
    pub created_at: Option<DateTime>,
    pub updated_at: Option<DateTime>,
    pub recording_mode: Option<RecordingMode>,
    pub stream_started_at: Option<DateTime>,
    pub stream_ended_at: Option<DateTime>,
    pub stream_duration_sec: Option<f64>,
    #[sea_orm(default_value = 0)]
    pub stream_connect_count: Option<i32>,
    #[sea_orm(default_value = 0)]
    pub webhook_11205_count: Option<i32>,
    #[sea_orm(default_value = 0)]
    pub webhook_retry_count: Option<i32>,
    #[sea_orm(default_value = 0)]
    pub recording_count: Option<i32>,
    pub estimated_cost_bucket: Option<CostBucket>,
    #[sea_orm(column_type = "Text")]
    pub deliveries: Option<String>,
    #[sea_orm(default_value = 0)]
    pub finalise_attempts: Option<i32>,
    pub finalise_after: Option<DateTime>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The indexes by the names that the changes refer to; the last four are not declared, as some indexes never are.
const INDEXES: [(&str, &[Column]); 9] = [
    ("ix_call_log_call_sid", &[Column::CallSid]),
    ("ix_call_log_business_id", &[Column::BusinessId]),
    ("ix_call_log_lead_id", &[Column::LeadId]),
    ("ix_call_log_from_number", &[Column::FromNumber]),
    ("ix_call_log_parent_call_sid", &[Column::ParentCallSid]),
    ("idx_call_log_recent_outbound", &[Column::BusinessId, Column::Direction, Column::CreatedAt]),
    ("ix_call_log_business_id_created_at_id", &[Column::BusinessId, Column::CreatedAt, Column::Id]),
    ("ix_call_log_created_at_id", &[Column::CreatedAt, Column::Id]),
    ("ix_call_log_bucket_created_at", &[Column::EstimatedCostBucket, Column::CreatedAt]),
];

/// Creates the table and its indexes.
pub(crate) async fn create(db: &DbConn) {
    db.execute(&table(db.get_database_backend())).await.unwrap();
    for (name, columns) in INDEXES {
        db.execute(&index(name, columns)).await.unwrap();
    }
}

/// As the entity declares it, but for the unique column: a change drops its index by name.
fn table(backend: DbBackend) -> TableCreateStatement {
    let mut table = Table::create().table(Entity).take();
    if backend == DbBackend::MySql {
        table.character_set("utf8mb4"); // whatever the server's default
    }
    for column in Schema::new(backend).create_table_from_entity(Entity).get_columns() {
        if column.get_column_spec().unique {
            table.col(ColumnDef::new(column.get_column_name()).string_len(64));
        } else {
            table.col(column.clone());
        }
    }
    table
}

fn index(name: &str, columns: &[Column]) -> IndexCreateStatement {
    let mut index = Index::create().table(Entity).name(name).take();
    for column in columns {
        index.col(*column);
    }
    if name == "ix_call_log_call_sid" {
        index.unique();
    }
    index
}

//! The entity under its table's name, and the enums of its columns.

pub use crate::call_id::CallId;
pub use crate::call_log::Entity as CallLog;
pub use crate::enums::{CostBucket, RecordingMode, TranscriptSource};
pub use crate::twilio::{CallDirection, CallStatus};

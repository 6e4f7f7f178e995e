//! Writes of the webhooks and the finaliser. One statement writes an event, and the order, repetition and concurrency of events
//! do not change the resulting row.

mod call_fields;
mod call_status;
mod event;
mod finalise;
mod kind;
mod parameters;
mod recording;
mod retention;
mod statements;
mod stream;
mod upsert;

pub use call_fields::CallFields;
pub use call_status::{CallStatusEvent, record_call_status};
pub use event::Event;
pub use finalise::{Finalised, LeasedCall, finalise, lease, postpone, release};
pub use kind::StreamEventKind;
pub use recording::{RecordingEvent, record_recording};
pub use retention::{Archive, ArchiveError, OldCalls, Removed, Retention};
pub use stream::{StreamEvent, record_stream_event, record_unreachable};

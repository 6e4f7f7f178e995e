//! Layers around the handlers.

pub(super) mod access_log;
pub(super) mod csrf;
pub(super) mod problem_details;
pub(super) mod schema_gate;
pub(super) mod security_headers;
pub(super) mod timeout;

//! What every handler is given, and whether there is anything to handle at all.

use std::sync::Arc;

use axum::{
    extract::{Request, State as Given},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use sea_orm_connect::PoolerSafe;

use super::{
    config::Config,
    page::session::Sessions,
    problem::{DatabaseFailed, Problem},
    schema_watch::{OnDrift, SchemaWatch, State},
};

/// The service: its configuration, its database, what is known of the schema. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    on_drift: OnDrift,
    schema: SchemaWatch,
    sessions: Sessions,
    metrics: PrometheusHandle,
}

impl App {
    /// Puts them together.
    pub fn new(config: Config, on_drift: OnDrift, schema: SchemaWatch, metrics: PrometheusHandle) -> Self {
        let sessions = Sessions::new(config.session_key.as_ref());
        Self(Arc::new(Inner { config, on_drift, schema, sessions, metrics }))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The watch over the schema.
    pub fn schema(&self) -> &SchemaWatch {
        &self.0.schema
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(super) fn metrics(&self) -> &PrometheusHandle {
        &self.0.metrics
    }

    /// The database, while the schema fits it, or drift is only warned of.
    pub fn db(&self) -> Option<&PoolerSafe> {
        let serves = match self.0.schema.state().as_ref() {
            State::Fits(_) => true,
            State::Drifted(_) => self.0.on_drift == OnDrift::Warn,
            State::Starting
            | State::Unreachable(_)
            | State::ReadOnly
            | State::NotMigrated(_)
            | State::NotCompared(_) => false,
        };
        self.0.schema.db().filter(|_| serves)
    }

    /// The same for a handler.
    pub(super) fn ready(&self) -> Result<&PoolerSafe, Problem> {
        self.db().ok_or_else(|| {
            let missing = self.0.schema.state().missing().join(", ");
            Problem::unavailable(format!("not ready: {missing}; /readyz has more"))
        })
    }
}

/// Lets nothing through while nothing can be served.
pub(super) async fn gate(Given(app): Given<App>, request: Request, next: Next) -> Response {
    match app.ready() {
        Ok(_) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Has the schema looked at after an error of the database.
pub(super) async fn look_into(Given(app): Given<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<DatabaseFailed>().is_some() {
        app.schema().poke();
    }
    response
}

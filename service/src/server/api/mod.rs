//! The JSON API: lists of calls, one call, costs. `/openapi.json` describes it.

mod calls;
mod costs;
mod query;
mod views;

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::state::AppState;

pub(super) use query::{bounded_text, is_storable};

/// The document without its paths, which the handlers add.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "call-log", description = "Calls and their cost. Times are RFC 3339; responses use UTC."),
    modifiers(&TokenScheme)
)]
pub(super) struct Document;

struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(calls::last_seven_days))
        .routes(routes!(calls::range))
        .routes(routes!(calls::one))
        .routes(routes!(costs::summary))
}

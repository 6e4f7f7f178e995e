//! What programs read: lists of calls, one call, costs; JSON, described by `/openapi.json`.

mod asked;
mod calls;
mod costs;
mod views;

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::app::App;

pub(super) use asked::{plain, within_reason};

/// The document without its paths, which the handlers bring along.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "call-log", description = "Calls, and what they cost. All times are RFC 3339; those given out are UTC."),
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

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(calls::last_seven_days))
        .routes(routes!(calls::range))
        .routes(routes!(calls::one))
        .routes(routes!(costs::summary))
}

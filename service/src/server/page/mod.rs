//! A page for the person on duty: HTML that needs no script, behind the same tokens as the API.

mod asked;
mod call;
mod chart;
mod list;
mod login;
mod same_site;
pub(super) mod session;
mod shell;

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware,
    response::IntoResponse,
    routing::{get, post},
};
use tower_http::set_header::SetResponseHeaderLayer;

use super::app::App;

/// Nothing but the page's own style, and forms to itself.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<App> {
    let header = |name, value| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let forms = Router::new()
        .route("/calls/login", post(login::log_in))
        .route("/calls/logout", post(login::log_out))
        .layer(middleware::from_fn(same_site::only));
    Router::new()
        .route("/calls", get(list::show))
        .merge(forms)
        .route("/calls/{call_sid}", get(call::show))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .route("/style.css", get(style))
        .layer(header("content-security-policy", POLICY))
        // Not `no-referrer`, with which a browser hides the origin of a form from this site, too.
        .layer(header("referrer-policy", "same-origin"))
        .layer(header("x-frame-options", "DENY"))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../../../templates/style.css"))
}

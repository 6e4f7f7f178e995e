//! HTML pages for the person on duty: without scripts, protected by the same tokens as the API.

mod call;
mod chart;
mod cookie;
mod layout;
mod list;
mod login;
mod query;
mod time;
mod zone;

use axum::{
    Router,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware,
    response::IntoResponse,
    routing::{get, post},
};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{middleware::csrf, state::AppState};

pub(super) fn routes() -> Router<AppState> {
    let forms = Router::new()
        .route("/calls/login", post(login::log_in))
        .route("/calls/logout", post(login::log_out))
        .route("/calls/zone", post(zone::choose))
        .layer(middleware::from_fn(csrf::require_same_origin));
    Router::new()
        .route("/calls", get(list::show))
        .route("/calls/zone", get(zone::show))
        .merge(forms)
        .route("/calls/{call_sid}", get(call::show))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .route("/style.css", get(style))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../../../templates/style.css"))
}

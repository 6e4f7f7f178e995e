//! The cookies of the pages: for their paths only, unseen by scripts, and sent over TLS only where the public URL has it.

use std::time::Duration;

use axum::{
    http::{
        HeaderMap, StatusCode,
        header::{COOKIE, LOCATION, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use cookie::{Cookie, SameSite, time};

use super::super::state::AppState;

/// The value of a cookie of the request.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let headers = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut cookies = headers.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name)?.value_raw()
}

/// Sets a cookie, and leads to the list of calls. A lifetime of zero removes it.
pub(super) fn set_and_show_calls(app: &AppState, name: &str, value: &str, lifetime: Duration) -> Response {
    let is_secure = app.config().public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let cookie = Cookie::build((name, value))
        .path("/calls")
        .max_age(time::Duration::try_from(lifetime).unwrap_or(time::Duration::MAX))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_secure);
    (StatusCode::SEE_OTHER, [(LOCATION, "/calls".to_owned()), (SET_COOKIE, cookie.to_string())]).into_response()
}

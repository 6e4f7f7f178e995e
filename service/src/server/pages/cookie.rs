//! The cookies of the pages: for their paths only, unseen by scripts, and sent over TLS only where the public URL has it.

use std::time::Duration;

use axum::{
    http::{
        HeaderMap, StatusCode,
        header::{COOKIE, LOCATION, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};

use super::super::state::AppState;

/// The value of a cookie of the request.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// Sets a cookie, and leads to the list of calls. A lifetime of zero removes it.
pub(super) fn set_and_show_calls(app: &AppState, name: &str, value: &str, lifetime: Duration) -> Response {
    let is_secure = app.config().public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let secure = if is_secure { "; Secure" } else { "" };
    let seconds = lifetime.as_secs();
    let cookie = format!("{name}={value}; Path=/calls; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    (StatusCode::SEE_OTHER, [(LOCATION, "/calls".to_owned()), (SET_COOKIE, cookie)]).into_response()
}

//! Login: exchanges a token for a session cookie.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use chrono::Utc;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::{
    super::{
        body,
        principal::{Principal, bearer},
        session,
        state::AppState,
    },
    cookie, layout,
};

/// Largest size of the form.
const MAX_BODY_BYTES: usize = 4096;

#[derive(Debug, Template)]
#[template(path = "login.html")]
struct LoginTemplate {
    message: Option<&'static str>,
}

/// The authenticated user of a page. The extractor accepts a session cookie or a bearer token, and otherwise shows the login form.
#[derive(Clone, Copy, Debug)]
pub(super) struct PagePrincipal(pub(super) Principal);

impl FromRequestParts<AppState> for PagePrincipal {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let tokens = &app.config().tokens;
        let by_token = bearer(&parts.headers).and_then(|token| tokens.scope_of(token));
        let by_cookie = || {
            let cookie = cookie::value(&parts.headers, session::COOKIE)?;
            app.sessions().scope_of(cookie, now(), tokens)
        };
        by_token.or_else(by_cookie).map(|scope| Self(Principal(scope))).ok_or_else(|| login_form(app, None))
    }
}

fn now() -> u64 {
    Utc::now().timestamp().try_into().unwrap_or_default()
}

fn login_form(app: &AppState, message: Option<&'static str>) -> Response {
    let closed = "No tokens are configured, so nobody can log in: set `tokens`.";
    let message = if app.config().tokens.is_empty() { Some(closed) } else { message };
    let mut response = layout::render(StatusCode::UNAUTHORIZED, &LoginTemplate { message });
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

pub(super) async fn log_in(State(app): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match body::read(body, MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    if let Err(wait) = app.login_limit().admit(&parts.extensions, &parts.headers) {
        let message = Some("Too many logins. Wait a minute, and try again.");
        let mut response = layout::render(StatusCode::TOO_MANY_REQUESTS, &LoginTemplate { message });
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        return response;
    }
    let token = form_urlencoded::parse(&body).find(|(name, _)| name == "token").map(|(_, token)| token);
    let hash: [u8; 32] = Sha256::digest(token.unwrap_or_default().trim().as_bytes()).into();
    if app.config().tokens.find_by_hash(&hash).is_none() {
        return login_form(&app, Some("Invalid token."));
    }
    let session = app.sessions().begin(&hash, now());
    cookie::set_and_show_calls(&app, session::COOKIE, &session, session::LIFETIME)
}

pub(super) async fn log_out(State(app): State<AppState>) -> Response {
    cookie::set_and_show_calls(&app, session::COOKIE, "", Duration::ZERO)
}

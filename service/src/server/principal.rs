//! Who sent a request, and which calls they may read.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};

use super::{problem::Problem, state::AppState, tokens::Scope};

/// The authenticated sender of a request. The extractor accepts a bearer token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Principal(pub(super) Scope);

impl Principal {
    /// The business whose calls to read: the principal's own, or the requested one if they may read all.
    pub(super) fn business_id(self, requested: Option<i32>) -> Option<i32> {
        self.0.business_id().or(requested)
    }
}

impl FromRequestParts<AppState> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let tokens = &app.config().tokens;
        if tokens.is_empty() {
            return Err(Problem::unauthorized("no tokens are configured, so nobody may read: set `tokens`"));
        }
        let token = bearer(&parts.headers)
            .ok_or_else(|| Problem::unauthorized("missing token: send `Authorization: Bearer <token>`"))?;
        tokens.scope_of(token).map(Self).ok_or_else(|| Problem::unauthorized("invalid token"))
    }
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

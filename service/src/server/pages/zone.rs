//! The reader's time zone, chosen once and kept in a cookie: a page without a script cannot ask the browser for it.

use std::{convert::Infallible, time::Duration};

use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use chrono_tz::{TZ_VARIANTS, Tz};
use url::form_urlencoded;

use super::{
    super::{body, state::AppState},
    cookie,
    layout::{self, SchemaBadge},
    login::PagePrincipal,
};

const COOKIE: &str = "call_log_zone";

/// How long the choice is kept.
const LIFETIME: Duration = Duration::from_hours(365 * 24);

/// Largest size of the form.
const MAX_BODY_BYTES: usize = 1024;

/// The time zone that the reader chose, or UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReaderZone(pub(super) Tz);

impl FromRequestParts<AppState> for ReaderZone {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let chosen = cookie::value(&parts.headers, COOKIE).and_then(|name| name.parse().ok());
        Ok(Self(chosen.unwrap_or(Tz::UTC)))
    }
}

#[derive(Debug, Template)]
#[template(path = "zone.html")]
struct ZoneTemplate {
    schema: SchemaBadge,
    message: Option<&'static str>,
    zones: Vec<Tz>,
    chosen: Tz,
}

impl ZoneTemplate {
    fn new(app: &AppState, chosen: Tz, message: Option<&'static str>) -> Self {
        // The others are old names of these, such as `GB`.
        let places = TZ_VARIANTS.into_iter().filter(|zone| zone.name().contains('/'));
        let zones = std::iter::once(Tz::UTC).chain(places).collect();
        Self { schema: SchemaBadge::new(app), message, zones, chosen }
    }
}

pub(super) async fn show(State(app): State<AppState>, _: PagePrincipal, ReaderZone(zone): ReaderZone) -> Response {
    layout::render(StatusCode::OK, &ZoneTemplate::new(&app, zone, None))
}

pub(super) async fn choose(
    State(app): State<AppState>,
    _: PagePrincipal,
    ReaderZone(zone): ReaderZone,
    request: Request,
) -> Response {
    let body = match body::read(request.into_body(), MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let name = form_urlencoded::parse(&body).find(|(name, _)| name == "zone").map(|(_, zone)| zone);
    if let Ok(zone) = name.unwrap_or_default().parse::<Tz>() {
        cookie::set_and_show_calls(&app, COOKIE, zone.name(), LIFETIME)
    } else {
        let unknown = Some("No such time zone. Choose one of the list.");
        layout::render(StatusCode::BAD_REQUEST, &ZoneTemplate::new(&app, zone, unknown))
    }
}

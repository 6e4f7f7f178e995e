//! Whether a form was sent from this site's own page. Another site's form would log somebody in or out here.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::super::problem::Problem;

pub(super) async fn only(request: Request, next: Next) -> Response {
    if is_from_elsewhere(request.headers()) {
        return Problem::forbidden("this was sent by the page of another site").into_response();
    }
    next.run(request).await
}

/// What the browser says of it is believed first: a proxy in between may give the host another name. An older browser, or one
/// without TLS, sends only the origin, and what is no browser sends neither.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site != "same-origin" && site != "none");
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let origin = headers.get(ORIGIN).map(|origin| host_of(origin.as_bytes()).is_none_or(|origin| Some(origin) != host));
    site.or(origin).unwrap_or(false)
}

/// What stands behind `https://`; nothing in `null`, which is the origin of what hides its own.
fn host_of(origin: &[u8]) -> Option<&[u8]> {
    origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_browser(None, None, false)]
    #[case::the_page(Some("same-origin"), Some("https://calls.example.org"), false)]
    #[case::the_page_behind_a_proxy_that_renames_the_host(
        Some("same-origin"),
        Some("https://other.example.org"),
        false
    )]
    #[case::the_person(Some("none"), None, false)]
    #[case::another_site(Some("cross-site"), Some("https://calls.example.org"), true)]
    #[case::another_host_of_the_site(Some("same-site"), None, true)]
    #[case::the_page_in_an_old_browser(None, Some("https://calls.example.org"), false)]
    #[case::another_site_in_an_old_browser(None, Some("https://calls.example.com"), true)]
    #[case::another_port_in_an_old_browser(None, Some("https://calls.example.org:8443"), true)]
    #[case::a_site_that_hides(None, Some("null"), true)]
    fn a_form_of_another_site_is_told_from_ours(
        #[case] site: Option<&str>,
        #[case] origin: Option<&str>,
        #[case] expected: bool,
    ) {
        let given = [("host", Some("calls.example.org")), ("sec-fetch-site", site), ("origin", origin)];
        let given =
            given.into_iter().filter_map(|(name, value)| Some((name.parse().unwrap(), value?.parse().unwrap())));
        assert_eq!(is_from_elsewhere(&given.collect()), expected);
    }
}

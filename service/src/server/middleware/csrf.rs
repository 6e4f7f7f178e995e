//! Cross-site request forgery: refuses forms that another site sent, which would log a user in or out.

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

/// Refuses a cross-site request with 403.
pub(in super::super) async fn require_same_origin(request: Request, next: Next) -> Response {
    if is_cross_site(request.headers()) {
        return Problem::forbidden("cross-site request").into_response();
    }
    next.run(request).await
}

/// `Sec-Fetch-Site` counts first, because a proxy may change `Host`. Older browsers, and those without TLS, send only `Origin`;
/// other programs send neither.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site != "same-origin" && site != "none");
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let origin = headers.get(ORIGIN).map(|origin| host_of(origin.as_bytes()).is_none_or(|origin| Some(origin) != host));
    site.or(origin).unwrap_or(false)
}

/// The host of an origin; `None` for the opaque origin `null`.
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
    fn a_cross_site_form_is_recognised(
        #[case] site: Option<&str>,
        #[case] origin: Option<&str>,
        #[case] expected: bool,
    ) {
        let given = [("host", Some("calls.example.org")), ("sec-fetch-site", site), ("origin", origin)];
        let given =
            given.into_iter().filter_map(|(name, value)| Some((name.parse().unwrap(), value?.parse().unwrap())));
        assert_eq!(is_cross_site(&given.collect()), expected);
    }
}

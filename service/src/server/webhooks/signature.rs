//! Verifies that Twilio sent a webhook: `X-Twilio-Signature`, as
//! <https://www.twilio.com/docs/usage/webhooks/webhooks-security> describes it.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use url::Url;

/// Whether the signature matches the URL and the parameters.
///
/// Accepts the URL as configured, with the default port of its scheme, and without a port, as Twilio's own validators do:
/// proxies add the port, and Twilio drops it for some callbacks. Compares in constant time.
pub(super) fn is_valid(
    signature: &str,
    token: &str,
    public_url: &Url,
    path: &str,
    parameters: &[(String, String)],
) -> bool {
    let Ok(signature) = BASE64.decode(signature.as_bytes()) else { return false };
    let mut parameters: Vec<&(String, String)> = parameters.iter().collect();
    parameters.sort();
    parameters.dedup();
    let matches = |base: &str| {
        let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC accepts keys of any length");
        mac.update(base.trim_end_matches('/').as_bytes());
        mac.update(path.as_bytes());
        for (name, value) in &parameters {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        mac.verify_slice(&signature).is_ok()
    };
    let ports = [public_url.port(), public_url.port_or_known_default(), None];
    ports.map(|port| matches(&with_port(public_url, port))).contains(&true)
}

/// The URL with this port.
fn with_port(url: &Url, port: Option<u16>) -> String {
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TOKEN: &str = "12345";
    const PATH: &str = "/myapp.php?foo=1&bar=2";

    fn parameters(from: &str) -> Vec<(String, String)> {
        [("From", from), ("To", "+18005551212"), ("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("Caller", from)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::the_first_vector("+14158675310", "GvWf1cFY/Q7PnoempGyD5oXAezc=")]
    #[case::the_second_vector("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    fn the_published_signatures_are_valid(#[case] from: &str, #[case] signature: &str) {
        let base = url("https://mycompany.com");
        assert!(is_valid(signature, TOKEN, &base, PATH, &parameters(from)));
        assert!(!is_valid(signature, TOKEN, &base, PATH, &parameters("+14158675311")));
        assert!(!is_valid(signature, "12346", &base, PATH, &parameters(from)));
        assert!(!is_valid(signature, TOKEN, &url("http://mycompany.com"), PATH, &parameters(from)));
        assert!(!is_valid(signature, TOKEN, &base, "/myapp.php?foo=1&bar=3", &parameters(from)));
        assert!(!is_valid(signature, TOKEN, &base, PATH, &parameters(from)[1..]));
    }

    #[rstest]
    #[case::the_default_port_is_added("https://mycompany.com/calls/", "https://mycompany.com:443/calls", true)]
    #[case::another_port_is_kept("https://mycompany.com:8443/calls", "https://mycompany.com:8443/calls", true)]
    #[case::another_port_is_dropped("https://mycompany.com:8443/calls", "https://mycompany.com/calls", true)]
    #[case::the_port_of_http_is_dropped("http://mycompany.com:8080", "http://mycompany.com", true)]
    #[case::another_port_is_not_the_default(
        "https://mycompany.com:8443/calls",
        "https://mycompany.com:443/calls",
        false
    )]
    #[case::any_port("https://mycompany.com/calls", "https://mycompany.com:8443/calls", false)]
    #[case::another_host("https://mycompany.com:8443/calls", "https://mycompany.org/calls", false)]
    fn a_port_may_be_added_or_dropped(#[case] configured: &str, #[case] signed: &str, #[case] expected: bool) {
        let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
        mac.update(format!("{signed}/a?b=c").as_bytes());
        let signature = BASE64.encode(&mac.finalize().into_bytes());
        assert_eq!(is_valid(&signature, TOKEN, &url(configured), "/a?b=c", &[]), expected);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::not_base64("not base64!")]
    #[case::too_short("AAAA")]
    fn malformed_signatures_are_invalid(#[case] signature: &str) {
        assert!(!is_valid(signature, TOKEN, &url("https://mycompany.com"), PATH, &parameters("+14158675310")));
    }
}

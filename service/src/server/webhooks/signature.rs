//! Whether Twilio sent a webhook: `X-Twilio-Signature`, as
//! <https://www.twilio.com/docs/usage/webhooks/webhooks-security> describes it.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use url::Url;

/// Whether the signature is that of the URL and the parameters under this token.
///
/// The URL is taken as it was configured, and also with or without the usual port of its scheme, because proxies add it
/// and take it away. Compared in constant time.
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
    let is_of = |base: &str| {
        let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(base.trim_end_matches('/').as_bytes());
        mac.update(path.as_bytes());
        for (name, value) in &parameters {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        mac.verify_slice(&signature).is_ok()
    };
    is_of(public_url.as_str()) | is_of(&with_port(public_url))
}

/// The same address with the usual port written out.
fn with_port(url: &Url) -> String {
    match (url.port(), url.port_or_known_default(), url.host_str()) {
        (None, Some(port), Some(host)) => format!("{}://{host}:{port}{}", url.scheme(), url.path()),
        _ => url.as_str().to_owned(),
    }
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

    #[test]
    fn the_usual_port_may_be_written_out_or_not() {
        let signed_with_port = {
            let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
            mac.update(b"https://mycompany.com:443/calls/a?b=c");
            BASE64.encode(&mac.finalize().into_bytes())
        };
        assert!(is_valid(&signed_with_port, TOKEN, &url("https://mycompany.com/calls/"), "/a?b=c", &[]));
        assert!(!is_valid(&signed_with_port, TOKEN, &url("https://mycompany.com:8443/calls"), "/a?b=c", &[]));
    }

    #[rstest]
    #[case::nothing("")]
    #[case::no_base64("not base64!")]
    #[case::something_short("AAAA")]
    fn what_is_no_signature_is_not_valid(#[case] signature: &str) {
        assert!(!is_valid(signature, TOKEN, &url("https://mycompany.com"), PATH, &parameters("+14158675310")));
    }
}

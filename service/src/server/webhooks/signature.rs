//! Verifies that Twilio sent a webhook: `X-Twilio-Signature`, as
//! <https://www.twilio.com/docs/usage/webhooks/webhooks-security> describes it. Where a webhook rule names a shared key, the
//! signature is that of the key, with the algorithm that another header names:
//! <https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys>.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use url::Url;

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    HmacSha1,
    HmacSha256,
}

impl Algorithm {
    /// The algorithm of `X-Twilio-Webhooks-Signature-Settings: key=...,algorithm=HMAC_SHA256`; `None` if it is unknown. Like
    /// Twilio's libraries: SHA-1 if the header names none.
    pub(super) fn of_settings(settings: &str) -> Option<Self> {
        let pairs = settings.split(',').filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(name, _)| name.trim() == "algorithm").map(|(_, algorithm)| algorithm.trim());
        match named.find(|algorithm| !algorithm.is_empty()) {
            None => Some(Self::HmacSha1),
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA1") => Some(Self::HmacSha1),
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA256") => Some(Self::HmacSha256),
            Some(_) => None,
        }
    }

    /// Whether the signature is that of the texts, one after the other. Compares in constant time.
    fn verifies(self, key: &str, texts: &[&str], signature: &[u8]) -> bool {
        match self {
            Self::HmacSha1 => verifies::<Hmac<Sha1>>(key, texts, signature),
            Self::HmacSha256 => verifies::<Hmac<Sha256>>(key, texts, signature),
        }
    }
}

fn verifies<M: Mac + KeyInit>(key: &str, texts: &[&str], signature: &[u8]) -> bool {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).expect("HMAC accepts keys of any length");
    for text in texts {
        mac.update(text.as_bytes());
    }
    mac.verify_slice(signature).is_ok()
}

/// Whether the signature matches the URL and the parameters.
///
/// Accepts the URL as configured, with the default port of its scheme, and without a port, as Twilio's own validators do:
/// proxies add the port, and Twilio drops it for some callbacks.
pub(super) fn is_valid(
    signature: &str,
    algorithm: Algorithm,
    key: &str,
    public_url: &Url,
    path: &str,
    parameters: &[(String, String)],
) -> bool {
    let Ok(signature) = BASE64.decode(signature.as_bytes()) else { return false };
    let mut parameters: Vec<&(String, String)> = parameters.iter().collect();
    parameters.sort();
    parameters.dedup();
    let matches = |base: &str| {
        let mut texts = vec![base.trim_end_matches('/'), path];
        texts.extend(parameters.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        algorithm.verifies(key, &texts, &signature)
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

    use super::{Algorithm::*, *};

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
        assert!(is_valid(signature, HmacSha1, TOKEN, &base, PATH, &parameters(from)));
        assert!(!is_valid(signature, HmacSha1, TOKEN, &base, PATH, &parameters("+14158675311")));
        assert!(!is_valid(signature, HmacSha1, "12346", &base, PATH, &parameters(from)));
        assert!(!is_valid(signature, HmacSha1, TOKEN, &url("http://mycompany.com"), PATH, &parameters(from)));
        assert!(!is_valid(signature, HmacSha1, TOKEN, &base, "/myapp.php?foo=1&bar=3", &parameters(from)));
        assert!(!is_valid(signature, HmacSha1, TOKEN, &base, PATH, &parameters(from)[1..]));
    }

    /// Signed by another implementation: the published request with Python's `hmac` and SHA-256.
    #[test]
    fn a_shared_key_may_sign_with_sha_256() {
        let (base, parameters) = (url("https://mycompany.com"), parameters("+14158675309"));
        let signature = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=";
        assert!(is_valid(signature, HmacSha256, TOKEN, &base, PATH, &parameters));
        assert!(!is_valid(signature, HmacSha1, TOKEN, &base, PATH, &parameters));
        assert!(!is_valid(signature, HmacSha256, TOKEN, &base, PATH, &parameters[1..]));
    }

    #[rstest]
    #[case::sha_256("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", Some(HmacSha256))]
    #[case::sha_1("algorithm=hmac_sha1, key=webhooks_sharedkey_1", Some(HmacSha1))]
    #[case::none_is_named("key=webhooks_sharedkey_1", Some(HmacSha1))]
    #[case::nothing_at_all("", Some(HmacSha1))]
    #[case::another("key=webhooks_sharedkey_1,algorithm=NONE", None)]
    fn the_header_names_the_algorithm(#[case] settings: &str, #[case] expected: Option<Algorithm>) {
        assert_eq!(Algorithm::of_settings(settings), expected);
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
        assert_eq!(is_valid(&signature, HmacSha1, TOKEN, &url(configured), "/a?b=c", &[]), expected);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::not_base64("not base64!")]
    #[case::too_short("AAAA")]
    fn malformed_signatures_are_invalid(#[case] signature: &str) {
        assert!(!is_valid(
            signature,
            HmacSha1,
            TOKEN,
            &url("https://mycompany.com"),
            PATH,
            &parameters("+14158675310")
        ));
    }
}

//! Decides which URLs are fetched: only those of the account's recordings, at the configured host, in exactly its form.

use std::{fmt, str::FromStr};

use url::{Host, Url};

use crate::sid::is_sid;

/// Scheme, host and port of the server that stores the recordings.
///
/// ```
/// use service::worker::RecordingHost;
///
/// let host: RecordingHost = "https://api.twilio.com".parse()?;
/// assert!("http://api.twilio.com".parse::<RecordingHost>().is_err());
/// # Ok::<(), service::worker::InvalidRecordingHost>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingHost(String);

/// An invalid recording host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the recording host must look like https://api.twilio.com, without a path; http is allowed for 127.0.0.1 and [::1] only"
)]
pub struct InvalidRecordingHost;

/// A URL that is not fetched. It may be hostile, so it is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the URL is not that of a recording of the account on the recording host, so it was not fetched")]
pub(super) struct UrlRejected;

impl FromStr for RecordingHost {
    type Err = InvalidRecordingHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| InvalidRecordingHost)?;
        let origin = url.origin().ascii_serialization();
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) if name.ends_with('.') => return Err(InvalidRecordingHost),
            Some(Host::Domain(_)) | None => false,
        };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
        // A path, a user or a default port would make the text differ from the origin.
        if is_safe && text.strip_suffix('/').unwrap_or(text) == origin {
            Ok(Self(origin))
        } else {
            Err(InvalidRecordingHost)
        }
    }
}

impl fmt::Display for RecordingHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RecordingHost {
    /// The URL to fetch, if it is that of a recording of the account (of any account if `None`) at this host.
    ///
    /// Compares the text before parsing and requires that parsing does not change it, so that no other parser can read
    /// another host.
    pub(super) fn allows(&self, text: &str, account_sid: Option<&str>) -> Result<Url, UrlRejected> {
        let path = text.strip_prefix(&self.0).ok_or(UrlRejected)?;
        if !path.starts_with('/') || path.contains(['@', '#', '\\']) {
            return Err(UrlRejected);
        }
        let url = Url::parse(text).map_err(|_| UrlRejected)?;
        let is_unchanged = url.as_str() == text && url.origin().ascii_serialization() == self.0;
        if is_unchanged && is_recording(path, account_sid) { Ok(url) } else { Err(UrlRejected) }
    }
}

/// Whether a path is that of a recording: <https://www.twilio.com/docs/voice/api/recording>. Other resources of the account must
/// not be fetched with its credentials.
fn is_recording(path: &str, account_sid: Option<&str>) -> bool {
    let parts = || {
        let (account, recording) = path.strip_prefix("/2010-04-01/Accounts/")?.split_once("/Recordings/")?;
        let recording = ["?RequestedChannels=1", "?RequestedChannels=2"]
            .iter()
            .find_map(|query| recording.strip_suffix(query))
            .unwrap_or(recording);
        let recording = [".wav", ".mp3"].iter().find_map(|ending| recording.strip_suffix(ending)).unwrap_or(recording);
        Some((account, recording))
    };
    parts().is_some_and(|(account, recording)| {
        is_sid(account, "AC") && account_sid.is_none_or(|own| own == account) && is_sid(recording, "RE")
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

    /// Stands for `/RE1` in the cases.
    const PATH: &str =
        "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Recordings/RE00000000000000000000000000000001";

    fn twilio() -> RecordingHost {
        "https://api.twilio.com".parse().unwrap()
    }

    fn url(text: &str) -> String {
        text.replace("/RE1", PATH)
    }

    #[rstest]
    #[case::as_twilio_sends_it("https://api.twilio.com/RE1")]
    #[case::with_an_ending("https://api.twilio.com/RE1.mp3")]
    #[case::in_two_channels("https://api.twilio.com/RE1?RequestedChannels=2")]
    #[case::with_an_ending_in_two_channels("https://api.twilio.com/RE1.wav?RequestedChannels=2")]
    fn a_url_at_the_host_is_fetched(#[case] address: &str) {
        let text = url(address);
        assert_eq!(twilio().allows(&text, Some(ACCOUNT)).unwrap().as_str(), text);
        assert!(twilio().allows(&text, None).is_ok());
    }

    #[rstest]
    #[case::another_host("https://evil.example/RE1")]
    #[case::a_name_that_goes_on("https://api.twilio.com.evil.example/RE1")]
    #[case::a_name_that_goes_on_without_a_dot("https://api.twilio.comevil.example/RE1")]
    #[case::another_scheme("http://api.twilio.com/RE1")]
    #[case::no_scheme("//api.twilio.com/RE1")]
    #[case::a_file("file:///etc/passwd")]
    #[case::another_port("https://api.twilio.com:8443/RE1")]
    #[case::the_default_port("https://api.twilio.com:443/RE1")]
    #[case::the_host_as_a_user("https://api.twilio.com@evil.example/RE1")]
    #[case::the_host_as_a_user_with_a_password("https://api.twilio.com:443@evil.example/RE1")]
    #[case::a_user("https://user@api.twilio.com/RE1")]
    #[case::a_user_and_a_password("https://user:password@api.twilio.com/RE1")]
    #[case::an_at_sign_in_the_path("https://api.twilio.com/@evil.example/RE1")]
    #[case::an_encoded_at_sign("https://api.twilio.com%40evil.example/RE1")]
    #[case::a_backslash_for_the_slash("https://api.twilio.com\\@evil.example/RE1")]
    #[case::a_backslash_in_the_path("https://api.twilio.com/\\evil.example/RE1")]
    #[case::backslashes_for_the_slashes("https:\\\\api.twilio.com/RE1")]
    #[case::one_slash("https:/api.twilio.com/RE1")]
    #[case::three_slashes("https:///api.twilio.com/RE1")]
    #[case::a_trailing_dot("https://api.twilio.com./RE1")]
    #[case::a_host_in_capitals("https://API.TWILIO.COM/RE1")]
    #[case::a_scheme_in_capitals("HTTPS://api.twilio.com/RE1")]
    #[case::a_letter_that_looks_alike("https://api.twili\u{43e}.com/RE1")]
    #[case::a_wide_full_stop("https://api.twilio\u{3002}com/RE1")]
    #[case::an_encoded_dot("https://api%2etwilio.com/RE1")]
    #[case::a_soft_hyphen("https://api.twilio.com\u{ad}/RE1")]
    #[case::a_leading_space(" https://api.twilio.com/RE1")]
    #[case::a_trailing_space("https://api.twilio.com/RE1 ")]
    #[case::a_tab_in_the_name("https://api.twil\tio.com/RE1")]
    #[case::a_line_break_in_the_path("https://api.twilio.com/RE1\r\nHost: evil.example")]
    #[case::a_way_up("https://api.twilio.com/a/../RE1")]
    #[case::an_encoded_way_up("https://api.twilio.com/a/%2e%2E/RE1")]
    #[case::a_fragment("https://api.twilio.com/RE1#@evil.example")]
    #[case::a_query_without_a_path("https://api.twilio.com?@evil.example")]
    #[case::the_metadata_of_a_cloud("http://169.254.169.254/latest/meta-data/")]
    #[case::this_machine("https://127.0.0.1/RE1")]
    #[case::this_machine_as_a_number("https://2130706433/RE1")]
    #[case::this_machine_in_version_6("https://[::ffff:127.0.0.1]/RE1")]
    #[case::a_path_alone("/RE1")]
    #[case::all_recordings(
        "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Recordings.json"
    )]
    #[case::another_resource(
        "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls.json"
    )]
    #[case::the_accounts_own_data("https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef")]
    #[case::its_metadata("https://api.twilio.com/RE1.json")]
    #[case::a_part_of_it("https://api.twilio.com/RE1/Transcriptions.json")]
    #[case::another_parameter("https://api.twilio.com/RE1?Download=false")]
    #[case::below_another_path("https://api.twilio.com/v1/RE1")]
    #[case::a_malformed_account(
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE00000000000000000000000000000001"
    )]
    #[case::a_malformed_recording(
        "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Recordings/REx"
    )]
    #[case::nothing_but_the_host("https://api.twilio.com")]
    #[case::nothing("")]
    fn other_urls_are_not_fetched(#[case] address: &str) {
        assert_eq!(twilio().allows(&url(address), Some(ACCOUNT)), Err(UrlRejected));
        assert_eq!(twilio().allows(&url(address), None), Err(UrlRejected));
    }

    #[rstest]
    #[case::another_port("http://127.0.0.1:8081/RE1")]
    #[case::no_port("http://127.0.0.1/RE1")]
    #[case::a_longer_port("http://127.0.0.1:80800/RE1")]
    #[case::by_name("http://localhost:8080/RE1")]
    #[case::in_short("http://127.1:8080/RE1")]
    #[case::in_octal("http://0177.0.0.1:8080/RE1")]
    #[case::as_everything("http://0.0.0.0:8080/RE1")]
    fn a_host_of_a_test_is_as_strict(#[case] address: &str) {
        let host: RecordingHost = "http://127.0.0.1:8080".parse().unwrap();
        assert_eq!(host.allows(&url(address), None), Err(UrlRejected));
        assert!(host.allows(&url("http://127.0.0.1:8080/RE1"), None).is_ok());
    }

    #[test]
    fn recordings_of_another_account_are_not_fetched() {
        let other = "AC00000000000000000000000000000000";
        let text = url("https://api.twilio.com/RE1").replace(ACCOUNT, other);
        assert_eq!(twilio().allows(&text, Some(ACCOUNT)), Err(UrlRejected));
        assert!(twilio().allows(&text, Some(other)).is_ok());
    }

    #[rstest]
    #[case::without_encryption("http://api.twilio.com")]
    #[case::without_encryption_by_name("http://localhost:8080")]
    #[case::with_a_path("https://api.twilio.com/2010-04-01")]
    #[case::with_a_query("https://api.twilio.com/?a=b")]
    #[case::with_a_user("https://user@api.twilio.com")]
    #[case::with_a_trailing_dot("https://api.twilio.com.")]
    #[case::with_the_default_port("https://api.twilio.com:443")]
    #[case::a_name_alone("api.twilio.com")]
    #[case::another_scheme("ftp://127.0.0.1")]
    #[case::nothing("")]
    fn an_unsafe_host_cannot_be_configured(#[case] text: &str) {
        assert_eq!(text.parse::<RecordingHost>(), Err(InvalidRecordingHost));
    }
}

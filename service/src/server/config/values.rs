//! Reads the value of a setting, or says what is wrong with it, without quoting it.

use std::{str::FromStr, time::Duration};

use secrecy::SecretString;
use tracing_subscriber::filter::Targets;
use url::Url;

use crate::sid::is_sid;

/// Requires a default level: a misspelt level would count as a target and hide everything else.
pub(super) fn log_filter(value: &str) -> Option<Targets> {
    value.parse().ok().filter(|filter: &Targets| filter.default_level().is_some())
}

/// Secrets separated by commas.
pub(super) fn secrets(value: &str) -> Result<Vec<SecretString>, String> {
    let secrets = value.split(',').map(str::trim);
    if secrets.clone().any(str::is_empty) {
        return Err("a token in it is empty".to_owned());
    }
    Ok(secrets.map(SecretString::from).collect())
}

pub(super) fn connections(value: &str) -> Result<u32, String> {
    let connections = value.parse().ok().filter(|number| (1..=1000).contains(number));
    connections.ok_or_else(|| "it must be a number from 1 to 1000".to_owned())
}

pub(super) fn boolean(value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| "it must be true or false".to_owned())
}

pub(super) fn http_url(value: &str) -> Result<Url, String> {
    let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or("it must start with https:// or http:// and have a host")?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("it must not have a user, password, `?` or `#`".to_owned());
    }
    Ok(url)
}

/// A URL that is signed byte for byte, so parsing must not change it.
pub(super) fn signed_url(value: &str) -> Result<Url, String> {
    let url = http_url(value)?;
    let written = url.as_str().trim_end_matches('/');
    if value.trim_end_matches('/') == written {
        Ok(url)
    } else {
        Err(format!("write it as `{written}`, here and at Twilio: it is signed byte for byte"))
    }
}

pub(super) fn sid(prefix: &str, value: &str) -> Result<String, String> {
    let sid = is_sid(value, prefix).then(|| value.to_owned());
    sid.ok_or_else(|| format!("it must be {prefix} and 32 hexadecimal digits"))
}

pub(super) fn number<N: FromStr>(value: &str) -> Result<N, String> {
    value.parse().map_err(|_| "it must be a whole number".to_owned())
}

pub(super) fn duration(value: &str) -> Result<Duration, String> {
    humantime::parse_duration(value).map_err(|_| "it must be a duration, such as 30s or 5min".to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_host("https://calls.example.org")]
    #[case::a_slash_at_the_end("https://calls.example.org/")]
    #[case::a_port_and_a_path("https://calls.example.org:8443/twilio/")]
    fn a_url_in_its_signed_form_is_accepted(#[case] value: &str) {
        let url = signed_url(value).unwrap();
        assert_eq!(url.as_str().trim_end_matches('/'), value.trim_end_matches('/'));
        let error =
            signed_url(&value.to_uppercase().replace("HTTPS", "https").replace("/TWILIO", "/twilio")).unwrap_err();
        assert!(error.contains(&format!("`{}`", value.trim_end_matches('/'))), "{error}");
    }
}

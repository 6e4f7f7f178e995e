//! The HTTP client: no redirects, no proxy, no retries.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;

use super::settings::SettingsError;

/// Time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Builds the client; it trusts the system's certificates.
pub(super) fn client() -> Result<Client, SettingsError> {
    let tls_config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(SettingsError::Tls)?
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls_config)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("call-log/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(SettingsError::Client)
}

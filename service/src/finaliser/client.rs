//! The one HTTP client: it follows nobody, asks no proxy, and repeats nothing by itself.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;

use super::settings::SettingsError;

/// How long a server may take to be connected to.
const PATIENCE: Duration = Duration::from_secs(10);

/// Trusts whom the system trusts.
pub(super) fn client() -> Result<Client, SettingsError> {
    let encryption = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(SettingsError::Encryption)?
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(encryption)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(PATIENCE)
        .user_agent(concat!("call-log/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(SettingsError::Client)
}

//! The demo's one HTTP client; TLS as the connectors have it, for a real store.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Client;

/// A whole page of linking by SKU may take the store a while.
const DEADLINE: Duration = Duration::from_mins(1);

pub fn client() -> Result<Client> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS cannot be set up")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(DEADLINE)
        .no_proxy()
        .build()
        .context("an HTTP client cannot be made")
}

//! Consent in the browser: the platform's page where a person grants access, and what its answer is worth.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::Url;

pub use futures_util::future::BoxFuture;

use crate::config::{ConfigError, ConnectionConfig, Credentials};
use crate::error::ConnectError;
use crate::http::Http;

/// What a consent is asked for with.
#[derive(Clone, Copy)]
pub struct ConsentAsk<'a> {
    /// The settings, and the credentials of the merchant's own application.
    pub config: &'a ConnectionConfig,
    /// Comes back with the answer and is good for one use.
    pub state: &'a str,
    /// Where the platform sends the browser afterwards.
    pub redirect_uri: &'a Url,
    /// PKCE (RFC 7636): the page is given its [`challenge`], the exchange the verifier itself.
    pub verifier: &'a str,
}

impl fmt::Debug for ConsentAsk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentAsk").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What a consent is worth: kept with the connection, beside what the person gave.
#[derive(Debug, Clone, Default)]
pub struct Granted {
    pub credentials: Credentials,
    pub settings: BTreeMap<String, String>,
}

/// Exchanges the callback's query, whose `state` was checked already, for credentials.
pub type Redeem = for<'a> fn(
    &'a Http,
    &'a ConsentAsk<'a>,
    &'a BTreeMap<String, String>,
) -> BoxFuture<'a, Result<Granted, ConnectError>>;

/// How a platform is asked for access in the browser.
#[derive(Debug, Clone, Copy)]
pub struct Consent {
    /// The consent page's address.
    pub page: fn(&ConsentAsk<'_>) -> Result<Url, ConfigError>,
    pub redeem: Redeem,
}

/// The S256 challenge of a verifier: <https://www.rfc-editor.org/rfc/rfc7636#section-4.2>.
pub fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // <https://www.rfc-editor.org/rfc/rfc7636#appendix-B>
        let challenge = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

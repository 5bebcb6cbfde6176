//! Who we are to the vendor: the API account's token, and the signature under its webhooks.
//!
//! <https://developer.bigcommerce.com/docs/start/authentication/api-accounts>: the token of a store's own API account does
//! not expire.

use connect::Request;
use hmac::{Hmac, KeyInit};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::config::Config;

pub(crate) fn authorise(config: &Config, request: Request) -> Request {
    request.header("x-auth-token", config.access_token.expose_secret())
}

/// A signature in the making, with the API account's client secret as its key.
pub(crate) fn mac(secret: &SecretString) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret.expose_secret().as_bytes()).ok()
}

//! Who we are to __Title__: an API key in a header.

use connect::Request;
use secrecy::ExposeSecret;

use crate::config::Config;

// CHANGE: what the vendor wants. Tokens that expire are refreshed through `connect::TokenStore` (see eBay's `auth.rs`
// and `api.rs`); a consent page in the browser is `connect::Consent` (see eBay's `consent.rs`).
pub fn authorised(request: Request, config: &Config) -> Request {
    request.header("x-api-key", config.api_key.expose_secret())
}

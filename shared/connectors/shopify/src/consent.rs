//! Consent in the browser: the shop's own page where its owner installs the application.
//!
//! <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant>

use std::collections::BTreeMap;

use connect::config::ConfigError;
use connect::consent::BoxFuture;
use connect::{ConnectError, Consent, ConsentAsk, Credentials, ErrorKind, Granted, Http};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::auth::{self, TokenAnswer, below, is_signed};
use crate::config::{self, Client};
use crate::error::refused;

pub const CONSENT: Consent = Consent { page, redeem };

/// What Tributary reads and writes: <https://shopify.dev/docs/api/usage/access-scopes>.
pub(crate) const SCOPES: &str = "read_orders,write_orders,read_all_orders,read_products,read_inventory,write_inventory,\
    read_locations,read_customers,read_merchant_managed_fulfillment_orders,write_merchant_managed_fulfillment_orders";

const OPERATION: &str = "shopify.consent";

fn page(ask: &ConsentAsk<'_>) -> Result<Url, ConfigError> {
    let client = Client::new(ask.config)?;
    let mut url = below(&config::admin(ask.config)?, "admin/oauth/authorize");
    url.query_pairs_mut()
        .append_pair("client_id", client.id.expose_secret())
        .append_pair("scope", SCOPES)
        .append_pair("redirect_uri", ask.redirect_uri.as_str())
        .append_pair("state", ask.state);
    Ok(url)
}

fn redeem<'a>(
    http: &'a Http,
    ask: &'a ConsentAsk<'a>,
    query: &'a BTreeMap<String, String>,
) -> BoxFuture<'a, Result<Granted, ConnectError>> {
    Box::pin(redeemed(http, ask, query))
}

async fn redeemed(
    http: &Http,
    ask: &ConsentAsk<'_>,
    query: &BTreeMap<String, String>,
) -> Result<Granted, ConnectError> {
    let invalid = |error: ConfigError| refused(OPERATION, ErrorKind::ConfigInvalid, format!("{error}."));
    let client = Client::new(ask.config).map_err(invalid)?;
    let shop = config::shop(ask.config).map_err(invalid)?;
    if !is_genuine(query, &client.secret) {
        return Err(refused(
            OPERATION,
            ErrorKind::Unauthorized,
            "The answer to the consent does not come from Shopify.",
        ));
    }
    if query.get("shop").map(String::as_str) != Some(&shop) {
        return Err(refused(OPERATION, ErrorKind::ConfigInvalid, "The consent was given for another shop."));
    }
    let Some(code) = query.get("code").filter(|code| !code.is_empty()) else {
        return Err(refused(OPERATION, ErrorKind::Unauthorized, "The consent was not given."));
    };
    let admin = config::admin(ask.config).map_err(invalid)?;
    // A token that ends comes with one that renews it.
    let response = auth::ask(http, &admin, &client, &[("code", code), ("expiring", "1")]).await?;
    let answer: TokenAnswer = response.json().map_err(ConnectError::without_effect)?;
    let (name, secret) = match answer.refresh_token {
        Some(refresh_token) => ("refresh_token", refresh_token),
        None => ("access_token", answer.access_token),
    };
    let credentials = Credentials(BTreeMap::from([(name.to_owned(), SecretString::from(secret))]));
    Ok(Granted { credentials, settings: BTreeMap::from([("shop".to_owned(), shop)]) })
}

/// `hmac` is the hexadecimal HMAC-SHA256 over all other parameters, sorted by name.
fn is_genuine(query: &BTreeMap<String, String>, secret: &SecretString) -> bool {
    let Some(signature) = query.get("hmac").and_then(|hmac| from_hex(hmac)) else { return false };
    let others = query.iter().filter(|(name, _)| name.as_str() != "hmac");
    // As the query was written, and as it reads: Shopify signs it unescaped.
    let escaped = form_urlencoded::Serializer::new(String::new()).extend_pairs(others.clone()).finish();
    let plain = others.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    is_signed(secret, plain.as_bytes(), &signature) || is_signed(secret, escaped.as_bytes(), &signature)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests;

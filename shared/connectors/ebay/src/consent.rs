//! The seller's consent in the browser: an authorization code, exchanged for the refresh token.

use std::collections::BTreeMap;

use connect::config::ConfigError;
use connect::consent::BoxFuture;
use connect::{ConnectError, Consent, ConsentAsk, Credentials, ErrorKind, Granted, Http};
use secrecy::ExposeSecret;
use url::Url;

use crate::{api, auth, config};

/// How eBay is asked for access in the browser.
pub const CONSENT: Consent = Consent { page, redeem };

/// Orders with their packages, quantities, and whose account it is.
/// <https://developer.ebay.com/api-docs/static/oauth-scopes.html>
const SCOPES: &str = "https://api.ebay.com/oauth/api_scope/sell.fulfillment \
                      https://api.ebay.com/oauth/api_scope/sell.inventory \
                      https://api.ebay.com/oauth/api_scope/commerce.identity.readonly";

const OPERATION: &str = "ebay.consent";

/// <https://developer.ebay.com/api-docs/static/oauth-consent-request.html>. eBay's `redirect_uri` is no address but the `RuName`,
/// under which the application's settings at eBay keep the address.
fn page(ask: &ConsentAsk<'_>) -> Result<Url, ConfigError> {
    let mut url = api::address(&config::consent_host(ask.config)?, &["oauth2", "authorize"]);
    url.query_pairs_mut()
        .append_pair("client_id", ask.config.credential("client_id")?.expose_secret())
        .append_pair("redirect_uri", ask.config.setting("ru_name")?)
        .append_pair("response_type", "code")
        .append_pair("scope", SCOPES)
        .append_pair("state", ask.state);
    Ok(url)
}

fn redeem<'a>(
    http: &'a Http,
    ask: &'a ConsentAsk<'a>,
    answer: &'a BTreeMap<String, String>,
) -> BoxFuture<'a, Result<Granted, ConnectError>> {
    Box::pin(granted(http, ask, answer))
}

/// <https://developer.ebay.com/api-docs/static/oauth-auth-code-grant-request.html>
async fn granted(
    http: &Http,
    ask: &ConsentAsk<'_>,
    answer: &BTreeMap<String, String>,
) -> Result<Granted, ConnectError> {
    let code = answer.get("code").filter(|code| !code.is_empty()).ok_or_else(|| {
        let message = "Access to the eBay account was not granted.";
        ConnectError::new(ErrorKind::Unauthorized, OPERATION, message).without_effect().with_context("no code")
    })?;
    let application = config::Application::new(ask.config).map_err(|error| invalid(&error))?;
    let ru_name = ask.config.setting("ru_name").map_err(|error| invalid(&error))?;
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", ru_name)];
    let (token, _) = auth::token(http, &application, OPERATION, &form).await?;
    let refresh_token = token.refresh_token.ok_or_else(|| {
        let message = "eBay sent an answer that could not be read.";
        ConnectError::new(ErrorKind::Decode, OPERATION, message).without_effect().with_context("no refresh_token")
    })?;
    let credentials = Credentials([("refresh_token".to_owned(), refresh_token.into())].into());
    Ok(Granted { credentials, settings: BTreeMap::new() })
}

fn invalid(error: &ConfigError) -> ConnectError {
    ConnectError::new(ErrorKind::ConfigInvalid, OPERATION, error.to_string()).without_effect()
}

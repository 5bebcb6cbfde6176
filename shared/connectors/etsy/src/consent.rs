//! The seller's consent in the browser: an authorization code with PKCE.

use std::collections::BTreeMap;

use connect::config::ConfigError;
use connect::consent::{BoxFuture, challenge};
use connect::{ConnectError, Consent, ConsentAsk, Credentials, ErrorKind, Granted, Http, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::error::{self, Call};
use crate::{api, auth, config, limits, wire};

pub const CONSENT: Consent = Consent { page, redeem };

/// Orders with their addresses, the shop's listings and its name. A buyer's e-mail address is none of them: Etsy grants it
/// to an application case by case.
/// <https://developers.etsy.com/documentation/essentials/authentication#scopes>
const SCOPES: &str = "transactions_r transactions_w listings_r listings_w shops_r";

const OPERATION: &str = "etsy.consent";

/// <https://developers.etsy.com/documentation/essentials/authentication#step-1-request-an-authorization-code>
fn page(ask: &ConsentAsk<'_>) -> Result<Url, ConfigError> {
    let local = ask.config.settings.get("api_url").is_some_and(|url| !url.is_empty());
    let mut url = if local { config::api(ask.config)? } else { etsy()? };
    url = api::address(&url, &["oauth", "connect"]);
    let client_id = ask.config.credential("client_id")?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id.expose_secret())
        .append_pair("redirect_uri", ask.redirect_uri.as_str())
        .append_pair("scope", SCOPES)
        .append_pair("state", ask.state)
        .append_pair("code_challenge", &challenge(ask.verifier))
        .append_pair("code_challenge_method", "S256");
    Ok(url)
}

fn etsy() -> Result<Url, ConfigError> {
    let problem = |error: url::ParseError| ConfigError { field: "api_url", problem: error.to_string() };
    Url::parse("https://www.etsy.com").map_err(problem)
}

fn redeem<'a>(
    http: &'a Http,
    ask: &'a ConsentAsk<'a>,
    query: &'a BTreeMap<String, String>,
) -> BoxFuture<'a, Result<Granted, ConnectError>> {
    Box::pin(granted(http, ask, query))
}

/// The code is exchanged for tokens, and the token asked which shop it opens.
async fn granted(http: &Http, ask: &ConsentAsk<'_>, query: &BTreeMap<String, String>) -> Result<Granted, ConnectError> {
    let Some(code) = query.get("code").filter(|code| !code.is_empty()) else {
        let message = "Access to the Etsy shop was not granted.";
        let refused = ConnectError::new(ErrorKind::Unauthorized, OPERATION, message).without_effect();
        let known = query.get("error").is_some_and(|error| error == "access_denied");
        return Err(refused.with_context(if known { "access_denied" } else { "no code" }));
    };
    let api = config::api(ask.config).map_err(|error| invalid(&error))?;
    let id = ask.config.credential("client_id").map_err(|error| invalid(&error))?;
    let secret = ask.config.credential("client_secret").map_err(|error| invalid(&error))?;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", id.expose_secret()),
        ("redirect_uri", ask.redirect_uri.as_str()),
        ("code", code.as_str()),
        ("code_verifier", ask.verifier),
    ];
    let (tokens, _) = auth::token(http, &api, OPERATION, &form).await?;
    let refresh_token = tokens.refresh_token.ok_or_else(|| unreadable("no refresh_token"))?;
    let url = api::address(&api, &["v3", "application", "users", "me"]);
    let request = Request::new(OPERATION, Method::Get, url);
    let request = api::authorised(request, id, secret, &SecretString::from(tokens.access_token));
    let response = http.send(limits::counted(request)).await?;
    if !response.is_success() {
        return Err(error::classify(&response, Call::Read));
    }
    let me: wire::Me = api::decode(&response)?;
    let shop_id = me.shop_id.ok_or_else(|| unreadable("no shop_id"))?;
    Ok(Granted {
        credentials: Credentials([("refresh_token".to_owned(), refresh_token.into())].into()),
        settings: [("shop_id".to_owned(), shop_id.to_string())].into(),
    })
}

fn invalid(error: &ConfigError) -> ConnectError {
    ConnectError::new(ErrorKind::ConfigInvalid, OPERATION, error.to_string()).without_effect()
}

fn unreadable(what: &str) -> ConnectError {
    let message = "Etsy sent an answer that could not be read.";
    ConnectError::new(ErrorKind::Decode, OPERATION, message).without_effect().with_context(what)
}

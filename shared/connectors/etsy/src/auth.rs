//! OAuth: a refresh token buys an access token of an hour, and a new refresh token; the old one is spent by it.

use async_trait::async_trait;
use connect::{Access, ConnectError, ErrorKind, Http, Method, Refresh, Request, Response};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::api;
use crate::config::Config;
use crate::error::{self, Call};
use crate::wire::{Refusal, TokenResponse};

const OPERATION: &str = "etsy.refresh_token";

/// Asks Etsy for an access token with the scopes of the seller's consent.
/// <https://developers.etsy.com/documentation/essentials/authentication#requesting-a-refresh-oauth-token>
#[derive(Debug)]
pub struct EtsyRefresh<'a> {
    pub http: &'a Http,
    pub config: &'a Config,
}

#[async_trait]
impl Refresh for EtsyRefresh<'_> {
    async fn refresh(&self, current: Option<&SecretString>) -> Result<Access, ConnectError> {
        let refresh_token = current.unwrap_or(&self.config.refresh_token);
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.config.client_id.expose_secret()),
            ("refresh_token", refresh_token.expose_secret()),
        ];
        let (token, now) = token(self.http, &self.config.api, OPERATION, &form).await?;
        Ok(Access {
            token: token.access_token.into(),
            expires_at: now.saturating_add(SignedDuration::from_secs(token.expires_in)).unwrap_or(now),
            rotated_refresh_token: token.refresh_token.map(SecretString::from),
        })
    }
}

/// A request for tokens, and Etsy's time when it answered.
pub async fn token(
    http: &Http,
    api: &Url,
    operation: &'static str,
    form: &[(&str, &str)],
) -> Result<(TokenResponse, Timestamp), ConnectError> {
    let url = api::address(api, &["v3", "public", "oauth", "token"]);
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::new(operation, Method::Post, url);
    request.body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
    // A token more or less changes nothing for the seller.
    let response = http.send(request).await.map_err(ConnectError::without_effect)?;
    if !response.is_success() {
        return Err(refusal(&response));
    }
    let token: TokenResponse = api::decode(&response)?;
    Ok((token, response.date().unwrap_or_else(Timestamp::now)))
}

/// The token endpoint refuses in the shape of RFC 6749.
/// <https://github.com/etsy/open-api/issues/519>: a changed password withdraws every token.
fn refusal(response: &Response) -> ConnectError {
    let code = json::from_slice::<Refusal>(&response.body).unwrap_or_default().error;
    let known = ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"];
    let code = code.as_deref().and_then(|code| known.into_iter().find(|known| *known == code));
    let (kind, message) = match (response.status, code) {
        (400 | 401, Some("invalid_grant")) => {
            (ErrorKind::Unauthorized, "Etsy no longer accepts this connection: access was withdrawn or has ended.")
        }
        (400 | 401, Some("invalid_client" | "unauthorized_client")) => {
            (ErrorKind::ConfigInvalid, "Etsy does not know these application keys.")
        }
        (400, Some("invalid_scope")) => {
            (ErrorKind::ConfigInvalid, "The Etsy application lacks a permission that Tributary needs.")
        }
        _ => return error::classify(response, Call::Read),
    };
    let context = format!("status {}, {}", response.status, code.unwrap_or_default());
    ConnectError::new(kind, response.operation, message).without_effect().with_context(context)
}

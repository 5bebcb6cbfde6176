//! OAuth: a refresh token buys an access token of two hours. eBay does not rotate the refresh token.

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{Access, ConnectError, ErrorKind, Http, Method, Refresh, Request, Response};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use crate::api;
use crate::config::{Application, Config};
use crate::error::{self, Call};
use crate::wire::{TokenError, TokenResponse};

const OPERATION: &str = "ebay.refresh_token";

/// Asks eBay for an access token with the scopes of the seller's consent.
/// <https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html>
#[derive(Debug)]
pub struct EbayRefresh<'a> {
    pub http: &'a Http,
    pub config: &'a Config,
}

#[async_trait]
impl Refresh for EbayRefresh<'_> {
    async fn refresh(&self, _current: Option<&SecretString>) -> Result<Access, ConnectError> {
        let refresh_token = self.config.refresh_token.expose_secret();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        let (token, now) = token(self.http, &self.config.application, OPERATION, &form).await?;
        Ok(Access {
            token: token.access_token.into(),
            expires_at: now.saturating_add(SignedDuration::from_secs(token.expires_in)).unwrap_or(now),
            rotated_refresh_token: None,
        })
    }
}

/// What the token endpoint gives for `form`, and its clock.
pub async fn token(
    http: &Http,
    application: &Application,
    operation: &'static str,
    form: &[(&str, &str)],
) -> Result<(TokenResponse, Timestamp), ConnectError> {
    let url = api::address(&application.api, &["identity", "v1", "oauth2", "token"]);
    let keys = format!("{}:{}", application.client_id.expose_secret(), application.client_secret.expose_secret());
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::new(operation, Method::Post, url)
        .header("authorization", format!("Basic {}", BASE64_STANDARD.encode(keys)));
    request.body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
    // A token more or less changes nothing for the seller.
    let response = http.send(request).await.map_err(ConnectError::without_effect)?;
    if !response.is_success() {
        return Err(refusal(&response));
    }
    let token = response.json().map_err(ConnectError::without_effect)?;
    Ok((token, response.date().unwrap_or_else(Timestamp::now)))
}

/// The token endpoint refuses in the shape of RFC 6749, without eBay's error numbers.
fn refusal(response: &Response) -> ConnectError {
    let code = json::from_slice::<TokenError>(&response.body).unwrap_or_default().error;
    let (kind, message) = match (response.status, code.as_deref()) {
        (400, Some("invalid_grant")) => {
            (ErrorKind::Unauthorized, "eBay no longer accepts this connection: access was withdrawn or has ended.")
        }
        (400 | 401, Some("invalid_client" | "unauthorized_client")) => {
            (ErrorKind::ConfigInvalid, "eBay does not know these application keys.")
        }
        (400, Some("invalid_scope")) => {
            (ErrorKind::ConfigInvalid, "The eBay application lacks a permission that Tributary needs.")
        }
        _ => return error::classify(response, Call::Read),
    };
    let context = format!("status {}, {}", response.status, code.unwrap_or_default());
    ConnectError::new(kind, response.operation, message).without_effect().with_context(context)
}

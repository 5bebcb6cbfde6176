//! Login with Amazon: a refresh token buys an access token of an hour. The refresh token stays the same.

use async_trait::async_trait;
use connect::{Access, ConnectError, ErrorKind, Http, Method, Refresh, Request, Response};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use crate::config::Config;
use crate::error::{self, Call};
use crate::{api, wire};

const OPERATION: &str = "amazon.refresh_token";

/// <https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api>
#[derive(Debug)]
pub struct AmazonRefresh<'a> {
    pub http: &'a Http,
    pub config: &'a Config,
}

#[async_trait]
impl Refresh for AmazonRefresh<'_> {
    async fn refresh(&self, current: Option<&SecretString>) -> Result<Access, ConnectError> {
        let refresh_token = current.unwrap_or(&self.config.refresh_token);
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose_secret()),
            ("client_id", self.config.client_id.expose_secret()),
            ("client_secret", self.config.client_secret.expose_secret()),
        ];
        let (token, now): (wire::TokenResponse, _) = ask(self.http, &self.config.login, OPERATION, &fields).await?;
        Ok(Access {
            token: token.access_token.into(),
            expires_at: now.saturating_add(SignedDuration::from_secs(token.expires_in)).unwrap_or(now),
            rotated_refresh_token: None,
        })
    }
}

/// A token for the operations that belong to the application alone. They are few, so it is not kept.
pub async fn grantless(http: &Http, config: &Config) -> Result<SecretString, ConnectError> {
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "sellingpartnerapi::notifications"),
        ("client_id", config.client_id.expose_secret()),
        ("client_secret", config.client_secret.expose_secret()),
    ];
    let (token, _): (wire::TokenResponse, _) = ask(http, &config.login, OPERATION, &fields).await?;
    Ok(token.access_token.into())
}

/// One request to the token endpoint, with what Amazon's clock said. A token more or less changes nothing for the seller.
pub async fn ask<T: DeserializeOwned>(
    http: &Http,
    login: &Url,
    operation: &'static str,
    fields: &[(&str, &str)],
) -> Result<(T, Timestamp), ConnectError> {
    let url = api::address(login, &["auth", "o2", "token"]);
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::new(operation, Method::Post, url);
    request.body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
    let response = http.send(request).await.map_err(ConnectError::without_effect)?;
    if !response.is_success() {
        return Err(refusal(&response));
    }
    let now = response.date().unwrap_or_else(Timestamp::now);
    Ok((response.json().map_err(ConnectError::without_effect)?, now))
}

/// The token endpoint refuses in the shape of RFC 6749.
/// <https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html>
fn refusal(response: &Response) -> ConnectError {
    let code = json::from_slice::<wire::TokenError>(&response.body).unwrap_or_default().error;
    let (kind, message) = match (response.status, code.as_deref()) {
        (400 | 401, Some("invalid_grant")) => {
            (ErrorKind::Unauthorized, "Amazon no longer accepts this connection: access was withdrawn or has ended.")
        }
        (400 | 401, Some("invalid_client" | "unauthorized_client")) => {
            (ErrorKind::ConfigInvalid, "Amazon does not know these application keys, or their secret has ended.")
        }
        _ => return error::classify(response, Call::Read),
    };
    let context = format!("status {}, {}", response.status, error::word(&code.unwrap_or_default()));
    ConnectError::new(kind, response.operation, message).without_effect().with_context(context)
}

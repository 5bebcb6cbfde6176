//! Who we are to Shopify: a token that does not end, or one that is bought again and again; and what Shopify signs.

use async_trait::async_trait;
use connect::{Access, ConnectError, ErrorKind, Http, Method, Refresh, Request, Response};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use url::{Url, form_urlencoded};

use crate::config::{Client, Grant};
use crate::error::{self, Call};

const OPERATION: &str = "shopify.token";

/// The answer of the token endpoint. A token without an end has no `expires_in`.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub access_token: String,
    pub expires_in: Option<i64>,
    pub refresh_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct TokenRefusal {
    error: Option<String>,
}

/// Buys an access token by what the connection has.
#[derive(Debug)]
pub(crate) struct ShopifyRefresh<'a> {
    pub http: &'a Http,
    pub admin: &'a Url,
    pub grant: &'a Grant,
}

#[async_trait]
impl Refresh for ShopifyRefresh<'_> {
    /// A refresh token of a consent is good for one use and comes back renewed:
    /// <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens>. The keys alone
    /// buy tokens of a day:
    /// <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant>.
    async fn refresh(&self, current: Option<&SecretString>) -> Result<Access, ConnectError> {
        let (client, what) = match self.grant {
            Grant::Token(token) => {
                let expires_at = Timestamp::MAX;
                return Ok(Access { token: token.clone(), expires_at, rotated_refresh_token: None });
            }
            Grant::Refresh { client, refresh_token } => {
                let newest = current.unwrap_or(refresh_token).expose_secret();
                (client, vec![("grant_type", "refresh_token"), ("refresh_token", newest)])
            }
            Grant::Client(client) => (client, vec![("grant_type", "client_credentials")]),
        };
        let response = ask(self.http, self.admin, client, &what).await?;
        let answer: TokenAnswer = response.json().map_err(ConnectError::without_effect)?;
        let now = response.date().unwrap_or_else(Timestamp::now);
        let lasts = SignedDuration::from_secs(answer.expires_in.unwrap_or(3600));
        Ok(Access {
            token: answer.access_token.into(),
            expires_at: now.saturating_add(lasts).unwrap_or(now),
            rotated_refresh_token: answer.refresh_token.map(SecretString::from),
        })
    }
}

/// Asks the token endpoint. A token more or less changes nothing in the shop.
pub(crate) async fn ask(
    http: &Http,
    admin: &Url,
    client: &Client,
    what: &[(&str, &str)],
) -> Result<Response, ConnectError> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client.id.expose_secret())
        .append_pair("client_secret", client.secret.expose_secret())
        .extend_pairs(what)
        .finish();
    let mut request = Request::new(OPERATION, Method::Post, below(admin, "admin/oauth/access_token"))
        .header("accept", "application/json");
    request.body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
    let response = http.send(request).await.map_err(ConnectError::without_effect)?;
    if response.is_success() { Ok(response) } else { Err(refusal(&response)) }
}

/// The token endpoint refuses in the shape of RFC 6749.
fn refusal(response: &Response) -> ConnectError {
    let code = json::from_slice::<TokenRefusal>(&response.body).unwrap_or_default().error;
    let (kind, says) = match (response.status, code.as_deref()) {
        (400 | 401, Some("invalid_client" | "application_cannot_be_found")) => {
            (ErrorKind::ConfigInvalid, "Shopify does not know these application keys.")
        }
        (400 | 401 | 403, _) => {
            (ErrorKind::Unauthorized, "Shopify no longer accepts this connection: access was withdrawn or has ended.")
        }
        _ => return error::of_status(response, Call::Read),
    };
    let word =
        code.filter(|code| code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    let context = format!("status {}, {}", response.status, word.unwrap_or_default());
    ConnectError::new(kind, OPERATION, says).without_effect().with_context(context)
}

/// A path below the shop's own address.
pub(crate) fn below(admin: &Url, path: &str) -> Url {
    let mut url = admin.clone();
    // A base without a path cannot get this far: `Config` asks for a host.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

/// The HMAC-SHA256 that Shopify makes with an application's secret.
pub(crate) fn is_signed(secret: &SecretString, message: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return false };
    mac.update(message);
    mac.verify_slice(signature).is_ok()
}

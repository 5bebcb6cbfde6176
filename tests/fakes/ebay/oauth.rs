//! eBay's token endpoint, and what a bearer token may do.
//! <https://developer.ebay.com/api-docs/static/oauth-tokens.html>

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::errors::Refusal;
use super::http::{Answer, Asked};
use crate::Faults;

/// User access tokens live two hours.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(2);
/// Refresh tokens live 18 months.
const REFRESH_LIFE_SECONDS: i64 = 47_304_000;

const ROOT: &str = "https://api.ebay.com/oauth/api_scope";

/// What the seller agreed to, and all that a connector of orders and stock needs.
pub const SCOPES: [&str; 5] = [
    "https://api.ebay.com/oauth/api_scope",
    "https://api.ebay.com/oauth/api_scope/sell.fulfillment",
    "https://api.ebay.com/oauth/api_scope/sell.inventory",
    "https://api.ebay.com/oauth/api_scope/commerce.identity.readonly",
    "https://api.ebay.com/oauth/api_scope/commerce.feedback",
];

/// The application that the seller let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub client_id: String,
    pub client_secret: String,
    /// eBay's name of the redirect URL, sent as `redirect_uri`.
    pub ru_name: String,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            client_id: "Tributary-fake-PRD-0123456789ab-cdef0123".to_owned(),
            client_secret: "PRD-0123456789ab-cdef-0123-4567-89ab".to_owned(),
            ru_name: "Tributary-Tributary-fake-abcdefgh".to_owned(),
        }
    }
}

/// One answer of the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    pub at: Timestamp,
    pub grant_type: String,
    pub access_token: String,
}

#[derive(Debug)]
struct Token {
    expires: Timestamp,
    generation: u64,
    scopes: Vec<String>,
}

/// The tokens that were given.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    access: BTreeMap<String, Token>,
    refresh: Vec<String>,
    codes: Vec<String>,
    pub(super) granted: Vec<TokenGrant>,
    /// Refused requests for a token.
    pub(super) refused: usize,
}

impl Tokens {
    pub(super) fn add_refresh(&mut self, token: &str) {
        self.refresh.push(token.to_owned());
    }

    /// The code that eBay appends to the redirect after the seller's consent; good once.
    pub(super) fn add_code(&mut self) -> String {
        let code = format!("v^1.1#i^1#f^0#r^1#code-{}", self.codes.len() + self.granted.len());
        self.codes.push(code.clone());
        code
    }

    pub(super) fn token_request(
        &mut self,
        asked: &Asked,
        app: &Application,
        faults: &Faults,
        now: Timestamp,
    ) -> Answer {
        self.token(asked, app, faults, now).unwrap_or_else(|(status, error, description)| {
            self.refused += 1;
            Answer::json(status, json!({"error": error, "error_description": description}))
        })
    }

    fn token(
        &mut self,
        asked: &Asked,
        app: &Application,
        faults: &Faults,
        now: Timestamp,
    ) -> Result<Answer, OAuthError> {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret)));
        if asked.header("authorization") != Some(&basic) {
            return Err((StatusCode::UNAUTHORIZED, "invalid_client", "client authentication failed"));
        }
        let kind = asked.header("content-type").unwrap_or_default();
        if asked.method != Method::POST || !kind.starts_with("application/x-www-form-urlencoded") {
            return Err((
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "request is missing a required parameter or malformed.",
            ));
        }
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let mut scopes: Vec<String> = field("scope").split_whitespace().map(str::to_owned).collect();
        if scopes
            .iter()
            .any(|scope| !SCOPES.contains(&scope.trim_end_matches(".readonly")) && !SCOPES.contains(&scope.as_str()))
        {
            let description =
                "The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the client";
            return Err((StatusCode::BAD_REQUEST, "invalid_scope", description));
        }
        if scopes.is_empty() {
            scopes = SCOPES.map(str::to_owned).to_vec();
        }
        let mut refresh = None;
        let token_type = match field("grant_type") {
            "refresh_token" => {
                if faults.is_revoked() || !self.refresh.iter().any(|known| known == field("refresh_token")) {
                    let description =
                        "the provided authorization refresh token is invalid or was issued to another client";
                    return Err((StatusCode::BAD_REQUEST, "invalid_grant", description));
                }
                "User Access Token"
            }
            "authorization_code" => {
                let code = self.codes.iter().position(|known| known == field("code"));
                let Some(code) = code.filter(|_| !faults.is_revoked() && field("redirect_uri") == app.ru_name) else {
                    let description =
                        "the provided authorization grant code is invalid or was issued to another client";
                    return Err((StatusCode::BAD_REQUEST, "invalid_grant", description));
                };
                self.codes.remove(code);
                let token = format!("v^1.1#i^1#r^1#refresh-{}", self.refresh.len());
                self.refresh.push(token.clone());
                refresh = Some(token);
                "User Access Token"
            }
            "client_credentials" => {
                scopes.retain(|scope| scope == ROOT);
                "Application Access Token"
            }
            _ => {
                let description = "grant type in request is not supported by the authorization server";
                return Err((StatusCode::BAD_REQUEST, "unsupported_grant_type", description));
            }
        };
        let access_token = format!("v^1.1#i^1#p^3#access-{}", self.granted.len());
        let expires = now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX);
        self.access.insert(access_token.clone(), Token { expires, generation: faults.token_generation(), scopes });
        let grant_type = field("grant_type").to_owned();
        self.granted.push(TokenGrant { at: now, grant_type, access_token: access_token.clone() });
        let mut body =
            json!({"access_token": access_token, "expires_in": TOKEN_LIFE.as_secs(), "token_type": token_type});
        if let Some(refresh) = refresh {
            body["refresh_token"] = json!(refresh);
            body["refresh_token_expires_in"] = json!(REFRESH_LIFE_SECONDS);
        }
        Ok(Answer::ok(body))
    }

    /// Whether the request's bearer token is good, and for this.
    pub(super) fn authorise(&self, asked: &Asked, faults: &Faults, now: Timestamp) -> Result<(), Refusal> {
        let Some(token) = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) else {
            return Err(Refusal::missing_token());
        };
        let known = self.access.get(token).filter(|known| {
            !faults.is_revoked() && known.generation == faults.token_generation() && now < known.expires
        });
        let Some(known) = known else { return Err(Refusal::invalid_token()) };
        let needed = needed_scopes(&asked.method, &asked.path);
        if needed.iter().any(|scope| known.scopes.iter().any(|held| held == scope)) {
            Ok(())
        } else {
            Err(Refusal::insufficient_scope())
        }
    }
}

type OAuthError = (StatusCode, &'static str, &'static str);

/// The scopes of which one must be held, as the descriptions' `security` says.
pub(super) fn needed_scopes(method: &Method, path: &str) -> Vec<String> {
    let scope = if path.starts_with("/sell/fulfillment/") {
        "sell.fulfillment"
    } else if path.starts_with("/sell/inventory/") {
        "sell.inventory"
    } else if path.starts_with("/commerce/identity/") {
        return vec![format!("{ROOT}/commerce.identity.readonly")];
    } else if path.starts_with("/commerce/feedback/") {
        // Not in the description: https://developer.ebay.com/api-docs/commerce/feedback/resources/feedback/methods/leaveFeedback
        return vec![format!("{ROOT}/commerce.feedback")];
    } else {
        return vec![ROOT.to_owned()];
    };
    let full = format!("{ROOT}/{scope}");
    if method == Method::GET { vec![format!("{full}.readonly"), full] } else { vec![full] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecSet;

    #[test]
    fn the_scopes_that_are_asked_for_are_the_described_ones() {
        let specs = SpecSet::load(&super::super::DESCRIPTIONS).unwrap();
        if !specs.is_present() {
            return;
        }
        let calls = [
            (Method::GET, "/sell/fulfillment/v1/order"),
            (Method::POST, "/sell/fulfillment/v1/order/1/shipping_fulfillment"),
            (Method::GET, "/sell/inventory/v1/offer"),
            (Method::POST, "/sell/inventory/v1/bulk_update_price_quantity"),
            (Method::GET, "/commerce/identity/v1/user/"),
            (Method::GET, "/commerce/notification/v1/public_key/1"),
        ];
        for (method, path) in calls {
            let described = &specs.operation(&method, path).unwrap().scopes;
            let needed = needed_scopes(&method, path);
            assert!(needed.iter().all(|scope| described.contains(scope)), "{path}: {needed:?} in {described:?}");
        }
    }
}

//! Etsy's token endpoint, and what a bearer token may do. A refresh token is spent by its use.
//! <https://developers.etsy.com/documentation/essentials/authentication>

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::USER_ID;
use super::errors::Refusal;
use super::http::{Answer, Asked};
use crate::Faults;

const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);
const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What the seller agreed to, and all that a connector of orders and stock needs.
pub const SCOPES: [&str; 5] = ["transactions_r", "transactions_w", "listings_r", "listings_w", "shops_r"];

/// The application that the seller let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The keystring.
    pub client_id: String,
    /// The shared secret.
    pub client_secret: String,
    /// "The URL must have the https:// prefix", and exactly one that the application registered.
    pub redirect_uri: String,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            client_id: "1aa2bb33c44d55eeeeee6fff".to_owned(),
            client_secret: "shared-3cret-0f".to_owned(),
            redirect_uri: "https://tributary.example/oauth/callback".to_owned(),
        }
    }
}

impl Application {
    pub(super) fn knows(&self, asked: &Asked) -> Result<(), Refusal> {
        match asked.header("x-api-key").unwrap_or_default().split_once(':') {
            None => Err(Refusal::no_shared_secret()),
            Some((id, secret)) if id == self.client_id && secret == self.client_secret => Ok(()),
            Some(_) => Err(Refusal::unknown_key()),
        }
    }
}

/// One answer of the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    pub at: Timestamp,
    pub grant_type: String,
    pub access_token: String,
    pub refresh_token: String,
}

#[derive(Debug)]
struct Code {
    text: String,
    challenge: String,
    redirect_uri: String,
}

/// The tokens that were given.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// With its end and the generation that it is of.
    access: BTreeMap<String, (Timestamp, u64)>,
    /// Those not spent yet, with their end.
    refresh: BTreeMap<String, Timestamp>,
    codes: Vec<Code>,
    pub(super) granted: Vec<TokenGrant>,
    /// Refused requests for a token.
    pub(super) refused: usize,
}

type OAuthError = (&'static str, &'static str);

impl Tokens {
    pub(super) fn add_refresh(&mut self, token: &str, now: Timestamp) {
        self.refresh.insert(token.to_owned(), now.saturating_add(REFRESH_LIFE).unwrap_or(Timestamp::MAX));
    }

    pub(super) fn add_code(&mut self, challenge: &str, redirect_uri: &str) -> String {
        let code = format!("code-{}-{}", self.codes.len(), self.granted.len());
        let (challenge, redirect_uri) = (challenge.to_owned(), redirect_uri.to_owned());
        self.codes.push(Code { text: code.clone(), challenge, redirect_uri });
        code
    }

    pub(super) fn token_request(
        &mut self,
        asked: &Asked,
        app: &Application,
        faults: &Faults,
        now: Timestamp,
    ) -> Answer {
        self.token(asked, app, faults, now).unwrap_or_else(|(error, description)| {
            self.refused += 1;
            let body = json!({"error": error, "error_description": description});
            Answer::json(StatusCode::BAD_REQUEST, body)
        })
    }

    fn token(
        &mut self,
        asked: &Asked,
        app: &Application,
        faults: &Faults,
        now: Timestamp,
    ) -> Result<Answer, OAuthError> {
        let form = asked.form();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        if asked.method != Method::POST {
            return Err(("invalid_request", "only POST is allowed"));
        }
        if field("client_id") != app.client_id {
            return Err(("invalid_client", "client_id is invalid"));
        }
        let grant_type = field("grant_type");
        match grant_type {
            "refresh_token" => {
                let known = self.refresh.get(field("refresh_token")).is_some_and(|end| now < *end);
                if faults.is_revoked() || !known {
                    return Err(("invalid_grant", "refresh_token is revoked"));
                }
                self.refresh.remove(field("refresh_token"));
            }
            "authorization_code" => {
                let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
                let is_it = |known: &Code| {
                    known.text == field("code")
                        && known.challenge == challenge
                        && known.redirect_uri == field("redirect_uri")
                        && known.redirect_uri == app.redirect_uri
                };
                let Some(at) = self.codes.iter().position(is_it).filter(|_| !faults.is_revoked()) else {
                    return Err(("invalid_grant", "code is invalid, or code_verifier does not match"));
                };
                self.codes.remove(at);
            }
            _ => return Err(("unsupported_grant_type", "grant_type is not supported")),
        }
        let number = self.granted.len();
        let (access_token, refresh_token) =
            (format!("{USER_ID}.access-{number}-of-this-shop"), format!("{USER_ID}.refresh-{number}-of-this-shop"));
        let end = now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX);
        self.access.insert(access_token.clone(), (end, faults.token_generation()));
        self.add_refresh(&refresh_token, now);
        let body = json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_LIFE.as_secs(),
            "refresh_token": refresh_token,
        });
        let grant_type = grant_type.to_owned();
        self.granted.push(TokenGrant { at: now, grant_type, access_token, refresh_token });
        Ok(Answer::ok(body))
    }

    /// Whether the request's bearer token is good, and for this.
    pub(super) fn authorise(&self, asked: &Asked, faults: &Faults, now: Timestamp) -> Result<(), Refusal> {
        let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let known = token
            .and_then(|token| self.access.get(token))
            .filter(|(end, generation)| !faults.is_revoked() && *generation == faults.token_generation() && now < *end);
        if known.is_none() {
            return Err(Refusal::invalid_token());
        }
        let needed = needed_scope(&asked.method, &asked.path);
        if needed.is_none_or(|scope| SCOPES.contains(&scope)) { Ok(()) } else { Err(Refusal::insufficient_scope()) }
    }
}

/// The scope that must be held, as the description's `security` says. `None`: the keys are enough.
pub(super) fn needed_scope(method: &Method, path: &str) -> Option<&'static str> {
    let get = method == Method::GET;
    if path.contains("/receipts") {
        Some(if get { "transactions_r" } else { "transactions_w" })
    } else if path.contains("/listings") {
        Some(if get { "listings_r" } else { "listings_w" })
    } else if path.ends_with("/users/me") {
        Some("shops_r")
    } else if path.contains("/user/addresses") {
        Some("address_r")
    } else {
        None
    }
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
            (Method::GET, "/v3/application/shops/1/receipts"),
            (Method::POST, "/v3/application/shops/1/receipts/2/tracking"),
            (Method::GET, "/v3/application/shops/1/listings"),
            (Method::PATCH, "/v3/application/shops/1/listings/2"),
            (Method::GET, "/v3/application/listings/2/inventory"),
            (Method::PUT, "/v3/application/listings/2/inventory"),
            (Method::GET, "/v3/application/users/me"),
            (Method::GET, "/v3/application/shops/1"),
        ];
        for (method, path) in calls {
            let described = &specs.operation(&method, path).unwrap().scopes;
            let needed: Vec<String> = needed_scope(&method, path).map(str::to_owned).into_iter().collect();
            assert_eq!(described, &needed, "{path}");
        }
    }
}

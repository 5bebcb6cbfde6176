//! Login with Amazon's token endpoint, and what an access token is good for.
//! <https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html>

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::errors::Refusal;
use super::http::{Answer, Asked};
use crate::Faults;

/// "An LWA access token expires one hour after it is issued."
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// The scope of the notifications' operations.
const GRANTLESS: &str = "sellingpartnerapi::notifications";
/// Of an authorization code.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// The application that the seller let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub id: String,
    pub client_id: String,
    pub client_secret: String,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            id: "amzn1.sp.solution.00000000-fake".to_owned(),
            client_id: "amzn1.application-oa2-client.0123456789abcdef".to_owned(),
            client_secret: "amzn1.oa2-cs.v1.0123456789abcdef-fake".to_owned(),
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
    /// Of the application itself, not of a seller.
    grantless: bool,
}

#[derive(Debug)]
struct Code {
    text: String,
    redirect_uri: String,
    given: Timestamp,
}

/// The tokens that were given.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    access: BTreeMap<String, Token>,
    refresh: Vec<String>,
    codes: Vec<Code>,
    pub(super) granted: Vec<TokenGrant>,
}

type OAuthError = (StatusCode, &'static str, &'static str);

impl Tokens {
    pub(super) fn add_refresh(&mut self, token: &str) {
        self.refresh.push(token.to_owned());
    }

    pub(super) fn add_code(&mut self, redirect_uri: &str, now: Timestamp) -> String {
        let code = format!("SPAPICODE{}", self.codes.len() + self.granted.len());
        self.codes.push(Code { text: code.clone(), redirect_uri: redirect_uri.to_owned(), given: now });
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
        let kind = asked.header("content-type").unwrap_or_default();
        if asked.method != Method::POST || !kind.starts_with("application/x-www-form-urlencoded") {
            return Err((StatusCode::BAD_REQUEST, "invalid_request", "Content-Type is missing or not supported"));
        }
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if field("client_id") != app.client_id || field("client_secret") != app.client_secret {
            return Err((StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed"));
        }
        let grantless = field("grant_type") == "client_credentials";
        let refresh = match field("grant_type") {
            // <https://developer-docs.amazon.com/sp-api/docs/grantless-operations>
            "client_credentials" if field("scope") == GRANTLESS => String::new(),
            "client_credentials" => {
                return Err((StatusCode::BAD_REQUEST, "invalid_scope", "An unknown scope was requested"));
            }
            "refresh_token" => {
                let known = self.refresh.iter().find(|known| *known == field("refresh_token"));
                let known = known.filter(|_| !faults.is_revoked());
                known.cloned().ok_or((
                    StatusCode::BAD_REQUEST,
                    "invalid_grant",
                    "The request has an invalid grant parameter : refresh_token",
                ))?
            }
            "authorization_code" => {
                let at = self.codes.iter().position(|known| known.text == field("code"));
                let code = at.map(|at| self.codes.remove(at)).filter(|code| {
                    !faults.is_revoked()
                        && code.redirect_uri == field("redirect_uri")
                        && now.duration_since(code.given) <= CODE_LIFE
                });
                if code.is_none() {
                    let description = "The request has an invalid grant parameter : code";
                    return Err((StatusCode::BAD_REQUEST, "invalid_grant", description));
                }
                let token = format!("Atzr|refresh-{}", self.refresh.len());
                self.refresh.push(token.clone());
                token
            }
            _ => {
                let description = "The authorization grant type is not supported by the authorization server";
                return Err((StatusCode::BAD_REQUEST, "unsupported_grant_type", description));
            }
        };
        let access_token = format!("Atza|access-{}", self.granted.len());
        let expires = now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX);
        self.access.insert(access_token.clone(), Token { expires, generation: faults.token_generation(), grantless });
        let grant_type = field("grant_type").to_owned();
        self.granted.push(TokenGrant { at: now, grant_type, access_token: access_token.clone() });
        Ok(Answer::ok(json!({
            "access_token": access_token, "token_type": "bearer", "expires_in": TOKEN_LIFE.as_secs(),
            "refresh_token": refresh,
        })))
    }

    /// Whether the token is the application's own. The words are Amazon's, as developers published them.
    pub(super) fn authorise(&self, asked: &Asked, faults: &Faults, now: Timestamp) -> Result<bool, Refusal> {
        let Some(token) = asked.header("x-amz-access-token") else {
            return Err(Refusal::denied("Access token is missing in the request header."));
        };
        let Some(known) = self.access.get(token).filter(|_| !faults.is_revoked()) else {
            return Err(Refusal::denied("The access token you provided is revoked, malformed or invalid."));
        };
        if known.generation != faults.token_generation() || now >= known.expires {
            return Err(Refusal::denied("The access token you provided has expired."));
        }
        Ok(known.grantless)
    }
}

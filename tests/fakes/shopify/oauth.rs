//! Access tokens: the code of the consent page, expiring offline tokens with rotating refresh tokens, and their end.
//!
//! `POST /admin/oauth/access_token`, form or JSON. An offline token that is asked for with `expiring=1` lives an hour
//! and comes with a refresh token of 90 days, which is replaced each time it is used:
//! <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens>. The old one
//! works until its replacement is used, for 30 days at most:
//! <https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens>.
//! An application of the shop's own organisation gets tokens of a day for its own keys:
//! <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant>.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::Faults;

/// An hour.
const ACCESS_SECONDS: i64 = 3600;
const REFRESH_SECONDS: i64 = 90 * 24 * 3600;
/// How long a used refresh token may be used again.
const RETRY_SECONDS: i64 = 30 * 24 * 3600;
const CLIENT_CREDENTIALS_SECONDS: i64 = 24 * 3600 - 1;

/// What the application asks for.
pub const SCOPES: &str = "read_all_orders,read_customers,read_inventory,read_locations,read_merchant_managed_fulfillment_orders,read_orders,read_products,write_customers,write_inventory,write_merchant_managed_fulfillment_orders,write_orders";

/// The keys of the application that the shop let in.
#[derive(Debug, Clone)]
pub struct Application {
    pub client_id: String,
    pub client_secret: String,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            client_id: "tributary-application-0001".to_owned(),
            client_secret: "shpss_0123456789abcdef0123456789abcdef".to_owned(),
        }
    }
}

/// An access token that was given.
#[derive(Debug, Clone)]
pub struct TokenGrant {
    pub access_token: String,
    pub refresh_token: Option<String>,
    /// "`authorization_code`", "`refresh_token`", "`token_exchange`", "`client_credentials`".
    pub grant_type: String,
    pub given: Timestamp,
    /// `None`: it does not expire.
    pub expires: Option<Timestamp>,
    generation: Option<u64>,
}

#[derive(Debug, Clone)]
struct RefreshToken {
    expires: Timestamp,
    /// What it was exchanged for, more than once where an answer was lost.
    replacements: Vec<String>,
    retired: bool,
}

#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Oldest first.
    pub granted: Vec<TokenGrant>,
    /// Refused requests for a token.
    pub refused: usize,
    refresh: BTreeMap<String, RefreshToken>,
    /// Of the consent page, each good once.
    codes: Vec<String>,
    numbers: u64,
}

/// Status and body.
type Answer = (StatusCode, Value);

impl Tokens {
    /// A token that does not expire, as of a shop's own application.
    pub fn add_permanent(&mut self, token: &str, now: Timestamp) {
        self.granted.push(TokenGrant {
            access_token: token.to_owned(),
            refresh_token: None,
            grant_type: "authorization_code".to_owned(),
            given: now,
            expires: None,
            generation: None,
        });
    }

    pub fn add_refresh(&mut self, token: &str, now: Timestamp) {
        let expires = later(now, REFRESH_SECONDS);
        self.refresh.insert(token.to_owned(), RefreshToken { expires, replacements: Vec::new(), retired: false });
    }

    pub fn add_code(&mut self) -> String {
        self.numbers += 1;
        let code = format!("consent-code-{:08}", self.numbers);
        self.codes.push(code.clone());
        code
    }

    /// Whether a request with this token is let in.
    pub fn accepts(&self, token: &str, faults: &Faults, now: Timestamp) -> bool {
        let Some(grant) = self.granted.iter().find(|grant| grant.access_token == token) else { return false };
        let current = grant.generation.is_none_or(|generation| generation == faults.token_generation());
        current && grant.expires.is_none_or(|expires| expires > now) && !faults.is_revoked()
    }

    pub fn request(
        &mut self,
        asked: &Map<String, Value>,
        application: &Application,
        faults: &Faults,
        now: Timestamp,
    ) -> Answer {
        let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("client_id") != application.client_id || text("client_secret") != application.client_secret {
            return self.refuse("application_cannot_be_found", "The client id or secret is not known");
        }
        if faults.is_revoked() {
            return self.refuse("invalid_grant", "The application is not installed in this shop");
        }
        let expiring = matches!(asked.get("expiring"), Some(value) if value == "1" || value == 1 || value == "true");
        match text("grant_type").as_str() {
            "refresh_token" => self.refreshed(&text("refresh_token"), faults, now),
            "client_credentials" => {
                let grant = self.grant("client_credentials", Some(CLIENT_CREDENTIALS_SECONDS), false, faults, now);
                (StatusCode::OK, shown(&grant, now))
            }
            "urn:ietf:params:oauth:grant-type:token-exchange" => {
                if text("subject_token").is_empty() {
                    return self.refuse("invalid_subject_token", "The subject token is missing");
                }
                self.offline("token_exchange", expiring, faults, now)
            }
            "" | "authorization_code" => {
                let code = text("code");
                let Some(at) = self.codes.iter().position(|known| *known == code) else {
                    return self.refuse("invalid_request", "The authorization code was not found or was already used");
                };
                self.codes.remove(at);
                self.offline("authorization_code", expiring, faults, now)
            }
            _ => self.refuse("unsupported_grant_type", "The grant type is not supported"),
        }
    }

    fn offline(&mut self, kind: &str, expiring: bool, faults: &Faults, now: Timestamp) -> Answer {
        let grant = self.grant(kind, expiring.then_some(ACCESS_SECONDS), expiring, faults, now);
        (StatusCode::OK, shown(&grant, now))
    }

    fn refreshed(&mut self, token: &str, faults: &Faults, now: Timestamp) -> Answer {
        let known = self.refresh.get(token).is_some_and(|known| !known.retired && known.expires > now);
        if !known {
            return self.refuse("invalid_grant", "This request requires an active refresh_token");
        }
        let grant = self.grant("refresh_token", Some(ACCESS_SECONDS), true, faults, now);
        for older in self.refresh.values_mut() {
            older.retired |= older.replacements.iter().any(|replacement| replacement == token);
        }
        if let Some(used) = self.refresh.get_mut(token) {
            if used.replacements.is_empty() {
                used.expires = used.expires.min(later(now, RETRY_SECONDS));
            }
            used.replacements.extend(grant.refresh_token.clone());
        }
        (StatusCode::OK, shown(&grant, now))
    }

    fn grant(
        &mut self,
        kind: &str,
        seconds: Option<i64>,
        refreshable: bool,
        faults: &Faults,
        now: Timestamp,
    ) -> TokenGrant {
        self.numbers += 1;
        let number = self.numbers;
        let refresh_token = refreshable.then(|| format!("shprt_refresh-token-{number:08}"));
        if let Some(token) = &refresh_token {
            self.add_refresh(token, now);
        }
        let grant = TokenGrant {
            access_token: format!("shpat_access-token-{number:08}"),
            refresh_token,
            grant_type: kind.to_owned(),
            given: now,
            expires: seconds.map(|seconds| later(now, seconds)),
            generation: Some(faults.token_generation()),
        };
        self.granted.push(grant.clone());
        grant
    }

    fn refuse(&mut self, error: &str, description: &str) -> Answer {
        self.refused += 1;
        (StatusCode::BAD_REQUEST, json!({"error": error, "error_description": description}))
    }
}

fn shown(grant: &TokenGrant, now: Timestamp) -> Value {
    let mut answer = json!({"access_token": grant.access_token, "scope": SCOPES});
    if let Some(expires) = grant.expires {
        answer["expires_in"] = json!(expires.duration_since(now).as_secs());
    }
    if let Some(refresh) = &grant.refresh_token {
        answer["refresh_token"] = json!(refresh);
        answer["refresh_token_expires_in"] = json!(REFRESH_SECONDS);
    }
    answer
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

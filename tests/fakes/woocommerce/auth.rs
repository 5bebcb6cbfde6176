//! Who is calling: OAuth 1.0a over plain http, Basic and query-string keys only where the request counts as https.
//!
//! Rules: <https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication>, captures 01 to 06b, 99.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use super::http::{Refusal, Request};
use super::shop::Shop;
use super::state::ApiKey;

/// RFC 3986 leaves only these as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Seconds for which a signature and its nonce count.
const WINDOW: i64 = 15 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// No key, or one that the shop does not know: the routes themselves refuse.
    Nobody,
    Reader,
    Writer,
}

impl Shop {
    pub fn authenticate(&mut self, request: &Request) -> Result<Caller, Refusal> {
        if self.config.behind_tls
            && let Some((key, secret)) = basic_keys(request)
        {
            return match self.key(&key) {
                None => Ok(Caller::Nobody),
                Some(known) if known.secret == secret => Ok(role(known)),
                Some(_) => Err(refused("Consumer secret is invalid.")),
            };
        }
        self.authenticate_oauth(request)
    }

    fn authenticate_oauth(&mut self, request: &Request) -> Result<Caller, Refusal> {
        let params = oauth_params(request);
        let get = |name: &str| params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let names =
            ["oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"];
        let missing: Vec<&str> = names.into_iter().filter(|name| get(name).is_empty()).collect();
        if missing.len() == names.len() {
            return Ok(Caller::Nobody);
        }
        if !missing.is_empty() {
            let plural = if missing.len() == 1 { "" } else { "s" };
            let message = format!("Missing OAuth parameter{plural} {}", missing.join(", "));
            return Err(Refusal::new(401, "woocommerce_rest_authentication_missing_parameter", &message));
        }
        let Some(known) = self.key(get("oauth_consumer_key")).cloned() else {
            return Err(refused("Consumer key is invalid."));
        };
        // The real shop takes HMAC-SHA1 too; the captures show HMAC-SHA256 only, and so does the fake.
        if get("oauth_signature_method") != "HMAC-SHA256" {
            return Err(refused("Invalid signature - signature method is invalid."));
        }
        let base = signature_base(request.method.as_str(), &self.config.home, &request.path, &params);
        let given: Cow<'_, str> = percent_decode_str(get("oauth_signature")).decode_utf8_lossy();
        if given.replace(' ', "+") != sign(&base, &known.secret) {
            return Err(refused("Invalid signature - provided signature does not match."));
        }
        self.check_freshness(get("oauth_timestamp"), get("oauth_nonce"), &known)?;
        Ok(role(&known))
    }

    fn check_freshness(&mut self, timestamp: &str, nonce: &str, key: &ApiKey) -> Result<(), Refusal> {
        let signed: i64 = timestamp.parse().unwrap_or(0);
        // A driver may move the shop's clock while its client signs by the machine's, so either will do.
        let clocks = [self.clock.now(), Timestamp::now()];
        if clocks.iter().all(|now| (now.as_second() - signed).abs() > WINDOW) {
            return Err(refused("Invalid timestamp."));
        }
        if !self.used_nonces.insert(format!("{} {nonce}", key.key)) {
            return Err(refused("Invalid nonce - nonce has already been used."));
        }
        Ok(())
    }

    fn key(&self, key: &str) -> Option<&ApiKey> {
        let known = self.config.keys.iter().find(|known| known.key == key);
        known.filter(|_| !self.faults.is_revoked())
    }
}

fn role(key: &ApiKey) -> Caller {
    if key.may_write { Caller::Writer } else { Caller::Reader }
}

fn refused(message: &str) -> Refusal {
    Refusal::new(401, "woocommerce_rest_authentication_error", message)
}

/// From the query string first, else from the Basic header.
fn basic_keys(request: &Request) -> Option<(String, String)> {
    if let (Some(key), Some(secret)) = (request.param("consumer_key"), request.param("consumer_secret")) {
        return Some((key.to_owned(), secret.to_owned()));
    }
    let encoded = request.authorization.as_deref()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(key, secret)| (key.to_owned(), secret.to_owned()))
}

/// All query parameters, and those of an `Authorization: OAuth` header.
fn oauth_params(request: &Request) -> Vec<(String, String)> {
    let mut params = request.query.clone();
    if let Some(header) = request.authorization.as_deref().and_then(|header| header.trim().strip_prefix("OAuth ")) {
        for part in header.split(',') {
            if let Some((key, value)) = part.trim().split_once('=')
                && key.starts_with("oauth_")
            {
                let value = percent_decode_str(value.trim_matches('"')).decode_utf8_lossy().into_owned();
                params.push((key.to_owned(), value));
            }
        }
    }
    params
}

/// The text that is signed: it names the shop's configured address with `http`, not the one that was dialled.
fn signature_base(method: &str, home: &str, path: &str, params: &[(String, String)]) -> String {
    let host = home.split_once("://").map_or(home, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    let mut signed: Vec<&(String, String)> = params.iter().filter(|(key, _)| key != "oauth_signature").collect();
    signed.sort();
    let joined: Vec<String> =
        signed.iter().map(|(key, value)| encode(&format!("{}={}", encode(key), encode(value)))).collect();
    format!("{method}&{}&{}", encode(&format!("http://{host}{path}")), joined.join("%26"))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Base64 of the HMAC-SHA256; OAuth's key is the consumer secret and `&`.
fn sign(base: &str, secret: &str) -> String {
    hmac_sha256_base64(format!("{secret}&").as_bytes(), base.as_bytes())
}

pub(super) fn hmac_sha256_base64(key: &[u8], message: &[u8]) -> String {
    // HMAC takes keys of every length, so the error cannot occur; an empty signature would match nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(message);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

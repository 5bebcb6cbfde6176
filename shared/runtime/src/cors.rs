//! Which page in a browser may call the API and read its answers.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Method};
use tower_http::cors::CorsLayer;
use url::Url;

use crate::config::ConfigError;

const NAME: &str = "ALLOWED_ORIGIN";
/// Browsers keep an answer no longer than this: <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age>
const REMEMBERED: Duration = Duration::from_hours(2);

/// An origin as a browser writes it: `https://shop.example`, with a port where it is not the usual one, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl Origin {
    /// `ALLOWED_ORIGIN`; unset or empty: no page may.
    pub fn from_env() -> Result<Option<Self>, ConfigError> {
        match std::env::var(NAME) {
            Ok(text) if !text.is_empty() => Self::parse(&text).map(Some),
            Ok(_) | Err(_) => Ok(None),
        }
    }

    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError {
            name: NAME,
            problem: format!("must be an origin such as https://shop.example, not `{text}`"),
        };
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        // Written in any other way it would equal no browser's.
        let written = url.map(|url| url.origin().ascii_serialization()).filter(|origin| origin == text);
        written.and_then(|origin| HeaderValue::try_from(origin).ok()).map(Self).ok_or_else(wrong)
    }

    /// Answers a browser's question beforehand, and says in every answer which page may read it.
    pub fn layer(&self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(self.0.clone())
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
            .allow_headers([AUTHORIZATION, CONTENT_TYPE, IF_MATCH, HeaderName::from_static("idempotency-key")])
            .expose_headers([ETAG, LOCATION, RETRY_AFTER, HeaderName::from_static("idempotent-replayed")])
            .max_age(REMEMBERED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_only_as_browsers_write_it() {
        for right in ["https://shop.example", "http://localhost:5173", "https://app.shop.example:8443", "https://[::1]"]
        {
            assert!(Origin::parse(right).is_ok(), "{right}");
        }
        for wrong in [
            "*",
            "null",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/orders",
            "https://shop.example:443",
            "https://Shop.example",
            "https://a.example,https://b.example",
            "https://me@shop.example",
            "file:///tmp",
            "ftp://shop.example",
        ] {
            let error = Origin::parse(wrong).unwrap_err();
            assert!(error.to_string().contains("ALLOWED_ORIGIN"), "{wrong}: {error}");
        }
    }
}

//! Etsy's refusals: a status and a sentence, without numbers.

use axum::http::StatusCode;
use serde_json::json;

use super::http::Answer;

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    description: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, error: &str) -> Self {
        Self { status, error: error.to_owned(), description: None }
    }

    pub(super) fn bad_request(error: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    pub(super) fn not_found(error: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// <https://github.com/HelpCode-ai/anythingmcp/pull/637>
    pub(super) fn no_shared_secret() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Shared secret is required in x-api-key header.")
    }

    pub(super) fn unknown_key() -> Self {
        Self::new(StatusCode::FORBIDDEN, "API key not found or not active, or incorrect shared secret for API key.")
    }

    /// <https://github.com/etsy/open-api/issues/519>
    pub(super) fn invalid_token() -> Self {
        let refusal = Self::new(StatusCode::UNAUTHORIZED, "invalid_token");
        Self { description: Some("access token is expired"), ..refusal }
    }

    pub(super) fn insufficient_scope() -> Self {
        let refusal = Self::new(StatusCode::FORBIDDEN, "insufficient_scope");
        Self { description: Some("access token lacks required scope"), ..refusal }
    }

    pub(super) fn too_many() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Exceeded quota or rate limit.")
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut body = json!({"error": refusal.error});
        if let Some(description) = refusal.description {
            body["error_description"] = json!(description);
        }
        Self::json(refusal.status, body)
    }
}

/// The bodies of the faults. What fails in front of Etsy's services answers with a page, not with JSON.
pub(super) fn fault_body(status: StatusCode) -> (&'static str, String) {
    let error = |text: &str| ("application/json", json!({"error": text}).to_string());
    match status.as_u16() {
        401 => error("invalid_token"),
        429 => error("Exceeded quota or rate limit."),
        500 => error("Server Error"),
        502..=504 => ("text/html", format!("<html><head><title>{status}</title></head><body>{status}</body></html>")),
        _ => error(status.canonical_reason().unwrap_or_default()),
    }
}

//! Amazon's refusals, in its shape: `{"errors": [{"code", "message", "details"}]}`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::http::Answer;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: &str, details: &str) -> Self {
        Self { status, code, message: message.to_owned(), details: details.to_owned() }
    }

    /// <https://github.com/jlevers/selling-partner-api/issues/489>
    pub(super) fn invalid(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidInput", message, "")
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", &format!("{what} was not found."), "")
    }

    /// "The resource specified conflicts with the current state."
    pub(super) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", message, "")
    }

    /// <https://github.com/amzn/selling-partner-api-models/issues/4122>: 403, not 401.
    pub(super) fn denied(details: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Unauthorized", "Access to requested resource is denied.", details)
    }

    /// <https://github.com/amzn/selling-partner-api-models/issues/746>
    pub(super) fn quota() -> Self {
        let message = "You exceeded your quota for the requested resource.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "QuotaExceeded", message, "")
    }

    pub(super) fn json(&self) -> Value {
        json!({"code": self.code, "message": self.message, "details": self.details})
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let answer = Self::json(refusal.status, json!({"errors": [refusal.json()]}));
        if refusal.status == StatusCode::TOO_MANY_REQUESTS {
            answer.header("x-amzn-errortype", "TooManyRequestsException")
        } else {
            answer
        }
    }
}

/// The body of a refusal that a test asks for.
pub(super) fn fault_body(status: StatusCode) -> (&'static str, String) {
    let code = match status.as_u16() {
        401 | 403 => "Unauthorized",
        404 => "NotFound",
        429 => "QuotaExceeded",
        400..=499 => "InvalidInput",
        503 => "ServiceUnavailable",
        _ => "InternalFailure",
    };
    let error = json!({"code": code, "message": "as a test asked for", "details": ""});
    ("application/json", json!({"errors": [error]}).to_string())
}

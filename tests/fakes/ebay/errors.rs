//! eBay's refusals, in its shape.
//! <https://developer.ebay.com/api-docs/static/handling-error-messages.html>

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::http::Answer;

/// One entry of `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    id: u32,
    domain: &'static str,
    category: &'static str,
    message: String,
    long_message: Option<String>,
}

impl Refusal {
    fn request(status: StatusCode, id: u32, domain: &'static str, message: impl Into<String>) -> Self {
        Self { status, id, domain, category: "REQUEST", message: message.into(), long_message: None }
    }

    fn long(mut self, long_message: impl Into<String>) -> Self {
        self.long_message = Some(long_message.into());
        self
    }

    /// The Fulfillment API's own errors, with the ids of its description.
    pub(super) fn fulfillment(id: u32, message: impl Into<String>) -> Self {
        Self::request(StatusCode::BAD_REQUEST, id, "API_FULFILLMENT", message)
    }

    /// An order that there is not. The description gives 404 without an id; callers report this one with it.
    pub(super) fn no_such_order(id: &str) -> Self {
        Self::request(StatusCode::NOT_FOUND, 32100, "API_FULFILLMENT", format!("Invalid order ID: {id}"))
    }

    pub(super) fn inventory(status: StatusCode, id: u32, message: impl Into<String>) -> Self {
        Self::request(status, id, "API_INVENTORY", message)
    }

    pub(super) fn notification(id: u32, message: impl Into<String>) -> Self {
        Self::request(StatusCode::NOT_FOUND, id, "API_NOTIFICATION", message)
    }

    /// The description names no ids; this one only stands for a refusal.
    pub(super) fn feedback(status: StatusCode, message: impl Into<String>) -> Self {
        Self::request(status, 520_001, "API_FEEDBACK", message)
    }

    pub(super) fn invalid_token() -> Self {
        Self::request(StatusCode::UNAUTHORIZED, 1001, "OAuth", "Invalid access token")
            .long("Invalid access token. Check the value of the Authorization HTTP request header.")
    }

    pub(super) fn missing_token() -> Self {
        Self::request(StatusCode::UNAUTHORIZED, 1002, "OAuth", "Missing access token")
            .long("Access token is missing in the Authorization HTTP request header.")
    }

    pub(super) fn insufficient_scope() -> Self {
        Self::request(StatusCode::FORBIDDEN, 1100, "ACCESS", "Access denied")
            .long("Insufficient permissions to fulfill the request.")
    }

    pub(super) fn no_such_resource() -> Self {
        Self::request(StatusCode::NOT_FOUND, 2002, "ACCESS", "Resource not found")
            .long("The requested resource does not exist.")
    }

    /// What the description does not allow; the reasons are for whoever reads the failing test.
    pub(super) fn not_as_described(reasons: &str) -> Self {
        Self::request(StatusCode::BAD_REQUEST, 2004, "ACCESS", "Invalid request").long(reasons)
    }

    pub(super) fn refund_not_expected() -> Self {
        Self::request(
            StatusCode::FORBIDDEN,
            34923,
            "API_FULFILLMENT",
            "Refund cannot be issued for this type of order.",
        )
        .long("This fake moves no money.")
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn json(&self) -> Value {
        let mut error = json!({
            "errorId": self.id,
            "domain": self.domain,
            "category": self.category,
            "message": self.message,
        });
        if let Some(long) = &self.long_message {
            error["longMessage"] = json!(long);
        }
        error
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Answer::json(refusal.status, json!({"errors": [refusal.json()]}))
    }
}

/// The bodies of the faults. What fails in front of eBay's services answers with a page, not with JSON.
pub(super) fn fault_body(status: StatusCode) -> (&'static str, String) {
    let error = |id: u32, domain: &str, category: &str, message: &str, long: &str| {
        let error = json!({
            "errorId": id, "domain": domain, "category": category, "message": message, "longMessage": long,
        });
        ("application/json", json!({"errors": [error]}).to_string())
    };
    match status.as_u16() {
        401 => ("application/json", json!({"errors": [Refusal::invalid_token().json()]}).to_string()),
        403 => ("application/json", json!({"errors": [Refusal::insufficient_scope().json()]}).to_string()),
        404 => ("application/json", json!({"errors": [Refusal::no_such_resource().json()]}).to_string()),
        429 => {
            let long = "The request limit has been reached for the resource.";
            error(2001, "ACCESS", "REQUEST", "Too many requests.", long)
        }
        500 => {
            error(30500, "API_FULFILLMENT", "APPLICATION", "System error", "There was a problem with an eBay system.")
        }
        502..=504 => ("text/html", format!("<html><head><title>{status}</title></head><body>{status}</body></html>")),
        _ => error(2000, "ACCESS", "REQUEST", "Invalid request", status.canonical_reason().unwrap_or_default()),
    }
}

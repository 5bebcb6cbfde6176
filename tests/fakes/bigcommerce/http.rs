//! A request taken apart, an answer put together, and the vendor's two shapes of an error.

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

/// A request as the fake's parts read it.
#[derive(Debug)]
pub(super) struct Asked {
    pub method: Method,
    /// As sent, percent-encoded.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn new(parts: &Parts, body: Bytes) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.clone(),
            body,
        }
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.parameter(name)?.parse().ok()
    }

    /// `name=a,b`; none: not asked for.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.parameter(name)?.split(',').map(str::trim).collect())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Null where it is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub body: Option<Value>,
}

impl Answer {
    pub fn json(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body) }
    }

    pub fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// Version 3 wraps what it says.
    pub fn data(status: StatusCode, data: &Value) -> Self {
        Self::json(status, json!({"data": data, "meta": {}}))
    }

    /// An empty list of version 2 is 204 without a body.
    pub fn list(items: Vec<Value>) -> Self {
        if items.is_empty() {
            return Self { status: StatusCode::NO_CONTENT, body: None };
        }
        Self::ok(Value::Array(items))
    }

    pub fn into_response(self, left: u32) -> Response<Body> {
        let text = self.body.map_or_else(String::new, |body| body.to_string());
        let mut response = Response::new(Body::from(text.clone()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if !text.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in [
            ("x-rate-limit-time-window-ms", 30_000),
            ("x-rate-limit-time-reset-ms", 15_000),
            ("x-rate-limit-requests-quota", 150),
            ("x-rate-limit-requests-left", left),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
        response
    }
}

/// Why a call is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub message: String,
}

impl Refusal {
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, message: message.into() }
    }

    pub fn not_found() -> Self {
        Self::new(404, "The requested resource was not found.")
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// Version 2: `[{status, message}]`; version 3: `{status, title, type}`.
    pub fn answer(self, path: &str) -> Answer {
        let status = self.status.as_u16();
        if path.contains("/v2/") && status != 401 {
            return Answer::json(self.status, json!([{"status": status, "message": self.message}]));
        }
        let kind = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes";
        Answer::json(self.status, json!({"status": status, "title": self.message, "type": kind, "errors": {}}))
    }
}

pub(super) type Outcome = Result<Answer, Refusal>;

/// The body of a refusal that a fault asks for: the API's own below 500, a gateway's page above.
pub(super) fn fault_body(status: StatusCode) -> (&'static str, String) {
    if status.is_server_error() {
        return ("text/html", format!("<html><body><h1>{status}</h1></body></html>"));
    }
    let kind = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes";
    let body = json!({"status": status.as_u16(), "title": status.to_string(), "type": kind});
    ("application/json", body.to_string())
}

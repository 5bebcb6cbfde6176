//! What Shopify answers instead of data: `errors` with HTTP 200, `userErrors`, and the few other statuses.
//!
//! Shapes: <https://shopify.dev/docs/api/admin-graphql/latest#status-and-error-codes>.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// One entry of `errors`.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    message: String,
    locations: Vec<(usize, usize)>,
    path: Vec<Value>,
    extensions: Map<String, Value>,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), locations: Vec::new(), path: Vec::new(), extensions: Map::new() }
    }

    /// `extensions.code`.
    #[must_use]
    pub fn code(self, code: &str) -> Self {
        self.with("code", json!(code))
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.extensions.insert(name.to_owned(), value);
        self
    }

    #[must_use]
    pub fn at(mut self, location: Option<(usize, usize)>) -> Self {
        self.locations.extend(location);
        self
    }

    #[must_use]
    pub fn path(mut self, path: &[&str]) -> Self {
        self.path = path.iter().map(|part| json!(part)).collect();
        self
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn has_path(&self) -> bool {
        !self.path.is_empty()
    }

    pub fn json(&self) -> Value {
        let mut error = json!({"message": self.message});
        if !self.locations.is_empty() {
            let shown = |(line, column): &(usize, usize)| json!({"line": line, "column": column});
            error["locations"] = self.locations.iter().map(shown).collect();
        }
        if !self.path.is_empty() {
            error["path"] = json!(self.path);
        }
        if !self.extensions.is_empty() {
            error["extensions"] = json!(self.extensions);
        }
        error
    }
}

/// A global id that is none, or of another type.
pub(super) fn invalid_id(kind: &str, gid: &str) -> Problem {
    Problem::new(format!("Invalid global id '{gid}'"))
        .code("argumentLiteralsIncompatible")
        .with("typeName", json!(kind))
}

/// `X must include the following argument: y.`, which Shopify says of arguments that only the runtime demands:
/// <https://github.com/luke-selrai/openclaw-workshop-kit/issues/218>.
pub(super) fn missing_argument(input: &str, argument: &str) -> Problem {
    let message = format!("{input} must include the following argument: {argument}.");
    Problem::new(message).code("INVALID_FIELD_ARGUMENTS")
}

pub(super) fn throttled() -> Problem {
    Problem::new("Throttled")
        .code("THROTTLED")
        .with("documentation", json!("https://shopify.dev/api/usage/rate-limits"))
}

/// One entry of `userErrors`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UserError {
    pub field: Vec<String>,
    pub message: String,
    pub code: Option<&'static str>,
}

impl UserError {
    pub fn new(field: &[&str], message: impl Into<String>) -> Self {
        let field = field.iter().map(|part| (*part).to_owned()).collect();
        Self { field, message: message.into(), code: None }
    }

    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// As the type of this name, which has a `code` or (plain `UserError`) has not.
    pub fn json(&self, kind: &str) -> Value {
        let field = if self.field.is_empty() { Value::Null } else { json!(self.field) };
        let mut error = json!({"__typename": kind, "field": field, "message": self.message});
        if kind != "UserError" {
            error["code"] = json!(self.code);
        }
        error
    }
}

/// The bodies of answers that are not GraphQL: <https://shopify.dev/docs/api/usage/response-codes>.
pub(super) fn fault_body(status: StatusCode) -> (&'static str, String) {
    let errors = match status.as_u16() {
        401 => "[API] Invalid API key or access token (unrecognized login or wrong password)",
        402 => "Unavailable Shop",
        403 => "Forbidden",
        404 => "Not Found",
        423 => "This shop is unavailable",
        429 => "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
        500..=599 => return ("text/html", format!("<html><head><title>{status}</title></head><body></body></html>")),
        _ => "Bad Request",
    };
    ("application/json; charset=utf-8", json!({"errors": errors}).to_string())
}

//! Refusals as `application/problem+json` (RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>).

use std::fmt::Display;

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

/// Why there is no report, in words for the person who asked.
#[derive(Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    field: Option<&'static str>,
    detail: String,
}

impl Problem {
    /// 400 for a query parameter.
    pub fn parameter(name: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, field: Some(name), detail: detail.into() }
    }

    /// 400 for a query parameter that does not exist.
    pub fn unknown_parameter(name: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, field: None, detail: format!("There is no query parameter `{name}` here.") }
    }

    /// A failure of ours; logged here, where it is handled.
    pub fn of_ours(error: &dyn Display) -> Self {
        tracing::error!(error = %error, "A sale report could not be made");
        let detail = "This failed and was recorded; it is not your fault.".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, field: None, detail }
    }

    pub fn body(&self) -> Value {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Some(field) = self.field {
            body["field"] = field.into();
            body["errors"] = json!([{ "field": field, "detail": self.detail }]);
        }
        body
    }
}

//! Refusals as `application/problem+json` (RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>).

use std::fmt::Display;

use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use storage::StorageError;

/// Why there is no report, in words for the person who asked.
#[derive(Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    field: Option<String>,
    detail: String,
}

impl Problem {
    /// 400 for a query parameter.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, field: Some(name.to_owned()), detail: detail.into() }
    }

    /// The tables did not answer, or gave what cannot be used; logged here, where it is handled.
    pub fn of_storage(error: &StorageError) -> Self {
        if !error.is_temporary() {
            return Self::of_ours(error);
        }
        tracing::error!(error = %error, "A sale report could not be made");
        let detail = "This cannot be done just now; try again in a moment.".to_owned();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, field: None, detail }
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
        if let Some(field) = &self.field {
            body["field"] = json!(field);
            body["errors"] = json!([{ "field": field, "detail": self.detail }]);
        }
        body
    }
}

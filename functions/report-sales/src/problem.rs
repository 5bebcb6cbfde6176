//! Refusals as `application/problem+json` (RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>).

use std::fmt::Display;

use lambda_http::http::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;
use storage::StorageError;
use utoipa::ToSchema;

/// Why there is no report, in words for the person who asked.
#[derive(Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    /// What a program can tell it by; `None` where the status says it all.
    name: Option<&'static str>,
    field: Option<String>,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, name: None, field: None, detail: detail.into() }
    }

    /// 400 for a query parameter.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self { field: Some(name.to_owned()), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    pub fn method(method: &Method) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("This address does not take {method}."))
    }

    /// 403, in words and for programs.
    pub fn forbidden((name, detail): (&'static str, &'static str)) -> Self {
        Self { name: Some(name), ..Self::new(StatusCode::FORBIDDEN, detail) }
    }

    /// The tables did not answer, or gave what cannot be used; logged here, where it is handled.
    pub fn of_storage(error: &StorageError) -> Self {
        if !error.is_temporary() {
            return Self::of_ours(error);
        }
        tracing::error!(error = %error, "A sale report could not be made");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "This cannot be done just now; try again in a moment.")
    }

    /// A failure of ours; logged here, where it is handled.
    pub fn of_ours(error: &dyn Display) -> Self {
        tracing::error!(error = %error, "A sale report could not be made");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "This failed and was recorded; it is not your fault.")
    }

    pub fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
    }

    pub fn body(self) -> String {
        let errors = self.field.iter().map(|field| FieldError { field: field.clone(), detail: self.detail.clone() });
        let document = ProblemDocument {
            kind: self.name.map_or_else(|| "about:blank".to_owned(), |name| format!("urn:tributary:problem:{name}")),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            errors: errors.collect(),
            detail: self.detail,
            field: self.field,
        };
        json!(document).to_string()
    }
}

/// Why a request was not carried out (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// `urn:tributary:problem:` and a name, where the status does not say it all; else `about:blank`.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    /// What is wrong, in one sentence.
    detail: String,
    /// Where exactly one field or parameter is wrong: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Every field or parameter that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// One field that cannot be as it was given.
#[derive(Serialize, ToSchema)]
struct FieldError {
    field: String,
    detail: String,
}

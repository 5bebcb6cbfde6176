//! Refusals as `application/problem+json` (RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>).

use std::time::Duration;

use app::AppError;
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use connect::{ConnectError, ErrorKind};
use domain::settings::SettingError;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One field that cannot be as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    pub field: String,
    pub detail: String,
}

/// Why a request was not carried out, in words for the person who made it.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    /// What a program can tell it by; `None` where the status says it all.
    name: Option<&'static str>,
    detail: String,
    errors: Vec<FieldError>,
    more: Map<String, Value>,
    retry_after: Option<Duration>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, name: None, detail: detail.into(), errors: Vec::new(), more: Map::new(), retry_after: None }
    }

    pub fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
    }

    pub fn method(method: &Method) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("This address does not take {method}."))
    }

    /// 400 for a query parameter or header.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::of_field(StatusCode::BAD_REQUEST, name, detail)
    }

    /// 422 for one field of the body.
    pub fn field(name: &str, detail: impl Into<String>) -> Self {
        Self::of_field(StatusCode::UNPROCESSABLE_ENTITY, name, detail)
    }

    fn of_field(status: StatusCode, name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let errors = vec![FieldError { field: name.to_owned(), detail: detail.clone() }];
        Self { errors, ..Self::new(status, detail) }
    }

    /// 422 for every field of the body that cannot be as it was given; `Ok` if there is none.
    pub fn unless_empty(errors: Vec<FieldError>) -> Result<(), Self> {
        match errors.as_slice() {
            [] => Ok(()),
            [one] => Err(Self::field(&one.field, one.detail.clone())),
            _ => {
                let detail = "Several fields cannot be as they were given.";
                Err(Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) })
            }
        }
    }

    pub const fn status(&self) -> StatusCode {
        self.status
    }

    pub fn named(status: StatusCode, name: &'static str, detail: impl Into<String>) -> Self {
        Self { name: Some(name), ..Self::new(status, detail) }
    }

    pub fn conflict(name: &'static str, detail: impl Into<String>) -> Self {
        Self::named(StatusCode::CONFLICT, name, detail)
    }

    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn again_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// A platform was asked on the caller's behalf and did not do as asked. The log gets what the caller does not.
    pub fn of_platform(error: &ConnectError) -> Self {
        tracing::warn!(error = %error, "A platform did not answer as asked");
        let says = error.public_message.clone();
        match error.kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => {
                let wait = error.retry_after.unwrap_or(Duration::from_mins(1));
                Self::new(StatusCode::SERVICE_UNAVAILABLE, says).again_after(wait)
            }
            ErrorKind::Unauthorized | ErrorKind::ConfigInvalid => Self::conflict("connection-needs-attention", says),
            ErrorKind::Timeout => Self::new(StatusCode::GATEWAY_TIMEOUT, says),
            _ => Self::new(StatusCode::BAD_GATEWAY, says),
        }
    }
}

impl From<AppError> for Problem {
    /// Logs the failure: this is where it is handled.
    fn from(error: AppError) -> Self {
        match error {
            AppError::Connect(error) => Self::of_platform(&error),
            AppError::Storage(error) => Self::from(error),
            AppError::Port(error) => {
                tracing::error!(error = %error, "A request could not be carried out");
                Self::temporary()
            }
            error @ (AppError::Money(_) | AppError::OutOfRange) => {
                tracing::error!(error = %error, "A request could not be carried out");
                Self::internal()
            }
        }
    }
}

impl From<storage::StorageError> for Problem {
    /// Logs the failure: this is where it is handled.
    fn from(error: storage::StorageError) -> Self {
        tracing::error!(error = %error, "A request could not be carried out");
        if error.is_temporary() { Self::temporary() } else { Self::internal() }
    }
}

impl Problem {
    fn temporary() -> Self {
        let detail = "This cannot be done just now; try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).again_after(Duration::from_secs(1))
    }

    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "This failed and was recorded; it is not your fault.")
    }
}

impl From<SettingError> for FieldError {
    fn from(error: SettingError) -> Self {
        Self { field: error.field, detail: error.message }
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
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = self.name.map_or_else(|| "about:blank".to_owned(), |name| format!("urn:tributary:problem:{name}"));
        let field = match self.errors.as_slice() {
            [one] => Some(one.field.clone()),
            _ => None,
        };
        let document = ProblemDocument {
            kind,
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
            field,
            errors: self.errors,
            more: self.more,
        };
        let mut response = (self.status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

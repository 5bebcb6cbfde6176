//! Why a command was not carried out, in words for the person who typed it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde::Deserialize;

/// Never holds a token, a password or an answer's body.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Refused(Problem),
    #[error("You are not signed in to {0}: run `tributary login`.")]
    NotSignedIn(String),
    /// The sign-in refused, in Cognito's words.
    #[error("Signing in failed: {0}")]
    SignIn(String),
    /// What renewed the access is no longer good, in Cognito's words.
    #[error("Your access has ended ({0}): run `tributary login`.")]
    Ended(String),
    #[error("{asked} was not answered: {source}")]
    Unanswered { asked: String, source: reqwest::Error },
    #[error("{asked} was answered with something else than expected: {source}")]
    Odd { asked: String, source: serde_json::Error },
    #[error("{0}")]
    NotFound(String),
    /// Of many orders some were not taken; the table before it says which.
    #[error("{failed} of {all} orders were not taken.")]
    Partly { failed: usize, all: usize },
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} cannot be understood ({source}); delete it and run `tributary login`.", path = path.display())]
    Unreadable { path: PathBuf, source: serde_json::Error },
    #[error("{0}")]
    Here(String),
}

impl Failure {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }

    /// The sentence, with what lies beneath it.
    pub fn told(&self) -> String {
        use std::error::Error;
        let mut told = self.to_string();
        // An HTTP error says what happened only in its innermost source.
        if let Self::Unanswered { source, .. } = self {
            let mut inner: Option<&dyn Error> = source.source();
            while let Some(error) = inner {
                told = format!("{told}: {error}");
                inner = error.source();
            }
        }
        told
    }

    /// Whether the same again may succeed: a limit, a failure, silence, or whatever says when to come again.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.status == 429 || problem.status >= 500 || problem.retry_after.is_some(),
            Self::Unanswered { .. } => true,
            _ => false,
        }
    }

    pub const fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Refused(Problem { status: 401, .. }))
    }

    /// How long the API asked to be left alone.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(problem) => problem.retry_after,
            _ => None,
        }
    }
}

/// A refusal of the API, `application/problem+json`, or API Gateway's own `{"message": "..."}`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    title: String,
    detail: Option<String>,
    fields: Vec<Field>,
    retry_after: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Field {
    field: String,
    detail: String,
}

#[derive(Default, Deserialize)]
struct Document {
    title: Option<String>,
    detail: Option<String>,
    /// API Gateway's word for it.
    message: Option<String>,
    #[serde(default)]
    errors: Vec<Field>,
    field: Option<String>,
}

impl Problem {
    pub fn read(status: reqwest::StatusCode, body: &[u8], retry_after: Option<Duration>) -> Self {
        // What is no JSON comes from something in between: its status is all that it says.
        let document: Document = serde_json::from_slice(body).unwrap_or_default();
        let title = document.title.or_else(|| status.canonical_reason().map(str::to_owned));
        let detail = document.detail.or(document.message);
        let mut fields = document.errors;
        if let (true, Some(field), Some(detail)) = (fields.is_empty(), document.field, detail.clone()) {
            fields.push(Field { field, detail });
        }
        let title = title.unwrap_or_else(|| status.as_str().to_owned());
        Self { status: status.as_u16(), title, detail, fields, retry_after }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.title)?;
        if let Some(detail) = self.detail.as_deref().filter(|detail| *detail != self.title) {
            write!(f, ": {detail}")?;
        }
        match self.fields.as_slice() {
            [] => {}
            [one] => write!(f, " ({})", one.field)?,
            several => {
                for field in several {
                    write!(f, "\n  {}: {}", field.field, field.detail)?;
                }
            }
        }
        if self.status == 401 {
            write!(f, ". Run `tributary login`.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn told(status: u16, body: &str) -> String {
        Problem::read(StatusCode::from_u16(status).unwrap(), body.as_bytes(), None).to_string()
    }

    #[test]
    fn a_problem_is_told_with_title_detail_and_field() {
        let one = r#"{"title":"Unprocessable Entity","status":422,"detail":"The main store has no product 99.","field":"targets","errors":[{"field":"targets","detail":"The main store has no product 99."}]}"#;
        assert_eq!(told(422, one), "Unprocessable Entity: The main store has no product 99. (targets)");
        let two = r#"{"title":"Unprocessable Entity","detail":"Several fields cannot be as they were given.","errors":[{"field":"a","detail":"A."},{"field":"b","detail":"B."}]}"#;
        assert_eq!(
            told(422, two),
            "Unprocessable Entity: Several fields cannot be as they were given.\n  a: A.\n  b: B."
        );
        let without_list = r#"{"title":"Bad Request","detail":"Too short.","field":"search"}"#;
        assert_eq!(told(400, without_list), "Bad Request: Too short. (search)");
    }

    #[test]
    fn an_answer_that_is_not_ours_is_told_by_its_status() {
        assert_eq!(told(401, r#"{"message":"Unauthorized"}"#), "Unauthorized. Run `tributary login`.");
        assert_eq!(
            told(504, r#"{"message":"Endpoint request timed out"}"#),
            "Gateway Timeout: Endpoint request timed out"
        );
        assert_eq!(told(502, "<html>"), "Bad Gateway");
    }

    #[test]
    fn only_limits_failures_and_silence_are_tried_again() {
        let refused =
            |status| Failure::Refused(Problem::read(StatusCode::from_u16(status).unwrap(), b"", None)).is_temporary();
        assert!([429, 500, 502, 503, 504].into_iter().all(refused));
        assert!(![400, 401, 404, 409, 422].into_iter().any(refused));
    }
}

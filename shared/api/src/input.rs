//! What a request brings: path, query and JSON body, each refused with the name of the field that is wrong.

use std::ops::RangeInclusive;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;

use serde::Deserializer;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::problem::Problem;

/// The longest body in bytes.
pub(crate) const MAX_BODY: usize = 1_000_000;

/// The longest page of a list.
const MAX_LIMIT: u16 = 200;
const DEFAULT_LIMIT: u16 = 50;

/// Ids in the path. What cannot be an id names nothing.
pub(crate) struct Captured<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Captured<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(ids)| Self(ids)).map_err(|_| Problem::nothing_here())
    }
}

/// The query parameters, decoded.
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// Refuses parameters that the route does not have, and those given twice.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        for (i, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(Problem::parameter(name, format!("There is no query parameter `{name}` here.")));
            }
            if self.0[..i].iter().any(|(earlier, _)| earlier == name) {
                return Err(Problem::parameter(name, format!("`{name}` is given twice.")));
            }
        }
        Ok(())
    }

    /// All of them, for a route whose parameters are another's.
    pub fn into_pairs(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `limit`: how many entries a page has at most.
    pub fn limit(&self) -> Result<u16, Problem> {
        const LIMITS: RangeInclusive<u16> = 1..=MAX_LIMIT;
        let limit = self.text("limit").map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        limit
            .filter(|limit| LIMITS.contains(limit))
            .ok_or_else(|| Problem::parameter("limit", format!("`limit` is a number from 1 to {MAX_LIMIT}.")))
    }
}

/// A route without query parameters.
pub(crate) struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Query::from_request_parts(parts, state).await?.only(&[]).map(|()| Self)
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(&whole(request.into_body()).await?).map(Self)
    }
}

/// All of a body, if it is not too long.
pub(crate) async fn whole(body: axum::body::Body) -> Result<Bytes, Problem> {
    to_bytes(body, MAX_BODY).await.map_err(|_| {
        let detail = format!("The body has more than {MAX_BODY} bytes.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // The whole body first, so that what is not JSON is never called a wrong field.
    let not_json = |place: &str| Problem::parameter("body", format!("The body is not JSON{place}."));
    let text = std::str::from_utf8(bytes).map_err(|_| not_json(": it is no UTF-8"))?;
    let _: IgnoredAny = json::from_str(text)
        .map_err(|error| not_json(&format!(" (line {}, column {})", error.line(), error.column())))?;
    typed(json::strict(&mut serde_json::Deserializer::from_str(text)))
}

/// Reads what a JSON value or text holds; 422 with the field's path where it is something else.
pub(crate) fn typed<'de, T, D>(json: D) -> Result<T, Problem>
where
    T: DeserializeOwned,
    D: Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(json)
        .map_err(|error| wrong_field(&error.path().to_string(), &error.inner().to_string()))
}

/// Says what is expected and never what was given: that may be a secret.
fn wrong_field(path: &str, message: &str) -> Problem {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let field = match (path, missing) {
        (".", Some(missing)) => missing.to_owned(),
        (path, Some(missing)) => format!("{path}.{missing}"),
        (path, None) => path.to_owned(),
    };
    let detail = match (missing, message.split_once(", expected ")) {
        (Some(_), _) => format!("`{field}` is missing."),
        (None, Some((given, expected))) if given.starts_with("invalid ") => format!("`{field}` must be {expected}."),
        (None, Some((given, expected))) if given.starts_with("unknown field") => {
            format!("There is no field `{field}`; expected {expected}.")
        }
        (None, Some((_, expected))) => format!("`{field}` must be {expected}."),
        (None, None) => format!("`{field}`: {message}."),
    };
    if field == "." {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail.replace("`.`", "The body"))
    } else {
        Problem::field(&field, detail)
    }
}

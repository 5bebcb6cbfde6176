//! A request taken apart, and an answer put together.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::spec::Violation;

/// A request as the fake's parts read it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// As sent, percent-encoded.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn new(parts: &Parts, body: Bytes) -> Self {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query).into_owned().collect(),
            headers: parts.headers.clone(),
            body,
        }
    }

    /// The path's segments, decoded.
    pub(super) fn segments(&self) -> Vec<String> {
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        self.path.split('/').skip(1).map(decoded).collect()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Null where it is no JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A form's names and words, which the description gives but nothing checks.
    pub(super) fn form_violations(&self) -> Vec<Violation> {
        let form =
            self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let known: &[(&str, &[&str])] = match self.method {
            Method::POST if self.path.ends_with("/tracking") => &[
                ("tracking_code", &[]),
                ("carrier_name", &[]),
                ("send_bcc", &["true", "false"]),
                ("note_to_buyer", &[]),
            ],
            Method::PATCH if self.path.contains("/listings/") => &[("state", &["active", "inactive"])],
            _ => return Vec::new(),
        };
        let described = |name: &str, value: &str| {
            let words = known.iter().find(|(known, _)| *known == name).map(|(_, words)| *words);
            words.is_some_and(|words| words.is_empty() || words.contains(&value))
        };
        let fields = if form { self.form() } else { Vec::new() };
        let odd = fields.into_iter().filter(|(name, value)| !described(name, value));
        let violation = |(name, value): (String, String)| Violation {
            operation: format!("{} {}", self.method, self.path),
            place: format!("body {name}"),
            message: format!("`{value}` is not described"),
        };
        odd.map(violation).collect()
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Answer {
    pub(super) const fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub(super) const fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

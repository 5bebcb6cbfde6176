//! The log of every request that a fake received, and what it answered.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;

use crate::{Pattern, locked};

/// One request as it arrived, credentials included, so that tests can assert on them.
#[derive(Debug, Clone)]
pub struct Call {
    pub at: Timestamp,
    pub method: Method,
    pub path: String,
    /// The query string without `?`, as sent.
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// What the caller saw. `None`: no answer (yet), or the connection was closed instead.
    pub status: Option<StatusCode>,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Shared by every clone.
#[derive(Debug, Clone, Default)]
pub struct CallLog(Arc<Mutex<Vec<Call>>>);

/// Where a call stands in the log, to add its status later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallNumber(usize);

impl CallLog {
    pub(crate) fn record(&self, call: Call) -> CallNumber {
        let mut calls = locked(&self.0);
        calls.push(call);
        CallNumber(calls.len() - 1)
    }

    pub(crate) fn answered(&self, number: CallNumber, status: StatusCode) {
        if let Some(call) = locked(&self.0).get_mut(number.0) {
            call.status = Some(status);
        }
    }

    pub fn all(&self) -> Vec<Call> {
        locked(&self.0).clone()
    }

    /// The calls to e.g. `"POST */orders"`, oldest first.
    pub fn to(&self, pattern: &str) -> Vec<Call> {
        let pattern = Pattern::from(pattern);
        locked(&self.0).iter().filter(|call| pattern.matches(&call.method, &call.path)).cloned().collect()
    }

    pub fn count(&self, pattern: &str) -> usize {
        let pattern = Pattern::from(pattern);
        locked(&self.0).iter().filter(|call| pattern.matches(&call.method, &call.path)).count()
    }

    /// Forgets what was recorded. Calls that are still being answered are then not completed.
    pub fn clear(&self) {
        locked(&self.0).clear();
    }
}

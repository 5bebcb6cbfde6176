//! Webhooks, verified on the raw bytes and taken as hints only.

use std::collections::BTreeMap;

/// A webhook as it came in: header names in lower case, the body's raw bytes.
#[derive(Debug)]
pub struct WebhookRequest<'a> {
    pub headers: &'a BTreeMap<String, String>,
    pub body: &'a [u8],
}

/// What a genuine webhook asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookHint {
    /// Bring the connection's next poll forward.
    PollSoon,
    /// Genuine, but nothing to do (a test ping).
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    #[error("the signature is missing or wrong")]
    BadSignature,
    #[error("this platform sends no webhooks that Tributary reads")]
    Unsupported,
}

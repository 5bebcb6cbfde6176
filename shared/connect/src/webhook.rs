//! Webhooks, verified on the raw bytes and taken as hints only.

use std::collections::BTreeMap;

use domain::{AccountId, ChannelOrderId};
use serde::{Deserialize, Serialize};

/// A webhook as it came in: header names in lower case, the body's raw bytes.
#[derive(Debug)]
pub struct WebhookRequest<'a> {
    pub headers: &'a BTreeMap<String, String>,
    pub body: &'a [u8],
}

/// What a genuine webhook asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookHint {
    /// Bring the connection's next poll forward.
    PollSoon,
    /// This order changed: read it by itself.
    Order(ChannelOrderId),
    /// The platform hands on what the law gives a buyer.
    Privacy(PrivacyRequest),
    /// Genuine, but nothing to do (a test ping).
    Nothing,
}

/// What a platform says through a queue of the owner's own instead of a webhook: whose order changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub platform: &'static str,
    pub account: AccountId,
    pub order: ChannelOrderId,
}

/// The setting that names the queue of such a connection.
pub const NOTIFICATION_QUEUE: &str = "notification_queue";

/// What a platform asks for a buyer, or for all of them. Orders are named by the platform's ids: of the channel, or of the
/// main store. Nothing else about the buyer is carried on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyRequest {
    /// Forget who bought these orders.
    Forget { orders: Vec<String> },
    /// The shop is gone from the platform's side: forget who bought there.
    ShopGone,
    /// A buyer asks what is kept of them; `request` is the platform's own number of the question.
    Tell { request: String, orders: Vec<String> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    #[error("the signature is missing or wrong")]
    BadSignature,
    #[error("this platform sends no webhooks that Tributary reads")]
    Unsupported,
}

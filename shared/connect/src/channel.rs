//! The role *channel*: where orders come from.

use std::fmt;

use async_trait::async_trait;
use domain::shipment::{Package, Tracking};
use domain::{AccountId, ChannelOrder, ChannelOrderId, ListingKey, Sku};
use jiff::Timestamp;
use url::Url;

use crate::error::ConnectError;
use crate::webhook::{WebhookHint, WebhookRefused, WebhookRequest};
use crate::{ChannelCapabilities, ErrorKind};

/// Half-open in the channel's own time: `from <= modified < to`. A platform whose filter is coarser gives more, never less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Where the next page is, in the connector's own terms. Valid within one window only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken(pub String);

/// One page of a list.
///
/// Where the platform pages by offset, the connector reads the pages from last to first, so that an entry leaving the
/// window repeats others and hides none.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<PageToken>,
    /// The platform's clock when it answered (its `Date` header).
    pub server_time: Option<Timestamp>,
}

/// One order of a page: read, or kept as it came.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "almost every one is an order; boxing it would cost more than it saves")]
pub enum Incoming {
    Order(ChannelOrder),
    Unreadable(Unreadable),
}

/// An order that could not be read: its bytes are kept and shown, the others go on.
#[derive(Clone)]
pub struct Unreadable {
    pub remote_id: Option<String>,
    pub raw: Vec<u8>,
    /// One sentence for the merchant.
    pub why: String,
    /// Where and what, for the engineer; no buyer data.
    pub context: String,
}

impl fmt::Debug for Unreadable {
    /// Leaves the raw bytes out: they may hold buyer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { remote_id, raw, why, context } = self;
        f.debug_struct("Unreadable")
            .field("remote_id", remote_id)
            .field("bytes", &raw.len())
            .field("why", why)
            .field("context", context)
            .finish()
    }
}

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// What a person calls it: the seller's name, the shop's address.
    pub name: String,
}

/// A product as sold on the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub key: ListingKey,
    pub sku: Option<Sku>,
    pub barcode: Option<String>,
    pub title: String,
    pub active: bool,
    pub quantity: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityUpdate {
    pub listing: ListingKey,
    pub sku: Option<Sku>,
    pub quantity: u32,
}

/// What the channel said when it was told of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentSent {
    pub remote_id: Option<String>,
}

/// A channel. A capability that the platform lacks answers with [`ErrorKind::Unsupported`].
#[async_trait]
pub trait SalesChannel: Send + Sync {
    fn capabilities(&self) -> &'static ChannelCapabilities;

    /// Checks the credentials and says whose they are.
    async fn account(&self) -> Result<Account, ConnectError>;

    /// Orders modified in the window, any status. `page` is `None` for the first page.
    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError>;

    /// Orders created in the window, any status: for a backfill. `page` is `None` for the first page.
    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError>;

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError>;

    async fn listings(&self, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError>;

    /// Sets absolute quantities; one answer per update, in their order.
    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError>;

    /// Tells the channel of one package. Not idempotent by itself: an ambiguous earlier attempt is looked up first.
    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError>;

    /// The channel's own name of a carrier that others call so; `None`: it knows none of this name. Blanks, signs and case do
    /// not count. Where [`ChannelCapabilities::carriers`] is empty, any name is good.
    fn carrier_code(&self, name: &str) -> Option<&'static str> {
        self.capabilities().carrier_code(name)
    }

    /// Changes the tracking of a package that the channel has: it is known there by `before`. Repeating it changes nothing.
    /// Only where [`ChannelCapabilities::edit_tracking`] says so.
    async fn edit_tracking(
        &self,
        _order: &ChannelOrderId,
        _before: &str,
        _tracking: &Tracking,
    ) -> Result<(), ConnectError> {
        Err(ConnectError::unsupported("channel.edit_tracking", "This channel"))
    }

    /// The packages that the channel knows of an order.
    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<domain::Shipment>, ConnectError>;

    /// The main store's number of an order that its own checkout took, for a platform that lists those beside its own (B8):
    /// it is there already. Read from the order, nothing is asked.
    fn placed_in_store(&self, _order: &ChannelOrder) -> Option<String> {
        None
    }

    /// Leaves the buyer a good feedback. Once per order; repeating it changes nothing.
    async fn leave_feedback(&self, _order: &ChannelOrder, _text: &str) -> Result<(), ConnectError> {
        Err(ConnectError::unsupported("channel.leave_feedback", "This channel"))
    }

    /// Makes the platform call `to` when something changes: creates what is missing, mends what the platform has switched
    /// off. Repeating it changes nothing.
    async fn subscribe(&self, _to: &Url) -> Result<(), ConnectError> {
        Err(ConnectError::unsupported("channel.subscribe", "This channel"))
    }

    /// Takes back exactly the webhooks that call `to`. Repeating it changes nothing.
    async fn unsubscribe(&self, _to: &Url) -> Result<(), ConnectError> {
        Err(ConnectError::unsupported("channel.unsubscribe", "This channel"))
    }

    /// Verifies a webhook on its raw bytes. It is only a hint: what it says is read again by the next poll.
    fn read_webhook(&self, _request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        Err(WebhookRefused::Unsupported)
    }
}

impl Page<Incoming> {
    pub const fn empty(server_time: Option<Timestamp>) -> Self {
        Self { items: Vec::new(), next: None, server_time }
    }
}

impl From<ErrorKind> for &'static str {
    /// The kind's name in messages and metrics.
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::RateLimited => "rate_limited",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Network => "network",
            ErrorKind::Unauthorized => "unauthorized",
            ErrorKind::ConfigInvalid => "config_invalid",
            ErrorKind::InvalidOrder => "invalid_order",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Decode => "decode",
            ErrorKind::AlreadyExists => "already_exists",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::Unexpected => "unexpected",
        }
    }
}

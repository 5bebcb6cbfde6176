//! What is worth telling: the events on the bus, each with ids and words and never with buyer data (docs/events.md).

use async_trait::async_trait;
use domain::{ConnectionId, OrderId, ProductId, StoreOrderId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::PortError;

/// The version of every event's fields. A field may be added within a version; nothing else may change.
pub const EVENT_VERSION: u32 = 1;

/// Something worth telling. It is told after what it tells of was stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum DomainEvent {
    /// A channel order stands in the main store now, created or found there.
    OrderImported { order_id: OrderId, connection_id: ConnectionId, store_order: StoreOrderId, store_number: String },
    /// The main store refused the order for good, or a person must decide.
    OrderImportFailed { order_id: OrderId, connection_id: ConnectionId, why: String },
    /// The order waits because these items have no link.
    OrderHasUnlinkedProducts { order_id: OrderId, connection_id: ConnectionId, items: Vec<String> },
    /// The channel sent an order that could not be read; its bytes are kept.
    OrderUnreadable { connection_id: ConnectionId, remote_id: Option<String> },
    /// The store's order is not what was sent; one entry for each difference.
    OrderDiffers { order_id: OrderId, connection_id: ConnectionId, differences: Vec<String> },
    /// The order was canceled, on its channel or by the main store's people.
    OrderCanceled { order_id: OrderId, connection_id: ConnectionId, by: Side },
    /// Two orders of the main store carry one reference of ours.
    DuplicateInStore { order_id: OrderId, store_orders: Vec<String> },
    /// A package was told to the other side; `package` counts the order's packages from 1.
    ShipmentSent { order_id: OrderId, connection_id: ConnectionId, to: Side, package: u32 },
    /// More units were sold than there are; `short` is by how many.
    Oversold { order_id: OrderId, connection_id: ConnectionId, product: ProductId, short: u32 },
    /// The channel does not take the quantity of this listing. Once for each quantity.
    ListingRefused { connection_id: ConnectionId, listing: String, why: String },
    /// So many of the channel's linked listings would have gone to zero at once that a person is asked; nothing is set meanwhile.
    StockPaused { connection_id: ConnectionId, zeros: u32, listings: u32 },
    /// No call is made any more until a person reconnects it.
    ConnectionNeedsAttention { connection_id: ConnectionId, why: String },
    /// A buyer asks, through the platform, what is kept of them; the orders by the platform's own ids.
    BuyerDataRequested { connection_id: ConnectionId, request: String, orders: Vec<String> },
    /// No complete poll of the channel since then. Once for each stall.
    ChannelStalled { connection_id: ConnectionId, since: Timestamp, why: Option<String> },
    /// The channel that had stalled is read again.
    ChannelRecovered { connection_id: ConnectionId },
    /// The main store has not answered since then. Once for each outage, however many orders wait.
    MainStoreUnavailable { connection_id: ConnectionId, since: Timestamp, why: Option<String> },
    /// The main store that had not answered does again.
    MainStoreRecovered { connection_id: ConnectionId },
    /// The nightly comparison found what the sides do not agree on; `GET /reconcile` names each.
    ReconcileFoundGaps { run: String, healed: u32, open: u32 },
}

/// One of the two sides of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Channel,
    MainStore,
}

impl DomainEvent {
    /// The event's `detail-type` on the bus.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OrderImported { .. } => "OrderImported",
            Self::OrderImportFailed { .. } => "OrderImportFailed",
            Self::OrderHasUnlinkedProducts { .. } => "OrderHasUnlinkedProducts",
            Self::OrderUnreadable { .. } => "OrderUnreadable",
            Self::OrderDiffers { .. } => "OrderDiffers",
            Self::OrderCanceled { .. } => "OrderCanceled",
            Self::DuplicateInStore { .. } => "DuplicateInStore",
            Self::ShipmentSent { .. } => "ShipmentSent",
            Self::Oversold { .. } => "Oversold",
            Self::ListingRefused { .. } => "ListingRefused",
            Self::StockPaused { .. } => "StockPaused",
            Self::ConnectionNeedsAttention { .. } => "ConnectionNeedsAttention",
            Self::BuyerDataRequested { .. } => "BuyerDataRequested",
            Self::ChannelStalled { .. } => "ChannelStalled",
            Self::ChannelRecovered { .. } => "ChannelRecovered",
            Self::MainStoreUnavailable { .. } => "MainStoreUnavailable",
            Self::MainStoreRecovered { .. } => "MainStoreRecovered",
            Self::ReconcileFoundGaps { .. } => "ReconcileFoundGaps",
        }
    }
}

/// How urgent a trouble is for the owner, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    MainStoreUnavailable,
    ConnectionNeedsAttention,
    BuyerDataRequested,
    DuplicateInStore,
    StockPaused,
    Oversold,
    OrderImportFailed,
    OrderDiffers,
    OrderUnreadable,
    ChannelStalled,
    ListingRefused,
    OrderHasUnlinkedProducts,
    ReconcileFoundGaps,
}

impl DomainEvent {
    /// The trouble that the owner gets a mail about; `None`: nothing to do for anybody.
    pub const fn trouble(&self) -> Option<Trouble> {
        Some(match self {
            Self::MainStoreUnavailable { .. } => Trouble::MainStoreUnavailable,
            Self::ConnectionNeedsAttention { .. } => Trouble::ConnectionNeedsAttention,
            Self::BuyerDataRequested { .. } => Trouble::BuyerDataRequested,
            Self::DuplicateInStore { .. } => Trouble::DuplicateInStore,
            Self::StockPaused { .. } => Trouble::StockPaused,
            Self::Oversold { .. } => Trouble::Oversold,
            Self::ListingRefused { .. } => Trouble::ListingRefused,
            Self::OrderImportFailed { .. } => Trouble::OrderImportFailed,
            Self::OrderDiffers { .. } => Trouble::OrderDiffers,
            Self::OrderUnreadable { .. } => Trouble::OrderUnreadable,
            Self::ChannelStalled { .. } => Trouble::ChannelStalled,
            Self::OrderHasUnlinkedProducts { .. } => Trouble::OrderHasUnlinkedProducts,
            Self::ReconcileFoundGaps { .. } => Trouble::ReconcileFoundGaps,
            Self::OrderImported { .. }
            | Self::OrderCanceled { .. }
            | Self::ShipmentSent { .. }
            | Self::ChannelRecovered { .. }
            | Self::MainStoreRecovered { .. } => return None,
        })
    }

    pub const fn connection(&self) -> Option<&ConnectionId> {
        match self {
            Self::OrderImported { connection_id, .. }
            | Self::OrderImportFailed { connection_id, .. }
            | Self::OrderHasUnlinkedProducts { connection_id, .. }
            | Self::OrderUnreadable { connection_id, .. }
            | Self::OrderDiffers { connection_id, .. }
            | Self::OrderCanceled { connection_id, .. }
            | Self::ShipmentSent { connection_id, .. }
            | Self::Oversold { connection_id, .. }
            | Self::ListingRefused { connection_id, .. }
            | Self::StockPaused { connection_id, .. }
            | Self::ConnectionNeedsAttention { connection_id, .. }
            | Self::BuyerDataRequested { connection_id, .. }
            | Self::ChannelStalled { connection_id, .. }
            | Self::ChannelRecovered { connection_id }
            | Self::MainStoreUnavailable { connection_id, .. }
            | Self::MainStoreRecovered { connection_id } => Some(connection_id),
            Self::DuplicateInStore { .. } | Self::ReconcileFoundGaps { .. } => None,
        }
    }

    /// Since when a connection has been in trouble.
    pub const fn since(&self) -> Option<Timestamp> {
        match self {
            Self::ChannelStalled { since, .. } | Self::MainStoreUnavailable { since, .. } => Some(*since),
            _ => None,
        }
    }

    pub const fn order(&self) -> Option<OrderId> {
        match self {
            Self::OrderImported { order_id, .. }
            | Self::OrderImportFailed { order_id, .. }
            | Self::OrderHasUnlinkedProducts { order_id, .. }
            | Self::OrderDiffers { order_id, .. }
            | Self::OrderCanceled { order_id, .. }
            | Self::DuplicateInStore { order_id, .. }
            | Self::ShipmentSent { order_id, .. }
            | Self::Oversold { order_id, .. } => Some(*order_id),
            _ => None,
        }
    }
}

/// An event as it travels: the `detail` on the bus.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EventDetail {
    /// See [`EVENT_VERSION`].
    pub version: u32,
    /// When it was told.
    pub at: Timestamp,
    #[serde(flatten)]
    pub event: DomainEvent,
}

impl EventDetail {
    pub const fn new(event: DomainEvent, at: Timestamp) -> Self {
        Self { version: EVENT_VERSION, at, event }
    }
}

#[async_trait]
pub trait Events: Send + Sync {
    async fn publish(&self, event: DomainEvent) -> Result<(), PortError>;
}

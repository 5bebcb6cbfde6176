//! The role *main store*: where orders are imported into.

use async_trait::async_trait;
use domain::readback::StoreOrder;
use domain::refund::NewRefund;
use domain::shipment::Package;
use domain::{Currency, Money, ProductId, Reference, Sku, StoreOrderDraft, StoreOrderId};
use jiff::Timestamp;
use url::Url;

use crate::StoreCapabilities;
use crate::channel::{Account, Page, PageToken, Window};
use crate::error::ConnectError;
use crate::webhook::{WebhookHint, WebhookRefused, WebhookRequest};

/// What connecting found out about the store; kept with the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreProfile {
    pub account: Account,
    pub currency: Currency,
    /// Facts probed at connect that the connector wants back each time (`created_via` is honoured ...).
    pub probed: std::collections::BTreeMap<String, String>,
}

/// A product variant of the main store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub sku: Option<Sku>,
    pub barcode: Option<String>,
    pub name: String,
    /// `None`: the store does not manage this product's stock.
    pub stock: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    pub product: ProductId,
    /// `None`: not managed.
    pub quantity: Option<i64>,
}

/// A relative move of stock. `key` makes it exact where the store takes keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMove {
    pub product: ProductId,
    pub delta: i64,
    pub key: String,
}

/// An order of the store that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreChange {
    pub id: StoreOrderId,
    pub number: String,
    /// Says whether it is ours.
    pub reference: Option<Reference>,
    pub modified_at: Timestamp,
    /// What its lines are of: their stock may have moved.
    pub products: Vec<ProductId>,
    /// The order itself. A store that reads it by a call of its own leaves it out where it says nothing beyond that: it is
    /// not ours, or is open and has no package.
    pub order: Option<StoreOrder>,
}

impl From<StoreOrder> for StoreChange {
    fn from(order: StoreOrder) -> Self {
        Self {
            id: order.id.clone(),
            number: order.number.clone(),
            reference: order.reference,
            modified_at: order.modified_at,
            products: order.lines.iter().filter_map(|line| line.product.clone()).collect(),
            order: Some(order),
        }
    }
}

/// What a look-up by reference brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub orders: Vec<StoreOrder>,
    /// The store's clock when it answered (its `Date` header).
    pub server_time: Option<Timestamp>,
}

/// A main store. A capability that the platform lacks answers with `ErrorKind::Unsupported`.
#[async_trait]
pub trait MainStore: Send + Sync {
    fn capabilities(&self) -> &'static StoreCapabilities;

    /// Checks the credentials, and probes what the connector needs to know of this very store.
    async fn profile(&self) -> Result<StoreProfile, ConnectError>;

    async fn products_by_sku(&self, skus: &[Sku]) -> Result<Vec<Product>, ConnectError>;

    async fn products(&self, page: Option<&PageToken>) -> Result<Page<Product>, ConnectError>;

    /// Creates the order. Exactly one request that creates; the answer is what the store then holds.
    async fn create_order(&self, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError>;

    /// The body of the request by which [`Self::create_order`] would create the order, byte for byte. Nothing is sent.
    fn preview(&self, draft: &StoreOrderDraft) -> Result<String, ConnectError>;

    /// Brings an order that differs from its draft to what was meant, in place and by the ids of `found`; never a second
    /// create (R3). Only where [`StoreCapabilities::mends`] says so.
    async fn mend(
        &self,
        _id: &StoreOrderId,
        _draft: &StoreOrderDraft,
        _found: &StoreOrder,
    ) -> Result<StoreOrder, ConnectError> {
        Err(ConnectError::unsupported("store.mend", "This main store"))
    }

    /// Every order of the store that carries one of the references, created at or after `since` in the store's time;
    /// more than one per reference is possible and is all returned. Trashed ones included.
    async fn find_by_reference(&self, references: &[Reference], since: Timestamp) -> Result<Found, ConnectError>;

    async fn order(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError>;

    /// Orders of the store, ours or not, modified in the window.
    async fn changes(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<StoreChange>, ConnectError>;

    async fn mark_paid(&self, id: &StoreOrderId, paid_total: Money) -> Result<StoreOrder, ConnectError>;

    /// Writes a package and its tracking on the store's order; `completes` also makes the order completed. Repeating it changes nothing.
    /// The lines bear the channel's names and the store's units, as those of [`StoreOrder::shipments`] do.
    async fn ship(&self, id: &StoreOrderId, package: &Package, completes: bool) -> Result<StoreOrder, ConnectError>;

    /// Marks the order as completed, without a package of its own.
    async fn complete(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError>;

    /// Cancels the order; the answer says which lines the store restocked by itself.
    async fn cancel(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError>;

    /// Records what the channel has returned already; never moves money. Where the store's refunds restock
    /// ([`StoreCapabilities::refunds_restock`]), the units come back in the same call. The refund's key names it: repeating
    /// it records and restocks nothing. The answer is the order as it is then.
    async fn record_refund(&self, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError>;

    async fn stock(&self, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError>;

    /// Moves one product's stock and answers with the level after it.
    async fn move_stock(&self, stock_move: &StockMove) -> Result<StockLevel, ConnectError>;

    /// Makes the platform call `to` when something changes: creates what is missing, mends what the platform has switched
    /// off. Repeating it changes nothing.
    async fn subscribe(&self, _to: &Url) -> Result<(), ConnectError> {
        Err(ConnectError::unsupported("store.subscribe", "This main store"))
    }

    /// Takes back exactly the webhooks that call `to`. Repeating it changes nothing.
    async fn unsubscribe(&self, _to: &Url) -> Result<(), ConnectError> {
        Err(ConnectError::unsupported("store.unsubscribe", "This main store"))
    }

    /// Verifies a webhook on its raw bytes. It is only a hint: what it says is read again by the next poll.
    fn read_webhook(&self, _request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        Err(WebhookRefused::Unsupported)
    }
}

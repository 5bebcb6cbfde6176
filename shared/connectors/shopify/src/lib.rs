//! The shopify connector: a shop on the Admin GraphQL API as the main store, and as a channel.

mod api;
mod auth;
mod body;
mod channel;
mod config;
mod consent;
mod draft;
mod error;
mod ids;
mod map_channel;
mod map_store;
mod packages;
mod people;
mod products;
mod refund;
mod ship;
mod store;
mod taxes;
#[cfg(test)]
mod testing;
mod webhook;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Account, ChannelCapabilities, ConnectError, ConnectionConfig, CreationTime, Found, Http, Incoming, Listing,
    MainStore, Page, PageToken, Product, QuantityUpdate, SalesChannel, ShipmentSent, StockLevel, StockMove,
    StoreCapabilities, StoreChange, StoreProfile, TokenStore, Unreadable, WebhookHint, WebhookRefused, WebhookRequest,
    Window,
};
use domain::draft::StoreOrderDraft;
use domain::readback::StoreOrder;
use domain::refund::NewRefund;
use domain::shipment::{Package, Shipment, Tracking};
use domain::{ChannelOrder, ChannelOrderId, Money, ProductId, Reference, Sku, StoreOrderId};
use jiff::Timestamp;
use url::Url;

use crate::api::{Api, By};
use crate::config::Config;

pub use crate::consent::CONSENT;

pub const CHANNEL: ChannelCapabilities = ChannelCapabilities {
    creation_time: CreationTime::Immutable,
    unpaid_orders: true,
    // A shop that charges no tax states none, whether its prices hold some or not.
    zero_tax_is_unknown: true,
    // Only for parcels of some carriers, so that others would never be completed.
    reports_delivery: false,
    refund_quantities: true,
    set_quantity: true,
    ship: true,
    ship_without_tracking: true,
    edit_tracking: true,
    merges_orders: false,
    leave_feedback: false,
    webhooks: true,
    // Lists are read from a search index, of which no lag is promised.
    list_lag_seconds: 60,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

pub const STORE: StoreCapabilities = StoreCapabilities {
    text_lines: true,
    keep_order_number: true,
    // Shopify states no limit; a longer name is of no use to anybody.
    max_order_number: 40,
    tax_label: true,
    customer_notifications: false,
    owner_new_order_mail: false,
    receipt_mail: true,
    fulfilment_mail: true,
    marketing_consent: true,
    any_currency: true,
    deducts_paid: true,
    deducts_unpaid: true,
    restocks_on_cancel: true,
    refunds_restock: true,
    keyed_stock_moves: true,
    // Order editing changes quantities and adds lines; the price of a line stays what it was.
    mends: false,
    channel_liable_tax: true,
    webhooks: true,
    longest_execution_seconds: 60,
    // The look-up reads a search index, of which no lag is promised.
    search_lag_seconds: 120,
};

/// One shop.
#[derive(Debug)]
pub struct Shopify {
    api: Api,
}

impl Shopify {
    pub fn new(config: &ConnectionConfig, http: Http, tokens: Arc<dyn TokenStore>) -> Result<Self, ConfigError> {
        Ok(Self { api: Api::new(Config::new(config)?, http, tokens) })
    }
}

/// Reads an order as the list gives it: the JSON of one node of `orders`.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map_channel::read(raw)
}

#[async_trait]
impl MainStore for Shopify {
    fn capabilities(&self) -> &'static StoreCapabilities {
        &STORE
    }

    async fn profile(&self) -> Result<StoreProfile, ConnectError> {
        store::profile(&self.api).await
    }

    async fn products_by_sku(&self, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
        products::by_sku(&self.api, skus).await
    }

    async fn products(&self, page: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
        products::products(&self.api, page).await
    }

    async fn create_order(&self, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
        store::create_order(&self.api, draft).await
    }

    fn preview(&self, draft: &StoreOrderDraft) -> Result<String, ConnectError> {
        store::preview(draft)
    }

    async fn find_by_reference(&self, references: &[Reference], _since: Timestamp) -> Result<Found, ConnectError> {
        store::find_by_reference(&self.api, references).await
    }

    async fn order(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        store::order(&self.api, id).await
    }

    async fn changes(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<StoreChange>, ConnectError> {
        store::changes(&self.api, window, page).await
    }

    async fn mark_paid(&self, id: &StoreOrderId, paid_total: Money) -> Result<StoreOrder, ConnectError> {
        store::mark_paid(&self.api, id, paid_total).await
    }

    async fn ship(&self, id: &StoreOrderId, package: &Package, completes: bool) -> Result<StoreOrder, ConnectError> {
        ship::as_store(&self.api, id, package, completes).await
    }

    async fn complete(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        ship::complete(&self.api, id).await
    }

    async fn cancel(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        store::cancel(&self.api, id).await
    }

    async fn record_refund(&self, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
        refund::record(&self.api, id, refund).await
    }

    async fn stock(&self, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
        products::levels(&self.api, products).await
    }

    async fn move_stock(&self, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
        products::move_stock(&self.api, stock_move).await
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        webhook::subscribe(&self.api, to, true).await
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        webhook::unsubscribe(&self.api, to).await
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        webhook::read(&self.api.config.secrets, request)
    }
}

#[async_trait]
impl SalesChannel for Shopify {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &CHANNEL
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        channel::account(&self.api).await
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        channel::orders(&self.api, By::Modified, window, page).await
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        channel::orders(&self.api, By::Created, window, page).await
    }

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        channel::order(&self.api, id).await
    }

    async fn listings(&self, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        products::listings(&self.api, page).await
    }

    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        products::set_quantities(&self.api, updates).await
    }

    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
        ship::as_channel(&self.api, order, package).await
    }

    async fn edit_tracking(
        &self,
        order: &ChannelOrderId,
        before: &str,
        tracking: &Tracking,
    ) -> Result<(), ConnectError> {
        ship::edit_tracking(&self.api, order, before, tracking).await
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        ship::shipments(&self.api, order).await
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        webhook::subscribe(&self.api, to, false).await
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        webhook::unsubscribe(&self.api, to).await
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        webhook::read(&self.api.config.secrets, request)
    }
}

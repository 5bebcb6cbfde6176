//! The woocommerce connector: a shop on the REST API v3 as the main store, and as a channel.

mod amounts;
mod api;
mod auth;
mod body;
#[cfg(test)]
mod captures;
mod channel;
mod config;
mod error;
mod hooks;
mod ids;
mod map_channel;
mod map_store;
mod mend;
mod paging;
mod people;
mod products;
mod refund;
mod store;
mod tracking;
mod webhook;
mod wire;

use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Account, ChannelCapabilities, ConnectError, ConnectionConfig, CreationTime, Found, Http, Incoming, Listing,
    MainStore, Page, PageToken, Product, QuantityUpdate, SalesChannel, ShipmentSent, StockLevel, StockMove,
    StoreCapabilities, StoreChange, StoreProfile, Unreadable, WebhookHint, WebhookRefused, WebhookRequest, Window,
};
use domain::draft::StoreOrderDraft;
use domain::readback::StoreOrder;
use domain::refund::NewRefund;
use domain::shipment::{Package, Shipment};
use domain::{ChannelOrder, ChannelOrderId, Money, ProductId, Reference, Sku, StoreOrderId};
use jiff::Timestamp;
use url::Url;

use crate::api::Api;
use crate::config::Config;

pub const CHANNEL: ChannelCapabilities = ChannelCapabilities {
    // The owner can change an order's date in the shop's back office.
    creation_time: CreationTime::Editable,
    unpaid_orders: true,
    zero_tax_is_unknown: true,
    reports_delivery: false,
    refund_quantities: true,
    set_quantity: true,
    ship: true,
    ship_without_tracking: true,
    edit_tracking: false,
    merges_orders: false,
    leave_feedback: false,
    webhooks: true,
    // The list reads the database itself; some seconds cover requests that are still being written.
    list_lag_seconds: 5,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

pub const STORE: StoreCapabilities = StoreCapabilities {
    text_lines: true,
    keep_order_number: false,
    max_order_number: 0,
    tax_label: true,
    customer_notifications: true,
    owner_new_order_mail: true,
    receipt_mail: false,
    fulfilment_mail: false,
    marketing_consent: false,
    any_currency: true,
    deducts_paid: true,
    deducts_unpaid: false,
    keyed_stock_moves: false,
    mends: true,
    channel_liable_tax: false,
    restocks_on_cancel: true,
    refunds_restock: true,
    webhooks: true,
    // PHP goes on after the caller has hung up (capture 82); hosts cut it off after one to two minutes.
    longest_execution_seconds: 120,
    // The list reads the database itself; a replica or a cache in front of it may be late.
    search_lag_seconds: 120,
};

/// One shop.
#[derive(Debug)]
pub struct WooCommerce {
    api: Api,
}

impl WooCommerce {
    pub fn new(config: &ConnectionConfig, http: Http) -> Result<Self, ConfigError> {
        Ok(Self { api: Api::new(Config::new(config)?, http) })
    }
}

/// Reads an order as the shop's API or one of its webhooks writes it.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map_channel::read(raw)
}

#[async_trait]
impl MainStore for WooCommerce {
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

    async fn find_by_reference(&self, references: &[Reference], since: Timestamp) -> Result<Found, ConnectError> {
        store::find_by_reference(&self.api, references, since).await
    }

    async fn order(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        store::order(&self.api, id).await
    }

    async fn changes(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<StoreChange>, ConnectError> {
        store::changes(&self.api, window, page).await
    }

    async fn mend(
        &self,
        id: &StoreOrderId,
        draft: &StoreOrderDraft,
        _found: &StoreOrder,
    ) -> Result<StoreOrder, ConnectError> {
        mend::mend(&self.api, id, draft).await
    }

    async fn mark_paid(&self, id: &StoreOrderId, paid_total: Money) -> Result<StoreOrder, ConnectError> {
        store::mark_paid(&self.api, id, paid_total).await
    }

    async fn ship(&self, id: &StoreOrderId, package: &Package, completes: bool) -> Result<StoreOrder, ConnectError> {
        store::ship(&self.api, id, package, completes).await
    }

    async fn complete(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        store::complete(&self.api, id).await
    }

    async fn cancel(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        store::cancel(&self.api, id).await
    }

    async fn record_refund(&self, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
        refund::record(&self.api, id, refund).await
    }

    async fn stock(&self, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
        products::stock(&self.api, products).await
    }

    async fn move_stock(&self, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
        products::move_stock(&self.api, stock_move).await
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        hooks::subscribe(&self.api, to).await
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        hooks::unsubscribe(&self.api, to).await
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        webhook::read(self.api.config.webhook_secret.as_ref(), request)
    }
}

#[async_trait]
impl SalesChannel for WooCommerce {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &CHANNEL
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        channel::account(&self.api).await
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        channel::orders(&self.api, store::By::Modified, window, page).await
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        channel::orders(&self.api, store::By::Created, window, page).await
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
        channel::ship(&self.api, order, package).await
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        channel::shipments(&self.api, order).await
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        hooks::subscribe(&self.api, to).await
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        hooks::unsubscribe(&self.api, to).await
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        webhook::read(self.api.config.webhook_secret.as_ref(), request)
    }
}

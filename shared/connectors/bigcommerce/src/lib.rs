//! The bigcommerce connector: a store on the management API as the main store, and as a channel.

mod amounts;
mod api;
mod auth;
mod body;
mod channel;
mod config;
mod error;
#[cfg(test)]
mod examples;
mod hooks;
mod ids;
mod limits;
mod map_channel;
mod map_store;
mod mend;
mod packages;
mod paging;
mod people;
mod pieces;
mod products;
mod refund;
mod status;
mod store;
mod webhook;
mod wire;

use std::collections::BTreeMap;

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
use domain::shipment::{Package, Shipment, Tracking};
use domain::{ChannelOrder, ChannelOrderId, Money, ProductId, Reference, Sku, StoreOrderId};
use jiff::Timestamp;
use url::Url;

use crate::api::Api;
use crate::config::{CURRENCIES, Config, STOCK};

pub const CHANNEL: ChannelCapabilities = ChannelCapabilities {
    // `date_created` is among what an update of an order takes.
    creation_time: CreationTime::Editable,
    unpaid_orders: true,
    zero_tax_is_unknown: true,
    reports_delivery: false,
    refund_quantities: true,
    set_quantity: true,
    ship: true,
    ship_without_tracking: true,
    edit_tracking: true,
    merges_orders: false,
    leave_feedback: false,
    webhooks: true,
    // Nothing is documented about the list being late; a minute covers dates of whole seconds and what is being written.
    list_lag_seconds: 60,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

/// A store of which nothing is known yet, or one that takes stock when an order is completed or shipped: we move it.
pub const STORE: StoreCapabilities = StoreCapabilities {
    text_lines: true,
    keep_order_number: false,
    max_order_number: 0,
    // In the staff's notes: the API gives a tax of its own making no name.
    tax_label: true,
    customer_notifications: false,
    owner_new_order_mail: false,
    receipt_mail: false,
    fulfilment_mail: false,
    marketing_consent: false,
    any_currency: false,
    deducts_paid: false,
    deducts_unpaid: false,
    // What the store puts back by itself is told line by line, for it leaves alone what we deducted.
    restocks_on_cancel: false,
    refunds_restock: false,
    keyed_stock_moves: false,
    mends: true,
    channel_liable_tax: false,
    webhooks: true,
    // Nothing is documented; the gateway in front of the API gives up after about a minute.
    longest_execution_seconds: 120,
    search_lag_seconds: 120,
};

/// It has several currencies to pay in.
const STORE_IN_CURRENCIES: StoreCapabilities = StoreCapabilities { any_currency: true, ..STORE };
/// It takes the stock when an order is placed.
const DEDUCTING: StoreCapabilities = StoreCapabilities { deducts_paid: true, deducts_unpaid: true, ..STORE };
const DEDUCTING_IN_CURRENCIES: StoreCapabilities = StoreCapabilities { any_currency: true, ..DEDUCTING };

/// What a store can do, as connecting has found out.
pub fn store_capabilities(probed: &BTreeMap<String, String>) -> &'static StoreCapabilities {
    let deducts = probed.get(STOCK).is_some_and(|stock| stock == "order_placed");
    let several = probed.get(CURRENCIES).is_some_and(|currencies| currencies.contains(','));
    match (deducts, several) {
        (false, false) => &STORE,
        (false, true) => &STORE_IN_CURRENCIES,
        (true, false) => &DEDUCTING,
        (true, true) => &DEDUCTING_IN_CURRENCIES,
    }
}

/// One store.
#[derive(Debug)]
pub struct BigCommerce {
    api: Api,
    can: &'static StoreCapabilities,
}

impl BigCommerce {
    pub fn new(config: &ConnectionConfig, http: Http) -> Result<Self, ConfigError> {
        Ok(Self { api: Api::new(Config::new(config)?, http), can: store_capabilities(&config.probed) })
    }
}

/// Reads an order as the API writes it with its consignments inside, or with its lines as `products`.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map_channel::read(raw)
}

#[async_trait]
impl MainStore for BigCommerce {
    fn capabilities(&self) -> &'static StoreCapabilities {
        self.can
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
        store::preview(&self.api, draft)
    }

    async fn mend(
        &self,
        id: &StoreOrderId,
        draft: &StoreOrderDraft,
        found: &StoreOrder,
    ) -> Result<StoreOrder, ConnectError> {
        mend::mend(&self.api, id, draft, found).await
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

    async fn mark_paid(&self, id: &StoreOrderId, paid_total: Money) -> Result<StoreOrder, ConnectError> {
        store::mark_paid(&self.api, id, paid_total).await
    }

    async fn ship(&self, id: &StoreOrderId, package: &Package, completes: bool) -> Result<StoreOrder, ConnectError> {
        store::ship(&self.api, id, package, completes).await
    }

    async fn complete(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        store::complete_order(&self.api, id).await
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
        webhook::read(self.api.config.client_secret.as_ref(), request)
    }
}

#[async_trait]
impl SalesChannel for BigCommerce {
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

    async fn edit_tracking(
        &self,
        order: &ChannelOrderId,
        before: &str,
        tracking: &Tracking,
    ) -> Result<(), ConnectError> {
        channel::edit_tracking(&self.api, order, before, tracking).await
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
        webhook::read(self.api.config.client_secret.as_ref(), request)
    }
}

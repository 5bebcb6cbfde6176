//! __Title__ as a sales channel.

mod api;
mod auth;
mod config;
mod error;
mod map;
mod wire;

use std::fmt;

use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Account, ChannelCapabilities, ConnectError, ConnectionConfig, CreationTime, ErrorKind, Http, Incoming, Listing,
    Page, PageToken, QuantityUpdate, SalesChannel, ShipmentSent, Unreadable, Window,
};
use domain::{ChannelOrder, ChannelOrderId, ListingKey, Package, Shipment};

use api::{Api, Dates};
use config::Config;

/// What __Title__ can do; each fact is explained in this crate's README.
// CHANGE: answer each from the vendor's documentation. The behaviour suite asks for what is `true`, and wants
// `Unsupported` for the rest.
pub const CAPABILITIES: ChannelCapabilities = ChannelCapabilities {
    creation_time: CreationTime::Immutable,
    unpaid_orders: true,
    zero_tax_is_unknown: true,
    reports_delivery: false,
    refund_quantities: false,
    set_quantity: true,
    ship: true,
    ship_without_tracking: true,
    edit_tracking: false,
    merges_orders: false,
    leave_feedback: false,
    webhooks: false,
    list_lag_seconds: 5,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

/// One seller's account on __Title__.
pub struct __Pascal__ {
    api: Api,
}

impl __Pascal__ {
    // CHANGE: a platform whose tokens expire takes `tokens: Arc<dyn TokenStore>` too, as eBay's connector does.
    pub fn new(config: &ConnectionConfig, http: Http) -> Result<Self, ConfigError> {
        Ok(Self { api: Api { config: Config::new(config)?, http } })
    }

    async fn set_quantity(&self, update: &QuantityUpdate) -> Result<(), ConnectError> {
        let ((Some(sku), _) | (None, ListingKey::Sku(sku))) = (&update.sku, &update.listing) else {
            let message = "A __Title__ listing is known by its SKU only.";
            return Err(ConnectError::new(ErrorKind::Unsupported, "__snake__.set_quantity", message).without_effect());
        };
        self.api.set_quantity(sku.as_str(), update.quantity).await
    }
}

impl fmt::Debug for __Pascal__ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("__Pascal__").field("connection", self.api.http.connection()).finish_non_exhaustive()
    }
}

/// Reads one order as the platform's list gives it.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map::read(raw)
}

#[async_trait]
impl SalesChannel for __Pascal__ {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &CAPABILITIES
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        map::account(self.api.get_account().await?)
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        map::orders(&self.api.get_orders(Dates::Changed, window, page).await?)
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        map::orders(&self.api.get_orders(Dates::Placed, window, page).await?)
    }

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        map::single(&self.api.get_order(id.as_str()).await?)
    }

    async fn listings(&self, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        map::listings(&self.api.get_listings(page).await?)
    }

    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        let mut answers = Vec::with_capacity(updates.len());
        for update in updates {
            answers.push(self.set_quantity(update).await);
        }
        Ok(answers)
    }

    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
        let made = self.api.create_package(order.id.as_str(), &map::new_package(&package.shipment)).await?;
        Ok(ShipmentSent { remote_id: Some(made.id) })
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        map::shipments(self.api.get_packages(order.as_str()).await?)
    }
}

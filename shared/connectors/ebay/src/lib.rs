//! eBay as a sales channel.

mod api;
mod auth;
mod config;
mod consent;
mod error;
mod feedback;
mod fulfil;
mod map;
mod paging;
mod stock;
mod wire;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Account, ChannelCapabilities, ConnectError, ConnectionConfig, CreationTime, Http, Incoming, Listing, Page,
    PageToken, QuantityUpdate, SalesChannel, ShipmentSent, TokenStore, Unreadable, Window,
};
use domain::{ChannelOrder, ChannelOrderId, Package, Shipment};

use api::Api;
use config::Config;
pub use consent::CONSENT;

/// The platform's name in settings and in the registry.
pub const PLATFORM: &str = "ebay";

/// What eBay can do; each fact is explained in this crate's README.
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
    merges_orders: true,
    leave_feedback: true,
    webhooks: false,
    list_lag_seconds: 120,
    carriers: fulfil::CARRIERS,
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

/// One seller's account on eBay.
pub struct Ebay {
    api: Api,
}

impl Ebay {
    pub fn new(config: &ConnectionConfig, http: Http, tokens: Arc<dyn TokenStore>) -> Result<Self, ConfigError> {
        Ok(Self { api: Api { config: Config::new(config)?, http, tokens } })
    }
}

impl fmt::Debug for Ebay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ebay").field("connection", self.api.http.connection()).finish_non_exhaustive()
    }
}

/// Reads one order as `getOrder` gives it.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map::read(raw)
}

#[async_trait]
impl SalesChannel for Ebay {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &CAPABILITIES
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        map::account(&self.api.get_user().await?)
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        paging::orders(&self.api, "lastmodifieddate", window, page).await
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        paging::orders(&self.api, "creationdate", window, page).await
    }

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        map::single(&self.api.get_order(id.as_str()).await?)
    }

    async fn listings(&self, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        paging::listings(&self.api, page).await
    }

    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        Ok(stock::set_quantities(&self.api, updates).await)
    }

    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
        fulfil::ship(&self.api, order, package).await
    }

    async fn leave_feedback(&self, order: &ChannelOrder, text: &str) -> Result<(), ConnectError> {
        feedback::leave(&self.api, order, text).await
    }

    fn carrier_code(&self, name: &str) -> Option<&'static str> {
        fulfil::known_carrier(name)
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        fulfil::shipments(&self.api, order).await
    }
}

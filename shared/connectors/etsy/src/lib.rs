//! Etsy as a sales channel.

mod api;
mod auth;
mod carriers;
mod config;
mod consent;
mod error;
mod fulfil;
mod inventory;
mod limits;
mod map;
mod paging;
mod stock;
mod webhook;
mod wire;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Account, ChannelCapabilities, ConnectError, ConnectionConfig, CreationTime, ErrorKind, Http, Incoming, Listing,
    Page, PageToken, QuantityUpdate, SalesChannel, ShipmentSent, TokenStore, Unreadable, WebhookHint, WebhookRefused,
    WebhookRequest, Window,
};
use domain::{ChannelOrder, ChannelOrderId, Package, Shipment};
use url::Url;

use api::Api;
use config::{Config, Taxes};
use paging::Date;

pub use consent::CONSENT;

/// The platform's name in settings and in the registry.
pub const PLATFORM: &str = "etsy";

/// What Etsy can do; each fact is explained in this crate's README.
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
    webhooks: true,
    list_lag_seconds: 60,
    carriers: carriers::NAMES,
    lists_cancels: false,
    personal_data_days: None,
    fulfils_itself: false,
};

/// One shop on Etsy.
pub struct Etsy {
    api: Api,
}

impl Etsy {
    pub fn new(config: &ConnectionConfig, http: Http, tokens: Arc<dyn TokenStore>) -> Result<Self, ConfigError> {
        Ok(Self { api: Api { config: Config::new(config)?, http, tokens } })
    }
}

impl fmt::Debug for Etsy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Etsy").field("connection", self.api.http.connection()).finish_non_exhaustive()
    }
}

/// Reads one order as `getShopReceipt` gives it, its taxes as if no setting said whose they are.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map::read(raw, Taxes::default())
}

#[async_trait]
impl SalesChannel for Etsy {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &CAPABILITIES
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        let me = self.api.get_me().await?;
        if me.shop_id != Some(self.api.config.shop_id) {
            let message = "This consent is for another Etsy shop than `shop_id` names.";
            let error = ConnectError::new(ErrorKind::ConfigInvalid, "etsy.get_me", message);
            return Err(error.without_effect().with_context("another shop_id"));
        }
        map::account(&self.api.get_shop().await?)
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        paging::orders(&self.api, Date::Modified, window, page).await
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        paging::orders(&self.api, Date::Created, window, page).await
    }

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        fulfil::order(&self.api, id).await
    }

    async fn listings(&self, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        paging::listings(&self.api, page).await
    }

    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        stock::set_quantities(&self.api, updates).await
    }

    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
        fulfil::ship(&self.api, order, package).await
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        fulfil::shipments(&self.api, order).await
    }

    /// <https://developers.etsy.com/documentation/essentials/webhooks>: endpoints are entered in Etsy's portal, by hand.
    async fn subscribe(&self, _to: &Url) -> Result<(), ConnectError> {
        let message = "Etsy's webhooks are entered by hand, in the webhook portal of your application.";
        Err(ConnectError::new(ErrorKind::Unsupported, "etsy.subscribe", message).without_effect())
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        webhook::read(self.api.config.webhook_secret.as_ref(), request)
    }
}

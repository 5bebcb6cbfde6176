//! Amazon as a sales channel: the Selling Partner API.

mod api;
mod auth;
mod carriers;
mod config;
mod consent;
mod error;
#[cfg(test)]
mod examples;
mod fulfil;
mod limits;
mod map;
mod marketplaces;
mod notifications;
mod paging;
mod stock;
mod wire;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Account, ChannelCapabilities, ConnectError, ConnectionConfig, CreationTime, ErrorKind, Http, Incoming, Listing,
    Notice, Page, PageToken, QuantityUpdate, SalesChannel, ShipmentSent, TokenStore, Unreadable, Window,
};
use domain::shipment::Tracking;
use domain::{AccountId, ChannelOrder, ChannelOrderId, Package, Shipment};

use url::Url;

use api::Api;
use config::Config;

pub use consent::CONSENT;

/// The platform's name in settings and in the registry.
pub const PLATFORM: &str = "amazon";

/// What Amazon can do; each fact is explained in this crate's README.
pub const CAPABILITIES: ChannelCapabilities = ChannelCapabilities {
    creation_time: CreationTime::Immutable,
    unpaid_orders: true,
    zero_tax_is_unknown: true,
    reports_delivery: false,
    refund_quantities: false,
    set_quantity: true,
    ship: true,
    ship_without_tracking: false,
    edit_tracking: true,
    merges_orders: false,
    leave_feedback: false,
    webhooks: false,
    list_lag_seconds: 120,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: Some(30),
    fulfils_itself: true,
};

/// One seller's account on Amazon, in one region.
pub struct Amazon {
    api: Api,
}

impl Amazon {
    pub fn new(config: &ConnectionConfig, http: Http, tokens: Arc<dyn TokenStore>) -> Result<Self, ConfigError> {
        Ok(Self { api: Api { config: Config::new(config)?, http, tokens } })
    }
}

impl fmt::Debug for Amazon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Amazon").field("connection", self.api.http.connection()).finish_non_exhaustive()
    }
}

/// Reads what Amazon sent to the queue of notifications. `None`: it is none about an order, or cannot be read.
pub fn notice(message: &[u8]) -> Option<Notice> {
    notifications::read(message)
}

/// Reads one order as `searchOrders` lists it.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    map::read(raw)
}

#[async_trait]
impl SalesChannel for Amazon {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &CAPABILITIES
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        account(&self.api).await
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        paging::orders(&self.api, ["lastUpdatedAfter", "lastUpdatedBefore"], window, page).await
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        paging::orders(&self.api, ["createdAfter", "createdBefore"], window, page).await
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

    async fn edit_tracking(
        &self,
        order: &ChannelOrderId,
        before: &str,
        tracking: &Tracking,
    ) -> Result<(), ConnectError> {
        fulfil::edit_tracking(&self.api, order, before, tracking).await
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        fulfil::shipments(&self.api, order).await
    }

    /// Amazon calls no address: it sends to the queue that the connection's settings name.
    async fn subscribe(&self, _: &Url) -> Result<(), ConnectError> {
        notifications::subscribe(&self.api).await
    }

    async fn unsubscribe(&self, _: &Url) -> Result<(), ConnectError> {
        notifications::unsubscribe(&self.api).await
    }
}

/// The merchant token names the account. Amazon tells it nowhere, so it is checked that the keys sell where they are said to.
async fn account(api: &Api) -> Result<Account, ConnectError> {
    const OPERATION: &str = "amazon.get_marketplace_participations";
    let wrong = |message: String| ConnectError::new(ErrorKind::ConfigInvalid, OPERATION, message).without_effect();
    let participations = api.get_participations().await?.payload;
    let mut name = None;
    for id in &api.config.marketplace_ids {
        let here = participations.iter().find(|other| {
            other.marketplace.as_ref().and_then(|marketplace| marketplace.id.as_deref()) == Some(id.as_str())
        });
        let sells = |here: &&wire::MarketplaceParticipation| {
            here.participation.as_ref().and_then(|participation| participation.is_participating) != Some(false)
        };
        let Some(here) = here.filter(sells) else {
            return Err(wrong(format!("This Amazon account does not sell in the marketplace {id}.")));
        };
        let store = here.store_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        name = name.or_else(|| store.map(str::to_owned));
    }
    let id = AccountId::new(&api.config.seller_id).map_err(|_| wrong("The seller id is no usable id.".to_owned()))?;
    Ok(Account { name: name.unwrap_or_else(|| id.to_string()), id })
}

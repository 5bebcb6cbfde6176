//! What a decision about one order needs: its connection, settings and links, and the main store.

use std::sync::Arc;

use connect::{MainStore, StoreCapabilities};
use domain::link::Links;
use domain::plan::Facts;
use domain::{ChannelSettings, Currency, ListingKey, Order, ProductId};
use storage::{Connection, ConnectionState, Role};

use crate::App;
use crate::error::AppError;
use crate::gone::Gone;

/// The main store, or why it cannot be used now.
#[expect(clippy::large_enum_variant, reason = "almost every one is ready; boxing it would cost more than it saves")]
pub(crate) enum Store {
    Ready(ReadyStore),
    /// None is connected.
    Missing,
    /// A person must reconnect it.
    NeedsAttention {
        why: String,
    },
    /// It did not answer; it is left alone until then.
    Paused {
        wait: std::time::Duration,
        why: String,
    },
}

pub(crate) struct ReadyStore {
    pub connection: Connection,
    pub store: Arc<dyn MainStore>,
}

/// A main store as far as settings and rules depend on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownStore {
    pub can: &'static StoreCapabilities,
    pub currency: Option<Currency>,
}

/// The circumstances of one order.
pub(crate) struct Context {
    pub connection: Connection,
    pub settings: ChannelSettings,
    pub links: Links,
    /// Products that links lead to and that the main store no longer has; `links` is without them.
    pub gone: Gone,
}

impl Context {
    /// Every product that the order's lines are linked to.
    pub(crate) fn linked_products(&self, order: &Order) -> Vec<ProductId> {
        let links = order.source.real_lines().filter_map(|line| self.links.of(line));
        let mut products: Vec<ProductId> =
            links.flat_map(|link| &link.targets).map(|target| target.product.clone()).collect();
        products.sort_unstable();
        products.dedup();
        products
    }

    pub(crate) fn facts<'a>(&'a self, order: &'a Order, store: &'a ReadyStore) -> Facts<'a> {
        let known = KnownStore { can: store.store.capabilities(), currency: store.connection.currency };
        self.facts_for(order, known)
    }

    /// The same without the store at hand: what its platform can do, and its currency.
    pub(crate) fn facts_for<'a>(&'a self, order: &'a Order, store: KnownStore) -> Facts<'a> {
        Facts {
            order,
            settings: &self.settings,
            links: &self.links,
            store: store.can,
            store_currency: store.currency,
            channel_name: &self.connection.name,
            by_hand: order.by_hand.send.is_some(),
        }
    }
}

impl App {
    /// `None` if the order's connection is gone.
    pub(crate) async fn context(&self, order: &Order) -> Result<Option<Context>, AppError> {
        let Some(connection) = self.storage.settings.connection(&order.connection).await? else { return Ok(None) };
        let (settings, _) = self.storage.settings.channel_settings(&order.connection).await?;
        let links = self.links_of(order).await?;
        Ok(Some(Context { connection, settings, links, gone: Gone::default() }))
    }

    /// Read strongly: whoever links next finds the waiting order, or this read finds the link.
    pub(crate) async fn links_of(&self, order: &Order) -> Result<Links, AppError> {
        let mut keys: Vec<ListingKey> = order.source.real_lines().flat_map(domain::Line::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        Ok(self.storage.links.get_many(&order.connection, &keys).await?.into_iter().collect())
    }

    /// What the connected main store is, whether or not it answers now. `None`: none is connected.
    pub(crate) async fn known_store(&self) -> Result<Option<KnownStore>, AppError> {
        let connections = self.storage.settings.connections().await?;
        let found = connections.iter().find(|c| c.role == Role::MainStore && c.state != ConnectionState::Disconnected);
        let known = |store: &Connection| {
            let can = self.connectors.offer(&store.platform, &store.probed)?.store?;
            Some(KnownStore { can, currency: store.currency })
        };
        Ok(found.and_then(known))
    }

    pub(crate) async fn main_store(&self) -> Result<Store, AppError> {
        let connections = self.storage.settings.connections().await?;
        let found =
            connections.into_iter().find(|c| c.role == Role::MainStore && c.state != ConnectionState::Disconnected);
        let Some(connection) = found else { return Ok(Store::Missing) };
        if let ConnectionState::NeedsAttention { why, .. } = &connection.state {
            return Ok(Store::NeedsAttention { why: why.clone() });
        }
        if let Some(paused) = self.paused(&connection.id).await? {
            return Ok(Store::Paused { wait: paused.wait, why: paused.why });
        }
        let store = match self.connectors.store(&connection).await {
            Ok(store) => store,
            Err(error) if error.kind.needs_reconnect() => {
                let why = error.public_message.clone();
                self.needs_attention(&connection, &error).await?;
                return Ok(Store::NeedsAttention { why });
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Store::Ready(ReadyStore { connection, store }))
    }
}

//! Puts platforms on paper beside the real ones: as a further channel, or in place of the main store.

use std::sync::Arc;

use app::ConnectionInput;
use connect::{Credentials, MainStore, SalesChannel};
use domain::link::Target;
use domain::{ChannelSettings, ConnectionId, Link, ListingKey, Platform, ProductId, Sku};
use storage::Role;

use super::World;
use super::paper_channel::PaperChannel;
use super::paper_store::PaperStore;

impl World {
    /// Connects a channel of a platform that has no connector yet. The channel is named as its platform is.
    pub async fn add_channel(&self, platform: &str, channel: Arc<PaperChannel>) -> ConnectionId {
        let platform = Platform::new(platform.to_lowercase()).unwrap();
        self.paper.lock().unwrap().push(Arc::clone(&channel));
        self.connectors.on_paper(&platform, Some(channel as Arc<dyn SalesChannel>), None);
        self.app.connect(input(platform, Role::Channel)).await.unwrap().id
    }

    /// Connects another main store in place of the one that is there.
    pub async fn replace_store(&self, platform: &str, store: Arc<PaperStore>) -> ConnectionId {
        let connections = self.app.storage.settings.connections().await.unwrap();
        let active = connections.into_iter().filter(|c| c.state == storage::ConnectionState::Active);
        for connection in active.filter(|connection| connection.role == Role::MainStore) {
            self.app.disconnect(&connection.id).await.unwrap();
        }
        let platform = Platform::new(platform.to_lowercase()).unwrap();
        self.connectors.on_paper(&platform, None, Some(store as Arc<dyn MainStore>));
        self.app.connect(input(platform, Role::MainStore)).await.unwrap().id
    }

    /// Links one listing to one product, 1:1.
    pub async fn link_on(&self, channel: &ConnectionId, listing_sku: &str, product: ProductId) {
        let targets = vec![Target { product, sku: None, quantity: 1, weight: 1 }];
        let listing = ListingKey::Sku(Sku::new(listing_sku).unwrap());
        self.app.link(Link { connection: channel.clone(), listing, targets, tax_rate: None }).await.unwrap();
    }

    /// Links a listing of the fixture's channel to a product that has a tax rate of its own.
    pub async fn link_with_rate(&self, listing_sku: &str, product_sku: &str, basis_points: u32) {
        let targets = vec![Target { product: self.product(product_sku), sku: None, quantity: 1, weight: 1 }];
        let listing = ListingKey::Sku(Sku::new(listing_sku).unwrap());
        let tax_rate = Some(basis_points.try_into().unwrap());
        self.app.link(Link { connection: self.channel.clone(), listing, targets, tax_rate }).await.unwrap();
    }

    /// Changes the settings of one channel.
    pub async fn set_on(&self, channel: &ConnectionId, change: impl FnOnce(&mut ChannelSettings)) {
        let (mut settings, version) = self.app.storage.settings.channel_settings(channel).await.unwrap();
        change(&mut settings);
        self.app.put_settings(channel, settings, version).await.unwrap();
    }
}

fn input(platform: Platform, role: Role) -> ConnectionInput {
    let mut name = platform.to_string();
    name[..1].make_ascii_uppercase();
    ConnectionInput {
        platform,
        role,
        name,
        settings: [].into(),
        credentials: Credentials::default(),
        webhooks_at: None,
    }
}

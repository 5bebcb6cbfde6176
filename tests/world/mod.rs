//! A whole Tributary in one process: the real use cases and connectors, the fakes, the embedded DynamoDB, one clock.
#![allow(dead_code, reason = "shared by several test targets, none of which uses all of it")]

mod alerts;
mod driver;
mod nobody;
mod paper;
pub mod paper_channel;
pub mod paper_store;
mod ports;
mod second;
mod working;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::{App, Clock, ConnectionInput, Connectors};
use connect::{Credentials, HttpLimits, HttpPool};
use domain::link::Target;
use domain::{ConnectionId, Currency, Link, ListingKey, Order, OrderId, Platform, ProductId, Sku};
use fakes::SimClock;
use fakes::dynamo::Dynamo;
use fakes::ebay::{EbayFake, REFRESH_TOKEN, StockedItem};
use fakes::woocommerce::{WooFake, WooShop};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use storage::Role;

use paper_channel::PaperChannel;

pub use alerts::{Mailbox, RecordedEvents, letterhead};
pub use driver::{Death, Delivered, deliver_to, mortal};
pub use nobody::naming;
pub use ports::{MemoryQueue, QueueName, SimConnectors, TickingClock};
pub use second::SecondChannel;
pub use working::working;

/// When every world begins.
pub const START: &str = "2026-11-18T08:00:00Z";

/// The fixture of the scenarios: eBay (GBP) as a channel, WooCommerce with its own tax and mails as the main store,
/// products A 50, B 20, C 10; listings A, B linked 1:1, listing X unlinked.
pub struct World {
    pub clock: SimClock,
    pub dynamo: Dynamo,
    pub ebay: EbayFake,
    pub woo: WooFake,
    pub queue: Arc<MemoryQueue>,
    pub events: Arc<RecordedEvents>,
    pub connectors: Arc<SimConnectors>,
    pub app: App,
    /// As the functions have it that speak to no platform.
    pub unconnected: App,
    pub mailbox: Mailbox,
    pub channel: ConnectionId,
    pub store: ConnectionId,
    /// Messages of the queue `orders` that a worker is given together. One, unless a test is about what they share.
    pub orders_at_once: usize,
    paper: Mutex<Vec<Arc<PaperChannel>>>,
    /// The store's ids by SKU.
    products: BTreeMap<&'static str, u64>,
}

/// What is different from the fixture.
pub struct Setup {
    pub shop: WooShop,
    pub limits: HttpLimits,
    /// Links A and B.
    pub linked: bool,
    /// The channel has active listings.
    pub on_sale: bool,
    /// How late the store's own clock is.
    pub store_late: SignedDuration,
}

impl Default for Setup {
    fn default() -> Self {
        let limits =
            HttpLimits { allow_private_hosts: true, deadline: Duration::from_secs(5), ..HttpLimits::default() };
        Self {
            shop: WooShop::new().currency("GBP"),
            limits,
            linked: true,
            on_sale: true,
            store_late: SignedDuration::ZERO,
        }
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        let clock = SimClock::starting_at(START.parse().unwrap());
        let dynamo = Dynamo::at(clock.clone());
        let ebay = EbayFake::start(clock.clone()).await.unwrap();
        let woo = setup.shop.clock(clock.behind(setup.store_late)).start().await.unwrap();
        let gbp: Currency = "GBP".parse().unwrap();
        let products = [("A", "Apple", 1999, 50), ("B", "Bag", 2500, 20), ("C", "Cup", 1000, 10)]
            .map(|(sku, title, price, stock)| (sku, woo.add_product(sku, title, Decimal::new(price, 2), stock)))
            .into();
        let listings = [("A", "Apple", 1999), ("B", "Bag", 2500), ("X", "Extra", 1500)];
        for (sku, title, price) in listings.into_iter().filter(|_| setup.on_sale) {
            ebay.stock(StockedItem::new(sku, title, price, gbp.code().parse().unwrap(), 50));
        }
        let queue = Arc::new(MemoryQueue::new(clock.clone()));
        let events = Arc::new(RecordedEvents::default());
        let ticking: Arc<dyn Clock> = Arc::new(TickingClock::new(clock.clone()));
        let pool = HttpPool::new(setup.limits).unwrap();
        let connectors = Arc::new(SimConnectors::new(pool, clock.clone()));
        let app_with = |connectors: Arc<dyn Connectors>| {
            App::new(dynamo.storage(), queue.clone(), events.clone(), Arc::clone(&ticking), connectors)
        };
        let app = app_with(connectors.clone());
        let unconnected = app_with(Arc::new(runtime::Unconnected));
        let store = app.connect(store_input(&woo)).await.unwrap().id;
        let channel = app.connect(channel_input(&ebay)).await.unwrap().id;
        let mailbox = Mailbox::default();
        let world = Self {
            clock,
            dynamo,
            ebay,
            woo,
            queue,
            events,
            connectors,
            app,
            unconnected,
            mailbox,
            channel,
            store,
            orders_at_once: 1,
            paper: Mutex::default(),
            products,
        };
        if setup.linked {
            world.link("A", "A", 1).await;
            world.link("B", "B", 1).await;
        }
        // Orders are placed after the switch went on.
        world.advance(SignedDuration::from_mins(10));
        world
    }

    /// A worker process of its own on the same tables and queues: nothing is shared in memory.
    pub fn worker(&self) -> App {
        App::new(
            self.dynamo.storage(),
            self.queue.clone(),
            self.events.clone(),
            Arc::new(TickingClock::new(self.clock.clone())),
            self.connectors.clone() as Arc<dyn Connectors>,
        )
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance(&self, step: SignedDuration) {
        self.clock.advance(step);
    }

    /// Links the listing with this SKU to the store's product with that SKU.
    pub async fn link(&self, listing_sku: &str, product_sku: &str, quantity: u32) {
        let product = self.product(product_sku);
        let target = Target { product, sku: Some(Sku::new(product_sku).unwrap()), quantity, weight: 1 };
        let listing = ListingKey::Sku(Sku::new(listing_sku).unwrap());
        self.app
            .link(Link { connection: self.channel.clone(), listing, targets: vec![target], tax_rate: None })
            .await
            .unwrap();
    }

    pub fn product(&self, sku: &str) -> ProductId {
        ProductId::new(self.products[sku].to_string()).unwrap()
    }

    /// Every order, the newest first.
    pub async fn orders(&self) -> Vec<Order> {
        self.app.storage.orders.newest(None, 200).await.unwrap()
    }

    pub async fn order(&self, channel_order: &str) -> Order {
        let orders = self.orders().await;
        let found = orders.into_iter().find(|order| order.source.id.as_str() == channel_order);
        found.unwrap_or_else(|| panic!("no order {channel_order}"))
    }

    pub async fn order_id(&self, channel_order: &str) -> OrderId {
        self.order(channel_order).await.id
    }

    /// The sentences of the order's story.
    pub async fn story(&self, channel_order: &str) -> Vec<String> {
        let id = self.order_id(channel_order).await;
        let view = self.app.order(id).await.unwrap().unwrap();
        view.story.into_iter().map(|(_, sentence)| sentence).collect()
    }

    /// Changes the channel's settings.
    pub async fn set(&self, change: impl FnOnce(&mut domain::ChannelSettings)) {
        let (mut settings, version) = self.app.storage.settings.channel_settings(&self.channel).await.unwrap();
        change(&mut settings);
        self.app.put_settings(&self.channel, settings, version).await.unwrap();
    }

    /// What the main store's ledger says about references: none may stand there twice.
    pub fn assert_no_duplicates(&self) {
        assert_eq!(self.woo.duplicates(), Vec::new(), "the store holds an order twice");
    }
}

pub fn store_input(woo: &WooFake) -> ConnectionInput {
    ConnectionInput {
        webhooks_at: None,
        platform: Platform::new("woocommerce").unwrap(),
        role: Role::MainStore,
        name: "The shop".to_owned(),
        settings: [("url".to_owned(), woo.url().to_owned())].into(),
        credentials: credentials(&[("consumer_key", &woo.key()), ("consumer_secret", &woo.secret())]),
    }
}

pub fn channel_input(ebay: &EbayFake) -> ConnectionInput {
    let application = ebay.application();
    ConnectionInput {
        webhooks_at: None,
        platform: Platform::new("ebay").unwrap(),
        role: Role::Channel,
        name: "eBay".to_owned(),
        settings: [("api_url".to_owned(), ebay.url().to_owned())].into(),
        credentials: credentials(&[
            ("client_id", &application.client_id),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
        ]),
    }
}

pub fn credentials(values: &[(&str, &str)]) -> Credentials {
    Credentials(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect())
}

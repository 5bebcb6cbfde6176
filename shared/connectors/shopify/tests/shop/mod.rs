//! A shop, the connector connected to it, and drafts of orders for it.
#![allow(dead_code, reason = "each test file uses its part of this")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::{
    Allowance, Budget, ConnectError, ConnectionConfig, Credentials, Http, HttpLimits, HttpPool, Refresh, TokenStore,
    Told,
};
use connector_shopify::Shopify;
use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, DraftMails, DraftShipping, Source, StoreOrderDraft};
use domain::shipment::{Origin, Package, Push, Shipment, ShippedLine, Tracking, key_of};
use domain::{ConnectionId, Money, OrderId, ProductId, Reference};
use fakes::SimClock;
use fakes::shopify::{ACCESS_TOKEN, REFRESH_TOKEN, ShopifyFake, ShopifyShop};
use secrecy::{ExposeSecret, SecretString};

/// Keeps the access token and the newest refresh token, as the deployment does.
#[derive(Default)]
pub struct Tokens(tokio::sync::Mutex<(Option<SecretString>, Option<SecretString>)>);

#[async_trait]
impl TokenStore for Tokens {
    async fn access(
        &self,
        _: &ConnectionId,
        rejected: Option<&SecretString>,
        refresh: &dyn Refresh,
    ) -> Result<SecretString, ConnectError> {
        let mut kept = self.0.lock().await;
        if let Some(token) = &kept.0
            && rejected.is_none_or(|rejected| rejected.expose_secret() != token.expose_secret())
        {
            return Ok(token.clone());
        }
        let access = refresh.refresh(kept.1.as_ref()).await?;
        if access.rotated_refresh_token.is_some() {
            kept.1 = access.rotated_refresh_token;
        }
        kept.0 = Some(access.token.clone());
        Ok(access.token)
    }
}

/// A budget without end that remembers what it was told.
#[derive(Debug, Default)]
pub struct Endless(pub Mutex<Vec<Told>>);

#[async_trait]
impl Budget for Endless {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, allowance: &Allowance, told: Told) {
        assert_eq!(allowance.name, "points");
        self.0.lock().unwrap().push(told);
    }

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

pub fn http(budget: Arc<Endless>) -> Http {
    let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
    HttpPool::new(limits).unwrap().http("shop-1".parse().unwrap(), budget)
}

/// With a product A (50) and a product B (20).
pub async fn shop() -> ShopifyFake {
    let clock = SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap());
    let shop = ShopifyShop::new().clock(clock).start().await.unwrap();
    shop.unmetered();
    shop.add_product("A", "Product A", "19.99".parse().unwrap(), Some(50));
    shop.add_product("B", "Product B", "25.00".parse().unwrap(), Some(20));
    shop
}

pub fn config(shop: &ShopifyFake, credentials: &[(&str, &str)]) -> ConnectionConfig {
    let settings = [("shop", shop.domain()), ("api_url", shop.url().to_owned())];
    ConnectionConfig {
        connection: "shop-1".parse().unwrap(),
        settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
        credentials: Credentials(
            credentials.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect(),
        ),
        probed: BTreeMap::new(),
    }
}

pub fn with(shop: &ShopifyFake, credentials: &[(&str, &str)]) -> Shopify {
    let http = http(Arc::default());
    Shopify::new(&config(shop, credentials), http, Arc::new(Tokens::default())).unwrap()
}

/// With a token that does not end.
pub fn connected(shop: &ShopifyFake) -> Shopify {
    with(shop, &[("access_token", ACCESS_TOKEN)])
}

pub fn renewing(shop: &ShopifyFake) -> Shopify {
    let app = shop.application();
    with(
        shop,
        &[("client_id", &app.client_id), ("client_secret", &app.client_secret), ("refresh_token", REFRESH_TOKEN)],
    )
}

pub fn money(minor: i64) -> Money {
    Money::from_minor(minor, "GBP".parse().unwrap())
}

pub fn product(shop: &ShopifyFake, sku: &str) -> ProductId {
    ProductId::new(shop.variant(sku).unwrap().id.to_string()).unwrap()
}

pub fn line(line: &str, product: ProductId, quantity: u32, net: i64) -> DraftLine {
    DraftLine {
        line: line.parse().unwrap(),
        item: DraftItem::Product { id: product, sku: None },
        name: format!("Listing {line}"),
        quantity,
        undiscounted: money(net),
        net: money(net),
        tax: money(0),
        already_deducted: 0,
    }
}

/// A paid eBay order. Its total is what its parts add up to.
pub fn draft(number: u32, lines: Vec<DraftLine>) -> StoreOrderDraft {
    let address = Address {
        first_name: "Ana".into(),
        last_name: "Example".into(),
        line1: "5 Elm St".into(),
        city: "York".into(),
        postcode: "YO1 7HH".into(),
        country: "GB".into(),
        phone: "+44 1904 000000".into(),
        ..Address::default()
    };
    let platform = "ebay".parse().unwrap();
    let order = format!("12-{number:05}");
    let placed_at = "2026-11-18T09:00:00Z".parse().unwrap();
    let id = OrderId::derive(placed_at, &platform, &"seller".parse().unwrap(), &order.parse().unwrap());
    StoreOrderDraft {
        email_is_relay: false,
        remarks: Vec::new(),
        conversion: domain::exchange::Conversion::AsIs,
        reference: Reference { order: id, generation: 1 },
        source: Source {
            platform,
            channel_name: "eBay".into(),
            order: order.parse().unwrap(),
            number: order,
            wanted_number: None,
        },
        currency: "GBP".parse().unwrap(),
        total: money(lines.iter().map(|line| line.net.minor()).sum::<i64>() + 399),
        paid: true,
        placed_at,
        lines,
        shipping: DraftShipping { title: "Tracked 48".into(), net: money(399), tax: money(0) },
        fees: Vec::new(),
        taxes: Vec::new(),
        channel_liable: Vec::new(),
        billing: address.clone(),
        ship_to: address,
        email: Some("ana@example.test".into()),
        note: None,
        information: Vec::new(),
        takes_stock: true,
        mails: DraftMails {
            receipt: false,
            fulfilment: false,
            marketing: false,
            customer_notifications: false,
            suppress_owner_mail: false,
        },
    }
}

pub fn package(number: Option<&str>, lines: &[(&str, u32)]) -> Package {
    let lines = lines.iter().map(|(line, quantity)| ShippedLine { line: line.parse().unwrap(), quantity: *quantity });
    let tracking = number.map(|number| Tracking { number: number.to_owned(), carrier: Some("UPS".to_owned()) });
    let shipment = Shipment { remote_id: None, tracking, shipped_at: None, lines: lines.collect() };
    Package { key: key_of(&shipment), origin: Origin::Channel, shipment, push: Push::Wanted }
}

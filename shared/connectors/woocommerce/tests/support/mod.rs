//! A shop, the connector connected to it, and drafts of orders for it.
#![allow(dead_code, reason = "each test file uses its part of this")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connect::{Allowance, Budget, ConnectionConfig, Credentials, Http, HttpLimits, HttpPool, MainStore, Told};
use connector_woocommerce::WooCommerce;
use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, DraftMails, DraftShipping, Source, StoreOrderDraft};
use domain::shipment::{Origin, Package, Push, Shipment, ShippedLine, Tracking, key_of};
use domain::{ConnectionId, Money, OrderId, ProductId, Reference};
use fakes::woocommerce::{WooFake, WooShop};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Debug)]
struct NoLimit;

#[async_trait]
impl Budget for NoLimit {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: Told) {}

    async fn pause(&self, _connection: &ConnectionId, _wait: Duration) {}
}

pub fn http() -> Http {
    let limits = HttpLimits { allow_private_hosts: true, deadline: Duration::from_secs(10), ..HttpLimits::default() };
    HttpPool::new(limits).unwrap().http("shop".parse().unwrap(), Arc::new(NoLimit))
}

pub fn config(url: &str, home: &str, key: &str, secret: &str, probed: BTreeMap<String, String>) -> ConnectionConfig {
    let secrets = [("consumer_key", key), ("consumer_secret", secret)];
    ConnectionConfig {
        connection: "shop".parse().unwrap(),
        settings: BTreeMap::from([("url".to_owned(), url.to_owned()), ("home_url".to_owned(), home.to_owned())]),
        credentials: Credentials(secrets.map(|(name, value)| (name.to_owned(), SecretString::from(value))).into()),
        probed,
    }
}

pub fn connector(shop: &WooFake, probed: BTreeMap<String, String>) -> WooCommerce {
    WooCommerce::new(&config(shop.url(), &shop.home(), &shop.key(), &shop.secret(), probed), http()).unwrap()
}

/// The connector with what connecting found out.
pub async fn connected(shop: &WooFake) -> WooCommerce {
    let probed = connector(shop, BTreeMap::new()).profile().await.unwrap().probed;
    connector(shop, probed)
}

/// A shop of either version that has an order of its own already.
pub async fn shop(version_9_4: bool) -> WooFake {
    let shop = WooShop::new();
    let shop = if version_9_4 { shop.version_9_4() } else { shop }.start().await.unwrap();
    shop.add_product("A", "Product A", "19.99".parse().unwrap(), 50);
    shop.add_product("B", "Product B", "25.00".parse().unwrap(), 20);
    shop.place_checkout_order(&serde_json::json!({"billing": {"email": "old@example.test"}})).unwrap();
    shop
}

pub fn money(minor: i64) -> Money {
    Money::from_minor(minor, "GBP".parse().unwrap())
}

pub fn reference(number: u32) -> Reference {
    let platform = "ebay".parse().unwrap();
    let order = format!("12-{number:05}").parse().unwrap();
    let placed = "2026-11-18T09:00:00Z".parse().unwrap();
    Reference { order: OrderId::derive(placed, &platform, &"seller".parse().unwrap(), &order), generation: 1 }
}

pub fn product_line(line: &str, product: u64, quantity: u32, net: i64) -> DraftLine {
    let id = ProductId::new(product.to_string()).unwrap();
    DraftLine {
        line: line.parse().unwrap(),
        item: DraftItem::Product { id, sku: None },
        name: format!("Listing {line}"),
        quantity,
        undiscounted: money(net),
        net: money(net),
        tax: money(0),
        already_deducted: 0,
    }
}

/// A paid order to Great Britain, where the shop's own tax is 20 %. Its total is what its parts add up to.
pub fn draft(number: u32, lines: Vec<DraftLine>) -> StoreOrderDraft {
    let address = Address {
        first_name: "Ana".into(),
        last_name: "Núñez".into(),
        line1: "5 Elm St".into(),
        city: "York".into(),
        postcode: "YO1 7HH".into(),
        country: "GB".into(),
        ..Address::default()
    };
    let total = lines.iter().map(|line| line.net.minor()).sum::<i64>() + 399;
    let order = format!("12-{number:05}");
    StoreOrderDraft {
        email_is_relay: false,
        remarks: Vec::new(),
        conversion: domain::exchange::Conversion::AsIs,
        reference: reference(number),
        source: Source {
            platform: "ebay".parse().unwrap(),
            channel_name: "eBay".into(),
            order: order.parse().unwrap(),
            number: order,
            wanted_number: None,
        },
        currency: "GBP".parse().unwrap(),
        total: money(total),
        paid: true,
        placed_at: "2026-11-18T09:00:00Z".parse().unwrap(),
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

/// Moves an order to the trash, as the shop's people do.
pub async fn trash(shop: &WooFake, order: u64) {
    let (key, secret) = (shop.key(), shop.secret());
    let path = format!("/wp-json/wc/v3/orders/{order}?consumer_key={key}&consumer_secret={secret}");
    shop.set_behind_tls(true);
    let mut stream = TcpStream::connect(shop.url().trim_start_matches("http://")).await.unwrap();
    let request = format!("DELETE {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    shop.set_behind_tls(false);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

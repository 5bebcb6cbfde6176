//! The connector against the fake store: what the behaviour suite, which knows no platform, does not ask.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails its test by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connect::{
    Allowance, Budget, ConnectionConfig, Credentials, Effect, ErrorKind, Http, HttpLimits, HttpPool, MainStore,
    SalesChannel, Told,
};
use connector_bigcommerce::{BigCommerce, store_capabilities};
use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, DraftMails, DraftShipping, Source, StoreOrderDraft};
use domain::readback::differences;
use domain::shipment::Tracking as Number;
use domain::{ConnectionId, Money, OrderId, Reference, Sku};
use fakes::bigcommerce::{ACCESS_TOKEN, BigFake, BigStore, CLIENT_SECRET, HASH, Purchase, StockMoves, Tracking};
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde_json::json;

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

fn http() -> Http {
    let limits = HttpLimits { allow_private_hosts: true, deadline: Duration::from_secs(10), ..HttpLimits::default() };
    HttpPool::new(limits).unwrap().http("shop".parse().unwrap(), Arc::new(NoLimit))
}

fn config(fake: &BigFake, more: &[(&str, &str)], probed: BTreeMap<String, String>) -> ConnectionConfig {
    let settings = [("store_hash", HASH), ("api_url", fake.url())];
    let settings = settings.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let secrets = [("access_token", ACCESS_TOKEN), ("client_secret", CLIENT_SECRET)];
    ConnectionConfig {
        connection: "shop".parse().unwrap(),
        settings: settings.collect(),
        credentials: Credentials(secrets.map(|(name, value)| (name.to_owned(), SecretString::from(value))).into()),
        probed,
    }
}

/// The connector with what connecting found out.
async fn connected(fake: &BigFake, more: &[(&str, &str)]) -> BigCommerce {
    let blank = BigCommerce::new(&config(fake, more, BTreeMap::new()), http()).unwrap();
    let probed = MainStore::profile(&blank).await.unwrap().probed;
    BigCommerce::new(&config(fake, more, probed), http()).unwrap()
}

async fn started(store: BigStore) -> BigFake {
    let fake = store.start().await.unwrap();
    fake.add_product("TEA", "Tea", Decimal::new(1999, 2), Tracking::Product, 5);
    fake
}

fn money(minor: i64) -> Money {
    Money::from_minor(minor, "USD".parse().unwrap())
}

async fn draft(store: &BigCommerce, quantity: u32, net: i64) -> StoreOrderDraft {
    let sku: Sku = "TEA".parse().unwrap();
    let tea = store.products_by_sku(std::slice::from_ref(&sku)).await.unwrap().remove(0);
    let placed_at = "2026-11-18T09:00:00Z".parse().unwrap();
    let platform = "ebay".parse().unwrap();
    let order = "12-1".parse().unwrap();
    let address = Address {
        first_name: "Ana".into(),
        line1: "5 Elm St".into(),
        city: "Austin".into(),
        region: "Texas".into(),
        postcode: "78108".into(),
        country: "US".into(),
        ..Address::default()
    };
    StoreOrderDraft {
        email_is_relay: false,
        remarks: Vec::new(),
        conversion: domain::exchange::Conversion::AsIs,
        reference: Reference {
            order: OrderId::derive(placed_at, &platform, &"seller".parse().unwrap(), &order),
            generation: 1,
        },
        source: Source { platform, channel_name: "eBay".into(), number: "12-1".into(), order, wanted_number: None },
        currency: "USD".parse().unwrap(),
        total: money(net),
        paid: true,
        placed_at,
        lines: vec![DraftLine {
            line: "L1".parse().unwrap(),
            item: DraftItem::Product { id: tea.id, sku: Some(sku) },
            name: "Tea".into(),
            quantity,
            undiscounted: money(net),
            net: money(net),
            tax: money(0),
            already_deducted: 0,
        }],
        shipping: DraftShipping { title: "Post".into(), net: money(0), tax: money(0) },
        fees: Vec::new(),
        taxes: Vec::new(),
        channel_liable: Vec::new(),
        billing: address.clone(),
        ship_to: address,
        email: Some("Ana@example.test".into()),
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

#[tokio::test]
async fn connecting_finds_out_how_the_store_treats_stock_and_currencies() {
    for (moves, currencies, deducts, any) in [
        (StockMoves::OrderPlaced, &["USD"][..], true, false),
        (StockMoves::OrderCompletedOrShipped, &["USD", "EUR"][..], false, true),
    ] {
        let fake = started(BigStore::new().stock_moves(moves).currencies(currencies)).await;
        let blank = BigCommerce::new(&config(&fake, &[], BTreeMap::new()), http()).unwrap();
        let probed = MainStore::profile(&blank).await.unwrap().probed;
        let can = store_capabilities(&probed);
        assert_eq!((can.deducts_paid, can.any_currency), (deducts, any));
        let store = BigCommerce::new(&config(&fake, &[], probed), http()).unwrap();
        assert_eq!(MainStore::capabilities(&store), can);
        assert!(fake.violations().is_empty(), "{:#?}", fake.violations());
    }
}

#[tokio::test]
async fn an_order_is_a_guests_unless_the_owner_chose_otherwise() {
    let fake = started(BigStore::new()).await;
    let ana = fake.add_customer("ana@example.test");
    for (settings, relay, customer) in [
        (&[][..], false, 0),
        (&[("match_customers", "yes")][..], false, ana),
        (&[("match_customers", "yes")][..], true, 0),
    ] {
        let store = connected(&fake, settings).await;
        let mut draft = draft(&store, 1, 1999).await;
        draft.email_is_relay = relay;
        let made = store.create_order(&draft).await.unwrap();
        let id = made.id.as_str().parse().unwrap();
        assert_eq!(fake.order(id).unwrap().customer_id, customer);
    }
    assert!(fake.mails().is_empty(), "{:?}", fake.mails());
}

#[tokio::test]
async fn an_order_that_the_store_changed_is_mended_in_place() {
    let fake = started(BigStore::new()).await;
    let store = connected(&fake, &[]).await;
    let mut draft = draft(&store, 3, 2500).await;
    let made = store.create_order(&draft).await.unwrap();
    assert_eq!(differences(&draft, &made), []);
    draft.lines[0].net = money(2600);
    draft.total = money(2600);
    let found = MainStore::order(&store, &made.id).await.unwrap();
    assert_ne!(differences(&draft, &found), []);
    let mended = store.mend(&made.id, &draft, &found).await.unwrap();
    assert_eq!((differences(&draft, &mended), &mended.id), (Vec::new(), &made.id));
    assert_eq!((fake.orders().len(), fake.stock("TEA")), (1, Some(2)));
    assert!(fake.violations().is_empty(), "{:#?}", fake.violations());
}

/// "The order will be rejected with an out of stock error code": it is certain that nothing was made.
#[tokio::test]
async fn an_order_that_the_store_is_sold_out_for_is_refused_for_certain() {
    let fake = started(BigStore::new().refusing_sold_out()).await;
    let store = connected(&fake, &[]).await;
    let error = store.create_order(&draft(&store, 6, 600).await).await.map(|_| ()).unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
    assert!(fake.orders().is_empty());
}

#[tokio::test]
async fn hooks_are_made_once_switched_on_again_and_taken_back() {
    let fake = started(BigStore::new()).await;
    let store = connected(&fake, &[]).await;
    let (to, other) = ("https://api.test/v1/webhooks/1".parse().unwrap(), "https://api.test/2".parse().unwrap());
    MainStore::subscribe(&store, &to).await.unwrap();
    MainStore::subscribe(&store, &other).await.unwrap();
    SalesChannel::subscribe(&store, &to).await.unwrap();
    assert_eq!(fake.hooks().len(), 4);
    fake.deactivate_hooks();
    MainStore::subscribe(&store, &to).await.unwrap();
    assert_eq!(fake.hooks().iter().filter(|hook| hook.is_active).count(), 2);
    MainStore::unsubscribe(&store, &to).await.unwrap();
    MainStore::unsubscribe(&store, &to).await.unwrap();
    let left = fake.hooks();
    assert!(left.len() == 2 && left.iter().all(|hook| hook.destination == "https://api.test/2"));
    assert!(fake.violations().is_empty(), "{:#?}", fake.violations());
}

#[tokio::test]
async fn a_package_of_the_channel_gets_its_new_number() {
    let fake = started(BigStore::new()).await;
    let store = connected(&fake, &[]).await;
    let address = json!({"first_name": "Bo", "last_name": "Ek", "street_1": "1 Quay", "city": "Austin", "state": "Texas",
        "zip": "78108", "country": "United States", "country_iso2": "US", "email": "bo@example.test"});
    let purchase = Purchase {
        currency: "USD".to_owned(),
        sku: "TEA".to_owned(),
        quantity: 2,
        unit_price: Decimal::new(1999, 2),
        shipping: Decimal::ZERO,
        coupon: Decimal::ZERO,
        paid: true,
        address,
        message: String::new(),
    };
    let order = fake.place(&purchase).unwrap();
    fake.pack(order, "AB 1", 1);
    let id = order.to_string().parse().unwrap();
    let number = Number { number: "CD2".to_owned(), carrier: Some("Evri".to_owned()) };
    for _ in 0..2 {
        store.edit_tracking(&id, "ab1", &number).await.unwrap();
    }
    let packages = SalesChannel::shipments(&store, &id).await.unwrap();
    assert_eq!(packages.iter().map(|package| package.tracking.clone()).collect::<Vec<_>>(), [Some(number.clone())]);
    let gone = Number { number: "EF3".to_owned(), carrier: None };
    let error = store.edit_tracking(&id, "nobody's", &gone).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let long = Number { number: "1".repeat(51), carrier: None };
    assert_eq!(store.edit_tracking(&id, "CD2", &long).await.unwrap_err().effect, Effect::None);
    assert!(fake.violations().is_empty(), "{:#?}", fake.violations());
}

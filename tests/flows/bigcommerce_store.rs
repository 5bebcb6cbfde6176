//! BigCommerce as the main store, on the real connector and its fake: stock by the store's own setting, amounts, packages.

use app::{ConnectionInput, MatchBy};
use domain::settings::TaxRate;
use fakes::bigcommerce::{ACCESS_TOKEN, BigFake, BigStore, CLIENT_SECRET, HASH, MailKind, StockMoves, Tracking};
use fakes::ebay::{Collector, LineSpec, OrderSpec};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use storage::{ConnectionState, Role};

use crate::doors::offer;
use crate::world::{World, credentials};

const ID: &str = "12-00001-00001";

/// The fixture with a BigCommerce store in the WooCommerce's place; A and B are linked by their SKUs.
async fn on_bigcommerce(store: BigStore) -> (World, BigFake) {
    let world = World::new().await;
    for connection in world.app.storage.settings.connections().await.unwrap() {
        if connection.role == Role::MainStore && connection.state == ConnectionState::Active {
            world.app.disconnect(&connection.id).await.unwrap();
        }
    }
    let store = store.clock(world.clock.clone()).start().await.unwrap();
    for (sku, title, price, stock) in [("A", "Apple", 1999, 50), ("B", "Bag", 2500, 20)] {
        store.add_product(sku, title, Decimal::new(price, 2), Tracking::Product, stock);
    }
    let settings = [("store_hash", HASH), ("api_url", store.url())];
    let input = ConnectionInput {
        platform: "bigcommerce".parse().unwrap(),
        role: Role::MainStore,
        name: "The shop".to_owned(),
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        credentials: credentials(&[("access_token", ACCESS_TOKEN), ("client_secret", CLIENT_SECRET)]),
        webhooks_at: None,
    };
    world.app.connect(input).await.unwrap();
    for sku in ["A", "B"] {
        let key = domain::ListingKey::Sku(sku.parse().unwrap());
        world.app.unlink(&world.channel, &key).await.unwrap();
    }
    world.app.link_in_bulk(&world.channel, MatchBy::Sku).await.unwrap();
    world.advance(SignedDuration::from_mins(1));
    (world, store)
}

/// A store that takes stock when an order is placed, and one that takes it when an order is completed or shipped.
fn both() -> [BigStore; 2] {
    let late = BigStore::new().currencies(&["GBP"]).stock_moves(StockMoves::OrderCompletedOrShipped).restocks(false);
    [BigStore::new().currencies(&["GBP"]), late]
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

#[tokio::test]
async fn scenario_1_on_bigcommerce_each_unit_leaves_the_stock_once_whatever_the_store_takes_itself() {
    for store in both() {
        let (world, store) = on_bigcommerce(store).await;
        world.ebay.place(OrderSpec::new(ID).line("A", 2, 1999).line("B", 1, 2500).shipping(399));
        settle(&world).await;
        let orders = store.orders();
        assert_eq!((orders.len(), orders[0].total_inc()), (1, Decimal::new(6897, 2)));
        assert_eq!((store.stock("A"), store.stock("B")), (Some(48), Some(19)));
        assert!(store.mails().iter().all(|mail| mail.kind == MailKind::OwnerNewOrder), "no buyer is mailed");
    }
}

#[tokio::test]
async fn scenario_5_on_bigcommerce_a_cancel_puts_each_unit_back_once_whatever_the_store_does_itself() {
    for store in both() {
        let (world, store) = on_bigcommerce(store).await;
        world.ebay.place(OrderSpec::new(ID).line("A", 3, 1999));
        settle(&world).await;
        assert_eq!(store.stock("A"), Some(47));
        world.ebay.cancel(ID);
        settle(&world).await;
        assert_eq!((store.orders().len(), store.stock("A")), (1, Some(50)));
    }
}

#[tokio::test]
async fn scenario_7_on_bigcommerce_the_total_never_changes() {
    let (world, store) = on_bigcommerce(BigStore::new().currencies(&["GBP", "EUR"])).await;
    let rate = TaxRate { country: Some("GB".to_owned()), basis_points: 2000, label: "VAT 20%".to_owned() };
    world.set(|settings| (settings.tax.rates, settings.tax.add_shipping_tax) = (vec![rate], true)).await;
    world.ebay.place(OrderSpec::new(ID).line("A", 2, 2500).line("B", 1, 1250).shipping(499));
    settle(&world).await;
    let order = store.orders().remove(0);
    // 1125 = 833 + 208 + 83.
    assert_eq!((order.total_inc(), order.total_tax()), (Decimal::new(6749, 2), Decimal::new(1125, 2)));
}

#[tokio::test]
async fn scenario_9_on_bigcommerce_the_marketplaces_tax_stays_out() {
    let (world, store) = on_bigcommerce(BigStore::new().currencies(&["GBP"])).await;
    let line = LineSpec::new("A", 1, 4000).shipping(500).tax("STATE_SALES_TAX", 371, Collector::Ebay);
    world.ebay.place(OrderSpec::new(ID).line_of(line));
    settle(&world).await;
    let order = store.orders().remove(0);
    assert_eq!((order.total_inc(), order.total_tax()), (Decimal::new(4500, 2), Decimal::ZERO));
}

#[tokio::test]
async fn scenario_17_on_bigcommerce_a_package_of_the_store_reaches_the_channel_once() {
    let (world, store) = on_bigcommerce(BigStore::new().currencies(&["GBP"])).await;
    world.ebay.place(OrderSpec::new(ID).line("A", 2, 1999));
    settle(&world).await;
    let order = store.orders().remove(0);
    store.pack_all(order.id, "royalmail", "RM123456785GB");
    settle(&world).await;
    let told = world.ebay.fulfilments(ID);
    assert_eq!((told.len(), told[0].tracking.as_deref()), (1, Some("RM123456785GB")));
}

#[tokio::test]
async fn scenario_22_on_bigcommerce_of_one_currency_keep_is_not_offered_and_another_currency_is_refused_by_default() {
    let (world, store) = on_bigcommerce(BigStore::new().currencies(&["USD"])).await;
    let (offered, why) = offer(&world, &world.channel, "currency", Some("keep")).await;
    assert!(!offered && why.contains("own currency only"), "{why}");
    world.ebay.place(OrderSpec::new(ID).currency("EUR".parse().unwrap()).line("A", 1, 11_900));
    settle(&world).await;
    assert!(store.orders().is_empty());
    let view = world.app.order(world.order_id(ID).await).await.unwrap().unwrap();
    assert!(view.error.is_some_and(|error| error.starts_with("EUR, store takes USD")));
    let (world, _store) = on_bigcommerce(BigStore::new().currencies(&["USD", "EUR"])).await;
    assert!(offer(&world, &world.channel, "currency", Some("keep")).await.0);
}

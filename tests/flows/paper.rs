//! What no platform with a connector tells: discounts that the marketplace pays, and barcodes in the way that they are tried here.

use std::sync::Arc;

use app::MatchBy;
use connect::{ChannelCapabilities, StoreCapabilities};
use domain::{ConnectionId, Money};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;

use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, listing, paper_order, set_shipping};
use crate::world::paper_store::{Booked, PAPER_STORE, PaperStore};
use crate::world::{Setup, World};

/// A world with one more channel, of a platform with these capabilities.
pub async fn with_channel(
    currency: &str,
    platform: &str,
    can: ChannelCapabilities,
) -> (World, Arc<PaperChannel>, ConnectionId) {
    let world = World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await;
    let channel = Arc::new(PaperChannel::new("seller-1", can, world.clock.clone()));
    let id = world.add_channel(platform, channel.clone()).await;
    for sku in ["A", "B", "C"] {
        world.link_on(&id, sku, world.product(sku)).await;
    }
    world.advance(SignedDuration::from_mins(1));
    (world, channel, id)
}

/// The same with a main store of its own, in place of the shop; products A, B and C with stock 50, 20, 10.
pub async fn with_store(
    currency: &str,
    can: StoreCapabilities,
    platform: &str,
) -> (World, Arc<PaperStore>, Arc<PaperChannel>, ConnectionId) {
    let world = World::new().await;
    let store = Arc::new(PaperStore::new("store-1", can, currency, world.clock.clone()));
    let products = [("A", 50), ("B", 20), ("C", 10)].map(|(sku, stock)| store.add_product(sku, Some(stock)));
    world.replace_store("paperstore", store.clone()).await;
    let channel = Arc::new(PaperChannel::new("seller-1", PAPER_CHANNEL, world.clock.clone()));
    let id = world.add_channel(platform, channel.clone()).await;
    for (sku, product) in ["A", "B", "C"].into_iter().zip(products) {
        world.link_on(&id, sku, product).await;
    }
    world.advance(SignedDuration::from_mins(1));
    (world, store, channel, id)
}

pub async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
}

fn the_order(store: &PaperStore) -> Booked {
    let orders = store.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    orders.into_iter().next().unwrap()
}

fn woo_json(world: &World) -> serde_json::Value {
    let orders = world.woo.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    world.woo.order_json(orders[0].id).unwrap()
}

pub fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency.parse().unwrap())
}

#[tokio::test]
async fn scenario_13_the_seller_receives_what_the_marketplace_pays() {
    let (world, channel, _) = with_channel("EUR", "paper", PAPER_CHANNEL).await;
    let mut order = paper_order("P-13", "EUR", "DE", world.now());
    add_line(&mut order, "A", 3, 3000);
    add_line(&mut order, "B", 1, 2000);
    set_shipping(&mut order, 600);
    order.lines[0].charge.seller_discount = Some(money(500, "EUR"));
    order.lines[0].charge.marketplace_discount = Some(money(300, "EUR"));
    order.shipping.charge.marketplace_discount = Some(money(200, "EUR"));
    order.buyer_total = money(4600, "EUR");
    channel.place(order);
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!(json["total"], "51.00");
    let line =
        |index: usize| (json["line_items"][index]["subtotal"].clone(), json["line_items"][index]["total"].clone());
    assert_eq!(line(0), ("30.00".into(), "25.00".into()));
    assert_eq!(line(1), ("20.00".into(), "20.00".into()));
    assert_eq!(json["shipping_lines"][0]["total"], "6.00");
    assert!(json["meta_data"].to_string().contains("5.00 EUR"), "what the marketplace pays is told");
}

#[tokio::test]
async fn links_are_made_by_barcode_where_exactly_one_product_matches() {
    let (world, store, channel, id) = with_store("USD", PAPER_STORE, "paper").await;
    for (sku, code) in [("D", "4006381333931"), ("E", "5012345678900"), ("F", "5012345678900")] {
        store.add_product(sku, Some(5));
        store.set_barcode(sku, code);
    }
    let mut one = listing("shop-d", true);
    one.barcode = Some(" 4006381333931 ".to_owned());
    let mut two = listing("shop-e", false);
    two.barcode = Some("5012345678900".to_owned());
    let mut none = listing("shop-g", true);
    none.barcode = Some("9780201379624".to_owned());
    let mut inactive = listing("shop-h", false);
    inactive.barcode = Some("4006381333931".to_owned());
    for listing in [one, two, none, inactive, listing("shop-i", true), listing("A", true)] {
        channel.list(listing);
    }
    let report = world.app.link_in_bulk(&id, MatchBy::Barcode).await.unwrap();
    assert_eq!(report.linked, ["4006381333931", "4006381333931"], "an inactive listing is linked too");
    assert_eq!(report.several_matches, ["5012345678900"]);
    assert_eq!(report.no_match, ["9780201379624"]);
    assert_eq!(report.no_key, ["Listing shop-i"]);
    assert_eq!(report.already_linked, 1);

    let mut order = paper_order("P-BAR", "USD", "US", world.now());
    add_line(&mut order, "shop-d", 1, 1000);
    channel.place(order);
    settle(&world).await;
    assert_eq!(the_order(&store).held.lines[0].product, Some("p-D".parse().unwrap()));
    assert_eq!(store.stock_of("D"), Some(4));
}

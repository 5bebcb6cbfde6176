//! Orders that are canceled in part, edited, refused, shipped or re-numbered after their import: told, applied once, or flagged.

use std::sync::Arc;

use app::Job;
use connect::ChannelCapabilities;
use domain::head::Attention;
use domain::link::Target;
use domain::shipment::Push;
use domain::{ConnectionId, ImportState, Link, ListingKey, Money, Refund, Sku};
use fakes::ebay::{Address, OrderSpec};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;

use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, paper_order};
use crate::world::paper_store::{PAPER_STORE, PaperStore};
use crate::world::{Setup, World};

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
}

/// A world with one more channel, like Shopify: it tells canceled units, and lets tracking be changed.
async fn with_channel(currency: &str, can: ChannelCapabilities) -> (World, Arc<PaperChannel>, ConnectionId) {
    let world = World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await;
    let channel = Arc::new(PaperChannel::new("shop-1", can, world.clock.clone()));
    let id = world.add_channel("shopify", channel.clone()).await;
    for sku in ["A", "B"] {
        world.link_on(&id, sku, world.product(sku)).await;
    }
    world.advance(SignedDuration::from_mins(1));
    (world, channel, id)
}

fn stock(world: &World) -> (i64, i64) {
    (world.woo.stock("A").unwrap(), world.woo.stock("B").unwrap())
}

fn store_id(order: &domain::Order) -> u64 {
    order.import.store_order().unwrap().as_str().parse().unwrap()
}

#[tokio::test]
async fn scenario_16_one_of_three_boxes_is_canceled_and_its_products_come_back_once() {
    let (world, channel, id) = with_channel("USD", PAPER_CHANNEL).await;
    let target = |sku: &str, quantity, weight| Target { product: world.product(sku), sku: None, quantity, weight };
    let listing = ListingKey::Sku(Sku::new("GIFTBOX").unwrap());
    let targets = vec![target("A", 2, 1000), target("B", 1, 2500)];
    world.app.link(Link { connection: id, listing, targets, tax_rate: None }).await.unwrap();
    let mut order = paper_order("SH-16", "USD", "US", world.now());
    add_line(&mut order, "GIFTBOX", 3, 13_500);
    channel.place(order);
    settle(&world).await;
    let store_id = store_id(&world.order("SH-16").await);
    let json = world.woo.order_json(store_id).unwrap();
    let line = |n: usize| (json["line_items"][n]["quantity"].clone(), json["line_items"][n]["total"].clone());
    assert_eq!((line(0), line(1)), ((6.into(), "60.00".into()), (3.into(), "75.00".into())));
    assert_eq!(stock(&world), (44, 17));

    channel.edit("SH-16", |order| {
        let line = order.lines[0].id.clone();
        order.lines[0].canceled = 1;
        let amount = Money::from_minor(4500, order.currency);
        order.refunds.push(Refund { id: "RF-1".to_owned(), amount, at: None, line: Some(line), quantity: Some(1) });
    });
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(&world), (46, 18));
    let refund = &world.woo.order(store_id).unwrap().refunds[0];
    let lines: Vec<_> = refund.lines.iter().map(|l| (l.line.quantity, l.line.total.to_string())).collect();
    assert_eq!((refund.amount.to_string().as_str(), refund.paid_back), ("45.00", false));
    assert_eq!(lines, [(-2, "-20.00".to_owned()), (-1, "-25.00".to_owned())]);
    let view = world.app.order(world.order_id("SH-16").await).await.unwrap().unwrap();
    assert_eq!((view.differences, view.error), (Vec::new(), None));

    // The rest is canceled: what came back before does not come back again.
    channel.edit("SH-16", |order| order.cancel = domain::Cancel::Canceled);
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(&world), (50, 20));
}

#[tokio::test]
async fn units_canceled_without_a_refund_come_back_once_and_no_money_is_recorded() {
    let (world, channel, _) = with_channel("USD", PAPER_CHANNEL).await;
    let mut order = paper_order("SH-17", "USD", "US", world.now());
    add_line(&mut order, "A", 3, 6000);
    channel.place(order);
    settle(&world).await;
    channel.edit("SH-17", |order| order.lines[0].canceled = 2);
    settle(&world).await;
    world.replay().await;
    assert_eq!(world.woo.stock("A"), Some(49));
    assert!(world.woo.refunds().iter().all(|refund| refund.amount.is_zero()));
    assert_eq!(world.woo.refunds().len(), 1);
}

#[tokio::test]
async fn an_edit_after_the_import_is_told_and_never_creates_a_second_order() {
    let world = World::new().await;
    let id = "12-00030-00001";
    world.ebay.place(OrderSpec::new(id).line("A", 2, 1999).shipping(399));
    settle(&world).await;
    let order = world.order(id).await;
    world.ebay.edit(id, |spec| {
        spec.lines[0].quantity = 3;
        spec.buyer.address = Address::new("2 New Road", "Leeds", "LS1 1AA", "GB");
    });
    settle(&world).await;
    world.replay().await;
    assert_eq!((world.woo.creates().len(), world.woo.stock("A")), (1, Some(48)));
    let view = world.app.order(order.id).await.unwrap().unwrap();
    let told = view.differences.join("\n");
    assert!(told.contains("The channel now has 3 x Item A, the main store's order 2; add 1 there"), "{told}");
    assert!(told.contains("total is now GBP 63.96") || told.contains("63.96"), "{told}");
    assert!(told.contains("shipping address was changed"), "{told}");
    assert_eq!((view.order.attention(), view.error.as_ref()), (Some(Attention::Error), view.differences.first()));

    // A person mends the store's order and presses Sync: nothing is left to tell.
    let json = world.woo.order_json(store_id(&view.order)).unwrap();
    let change = serde_json::json!({
        "line_items": [{"id": json["line_items"][0]["id"], "quantity": 3, "subtotal": "59.97", "total": "59.97"}],
        "shipping": {"address_1": "2 New Road", "city": "Leeds", "postcode": "LS1 1AA"},
    });
    world.woo.edit_order(store_id(&view.order), &change).unwrap();
    world.app.sync(&[order.id], "owner").await.unwrap();
    world.drain().await;
    let view = world.app.order(order.id).await.unwrap().unwrap();
    assert_eq!((view.differences, view.error, view.order.attention()), (Vec::new(), None, None));
    assert_eq!(world.woo.stock("A"), Some(47));
}

#[tokio::test]
async fn an_edit_that_is_taken_back_leaves_nothing_to_tell() {
    let world = World::new().await;
    let id = "12-00030-00002";
    world.ebay.place(OrderSpec::new(id).line("A", 2, 1999));
    settle(&world).await;
    for (street, differs) in [("2 New Road", true), ("1 Example Street", false)] {
        world.ebay.edit(id, |spec| spec.buyer.address = Address::new(street, "London", "N1 1AA", "GB"));
        settle(&world).await;
        let view = world.app.order(world.order_id(id).await).await.unwrap().unwrap();
        assert_eq!(!view.differences.is_empty(), differs, "{:?}", view.differences);
    }
}

#[tokio::test]
async fn a_refused_order_keeps_its_units_from_the_other_channels_once() {
    let world = World::new().await;
    let can = connect::StoreCapabilities { keyed_stock_moves: false, ..PAPER_STORE };
    let store = Arc::new(PaperStore::new("store-1", can, "USD", world.clock.clone()));
    let product = store.add_product("A", Some(50));
    world.replace_store("paperstore", store.clone()).await;
    let channel = Arc::new(PaperChannel::new("shop-1", PAPER_CHANNEL, world.clock.clone()));
    let id = world.add_channel("shopify", channel.clone()).await;
    world.link_on(&id, "A", product).await;
    store.refuse_orders("the shop is on holiday");
    world.advance(SignedDuration::from_mins(1));
    let mut order = paper_order("SH-22", "USD", "US", world.now());
    add_line(&mut order, "A", 2, 5000);
    channel.place(order);
    settle(&world).await;
    world.replay().await;
    let order = world.order("SH-22").await;
    assert!(matches!(&order.import, ImportState::Failed { refused: true, .. }), "{:?}", order.import);
    assert_eq!(store.stock_of("A"), Some(48));
    world.app.sync(&[order.id], "owner").await.unwrap();
    settle(&world).await;
    assert_eq!(store.stock_of("A"), Some(48));
    channel.edit("SH-22", |order| order.cancel = domain::Cancel::Canceled);
    settle(&world).await;
    world.replay().await;
    assert_eq!(store.stock_of("A"), Some(50));
}

#[tokio::test]
async fn a_package_that_the_channel_has_already_counts_as_told() {
    let world = World::new().await;
    let id = "12-00030-00003";
    let spec = OrderSpec::new(id).line("A", 2, 1999);
    let line = spec.line_id(0);
    world.ebay.place(spec);
    settle(&world).await;
    let order = world.order(id).await;
    // Shipped at eBay, which its list does not show yet, and completed in the store.
    world.ebay.ship_by_label(id, "RoyalMail", "RM1", &[(&line, 2)]);
    world.woo.complete(store_id(&order)).unwrap();
    world.queue_now(&[Job::fulfil(order.id)]).await;
    world.drain().await;
    assert_eq!(world.order(id).await.packages[0].push, Push::Sent);
    settle(&world).await;
    world.replay().await;
    assert_eq!(world.ebay.fulfilments(id).len(), 1);
    assert!(world.order(id).await.packages.iter().all(|package| !matches!(package.push, Push::Refused { .. })));
}

#[tokio::test]
async fn an_order_of_the_stores_own_checkout_is_nowhere_else() {
    let world = World::new().await;
    let product: u64 = world.product("A").as_str().parse().unwrap();
    let order = serde_json::json!({"status": "processing", "line_items": [{"product_id": product, "quantity": 1}]});
    world.woo.place_checkout_order(&order).unwrap();
    settle(&world).await;
    world.replay().await;
    assert!(world.orders().await.is_empty());
    assert!(world.ebay.orders().is_empty());
    assert_eq!((world.woo.orders().len(), world.woo.creates().len()), (1, 0));
}

/// One package of the store's order, as Advanced Shipment Tracking notes it.
fn package(world: &World, store_id: u64, number: &str) {
    let items = serde_json::json!([{
        "tracking_provider": "ups", "custom_tracking_provider": "", "custom_tracking_link": "",
        "tracking_number": number, "date_shipped": world.now().as_second().to_string(), "tracking_id": "p1",
    }]);
    world.woo.set_order_meta(store_id, "_wc_shipment_tracking_items", &items).unwrap();
}

#[tokio::test]
async fn scenario_17_a_number_that_changes_is_updated_once_where_the_channel_can() {
    let (world, channel, _) = with_channel("USD", PAPER_CHANNEL).await;
    let mut order = paper_order("SH-18", "USD", "US", world.now());
    add_line(&mut order, "A", 2, 4000);
    channel.place(order);
    settle(&world).await;
    let store_id = store_id(&world.order("SH-18").await);
    package(&world, store_id, "1Z999AA1");
    settle(&world).await;
    let numbers = || -> Vec<String> {
        channel.shipments_of("SH-18").iter().map(|s| s.tracking.as_ref().unwrap().number.clone()).collect()
    };
    assert_eq!(numbers(), ["1Z999AA1"]);
    package(&world, store_id, "1Z999AA9");
    settle(&world).await;
    world.replay().await;
    assert_eq!((numbers(), channel.tracking_edits()), (vec!["1Z999AA9".to_owned()], 1));
}

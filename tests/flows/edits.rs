//! Orders that are canceled in part, edited, refused, shipped or re-numbered after their import: told, applied once, or flagged.

use std::sync::Arc;

use app::Job;
use domain::ImportState;
use domain::head::Attention;
use domain::shipment::Push;
use fakes::ebay::{Address, OrderSpec};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;

use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, paper_order};
use crate::world::paper_store::{PAPER_STORE, PaperStore};
use crate::world::{Setup, World};

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
}

fn store_id(order: &domain::Order) -> u64 {
    order.import.store_order().unwrap().as_str().parse().unwrap()
}

/// As Amazon tells of items.
#[tokio::test]
async fn units_canceled_without_a_refund_come_back_once_and_no_money_is_recorded() {
    let world = World::with(Setup { shop: WooShop::new().currency("USD"), ..Setup::default() }).await;
    let channel = Arc::new(PaperChannel::new("shop-1", PAPER_CHANNEL, world.clock.clone()));
    let id = world.add_channel("market", channel.clone()).await;
    world.link_on(&id, "A", world.product("A")).await;
    world.advance(SignedDuration::from_mins(1));
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

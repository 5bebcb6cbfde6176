//! What the scenarios say beside the amounts of the store's order: tabs, mails, items, other channels, whole chains.

use std::collections::BTreeSet;

use domain::link::{Links, Target};
use domain::search::Search;
use domain::settings::AutoImport;
use domain::status::{DotColor, dot};
use domain::tab::Tab;
use domain::{Link, ListingKey, Order, Sku};
use fakes::ebay::OrderSpec;
use fakes::shopify::OrderSpec as OrderOnShopify;
use fakes::woocommerce::{MailKind, Tracking};
use jiff::SignedDuration;
use serde_json::json;

use crate::privacy::connect_shopify;
use crate::shopify_channel::take_one_back;
use crate::stock::{exposure, fixture};
use crate::world::World;

pub async fn count(world: &World, tab: Tab) -> u64 {
    let counts = world.app.tab_counts(&BTreeSet::new(), None).await.unwrap().counts;
    Tab::EVERY.into_iter().zip(counts).find(|(known, _)| *known == tab).unwrap().1
}

fn store_id(order: &Order) -> u64 {
    order.import.store_order().unwrap().as_str().parse().unwrap()
}

fn order_1() -> OrderSpec {
    OrderSpec::new("12-00001-00001").line("A", 2, 1999).line("B", 1, 2500).shipping(399)
}

fn order_2(id: &str) -> OrderSpec {
    OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500).shipping(399)
}

#[tokio::test]
async fn scenario_1_stands_in_all_and_ready_to_ship_and_in_no_other_tab() {
    let world = World::new().await;
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    for tab in Tab::EVERY {
        let expected = u64::from(matches!(tab, Tab::All | Tab::ReadyToShip));
        assert_eq!(count(&world, tab).await, expected, "{}", tab.name());
    }
}

#[tokio::test]
async fn scenario_2_the_item_says_what_to_do_and_the_owner_gets_one_mail() {
    let world = World::new().await;
    let id = "12-00002-00001";
    world.ebay.place(order_2(id));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.subjects(), ["1 order from eBay waits for a link"]);
    assert_eq!((count(&world, Tab::Unlinked).await, world.app.stock_exposure().await.unwrap().len()), (1, 1));
    let order = world.order(id).await;
    let links = Links::default();
    let unlinked = world.app.unlinked(&order, &links).await.unwrap();
    let line_x = &order.source.lines[1];
    assert_eq!(line_x.sku, Some(Sku::new("X").unwrap()));
    let text = &unlinked[&line_x.id].text;
    assert!(text.contains("no product with the SKU X") && text.contains("link this listing"), "{text}");
    world.link("X", "C", 1).await;
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!((count(&world, Tab::Unlinked).await, world.app.stock_exposure().await.unwrap().len()), (0, 0));
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.subjects().len(), 1, "it is solved: no second mail");
}

#[tokio::test]
async fn scenario_3_dots_shipping_and_the_package_of_a_mixed_order() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::All).await;
    for n in 1..=3 {
        world.ebay.place(order_2(&format!("12-00003-0000{n}")));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    for order in world.orders().await {
        assert_eq!(dot(&order).color, DotColor::Green);
        let json = world.woo.order_json(store_id(&order)).unwrap();
        assert_eq!(json["shipping_lines"][0]["total"], "3.99");
    }
    assert_eq!(count(&world, Tab::Unlinked).await, 3);
    let shipped = world.order("12-00003-00001").await;
    let package = Tracking { provider: "UPS".to_owned(), number: "TRK1".to_owned() };
    world.woo.ship(store_id(&shipped), &[package]).unwrap();
    world.woo.complete(store_id(&shipped)).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    let spec = world.ebay.order("12-00003-00001").unwrap().spec;
    let sent = world.ebay.fulfilments("12-00003-00001");
    let [package] = &sent[..] else { panic!("{sent:?}") };
    let lines: BTreeSet<_> = package.lines.iter().cloned().collect();
    assert_eq!(lines, [(spec.line_id(0), 1), (spec.line_id(1), 1)].into(), "A and X are in it");
    // Canceled in the store: nothing is written to the channel.
    let calls = |world: &World| world.ebay.calls().all().iter().filter(|call| call.method != "GET").count();
    let before = calls(&world);
    world.woo.cancel(store_id(&world.order("12-00003-00003").await)).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(calls(&world), before);
    assert!(world.woo.refunds().is_empty(), "no money moves");
}

#[tokio::test]
async fn scenario_5_an_unpaid_order_is_in_no_tab_of_work_until_it_is_paid() {
    let world = World::new().await;
    let id = "12-00005-00001";
    world.ebay.place(OrderSpec::new(id).line("A", 3, 1999).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((count(&world, Tab::All).await, count(&world, Tab::ReadyToShip).await), (1, 0));
    let json = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    assert!(json["date_paid"].is_null(), "{}", json["date_paid"]);
    world.advance(SignedDuration::from_hours(26));
    world.ebay.pay(id);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(count(&world, Tab::ReadyToShip).await, 1);
    let json = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    assert!(!json["date_paid"].is_null());
}

#[tokio::test]
async fn scenario_16_the_whole_chain_of_boxes_a_line_cancel_and_an_oversell() {
    let world = World::new().await;
    let etsy = world.connect_channel("Etsy", &[("A", 50), ("B", 20)]).await;
    world.link_parts(&etsy.id, "A", &[("A", 1, 1)]).await;
    world.link_parts(&etsy.id, "B", &[("B", 1, 1)]).await;
    let (shop, id) = connect_shopify(&world, "GBP").await;
    for sku in ["B", "GIFTBOX"] {
        shop.add_product(sku, sku, rust_decimal::Decimal::new(4500, 2), Some(50));
    }
    let target = |sku: &str, quantity, weight| Target { product: world.product(sku), sku: None, quantity, weight };
    let listing = ListingKey::Sku(Sku::new("GIFTBOX").unwrap());
    let targets = vec![target("A", 2, 1000), target("B", 1, 2500)];
    world.app.link(Link { connection: id.clone(), listing, targets, tax_rate: None }).await.unwrap();
    world.link_on(&id, "B", world.product("B")).await;
    for started in [&world.channel, &etsy.id] {
        world.app.start_stock(started).await.unwrap();
    }
    world.pass(SignedDuration::from_mins(1)).await;
    let stock = || (world.woo.stock("A").unwrap(), world.woo.stock("B").unwrap());

    let boxes = shop.place(&OrderOnShopify::new("GBP").line("GIFTBOX", 3, 4500));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(stock(), (44, 17));
    take_one_back(&shop, boxes, "45.00");
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!((stock(), etsy.shop.stock("A"), etsy.shop.stock("B")), ((46, 18), Some(46), Some(18)));
    let held = world.woo.order(store_id(&world.order(&boxes.to_string()).await)).unwrap();
    let paid_for: Vec<String> = held.refunds[0].lines.iter().map(|line| line.line.total.to_string()).collect();
    assert_eq!(
        (held.totals.total.to_string().as_str(), paid_for),
        ("135.00", vec!["-20.00".to_owned(), "-25.00".to_owned()])
    );

    let bags = shop.place(&OrderOnShopify::new("GBP").line("B", 19, 2500));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(stock(), (46, -1));
    let story = world.story(&bags.to_string()).await;
    assert_eq!(story.iter().filter(|line| line.contains("oversold, B short 1")).count(), 1, "{story:?}");
    assert_eq!((etsy.shop.stock("B"), world.ebay.item("B").unwrap().available()), (Some(0), 0));
    world.deliver_alerts().await;
    assert!(
        world.mailbox.subjects().iter().any(|subject| subject.contains("oversold")),
        "{:?}",
        world.mailbox.subjects()
    );
}

#[tokio::test]
async fn scenario_18_with_customer_notifications_the_buyer_gets_one_mail_received_and_one_completed() {
    let world = World::new().await;
    world.set(|settings| settings.mails.customer_notifications = true).await;
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(5)).await;
    let kinds = |world: &World| world.woo.mails_to_buyers().into_iter().map(|mail| mail.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&world), [MailKind::Processing]);
    let lines = world.ebay.order("12-00001-00001").unwrap().spec.line_ids();
    let shipped: Vec<(&str, u32)> = lines.iter().map(String::as_str).zip([2, 1]).collect();
    world.ebay.ship_by_label("12-00001-00001", "RoyalMail", "RM1", &shipped);
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
    assert_eq!(kinds(&world), [MailKind::Processing, MailKind::Completed]);
}

#[tokio::test]
async fn scenario_18_other_orders_of_the_shop_mail_as_ever_whatever_is_set_for_ours() {
    for suppress in [false, true] {
        let world = World::new().await;
        world.set(|settings| settings.mails.suppress_owner_mail = suppress).await;
        world.ebay.place(order_1());
        world.pass(SignedDuration::from_mins(5)).await;
        let before = world.woo.mails().len();
        assert_eq!(before, usize::from(!suppress));
        let order = json!({
            "status": "processing",
            "billing": {"first_name": "Own", "last_name": "Customer", "email": "own@example.test", "country": "GB"},
            "line_items": [{"product_id": world.product("C").as_str().parse::<u64>().unwrap(), "quantity": 1}],
        });
        world.woo.place_checkout_order(&order).unwrap();
        world.pass(SignedDuration::from_mins(5)).await;
        let kinds: Vec<MailKind> = world.woo.mails()[before..].iter().map(|mail| mail.kind).collect();
        let kinds = kinds.iter().map(|kind| format!("{kind:?}")).collect::<BTreeSet<_>>();
        assert_eq!(kinds, ["OwnerNewOrder".to_owned(), "Processing".to_owned()].into());
    }
}

#[tokio::test]
async fn scenario_20_no_channel_is_ever_told_more_than_what_is_left() {
    let (world, etsy) = fixture().await;
    world.ebay.place(OrderSpec::new("12-00020-00001").line("A", 1, 1999).shipping(399).unpaid());
    world.ebay.place(OrderSpec::new("12-00020-00002").line("B", 1, 2500).shipping(399).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(etsy.shop.stock("A"), Some(49));
    let told = (etsy.set("A").len(), world.ebay.quantity_updates("B").len());
    world.ebay.combine(&["12-00020-00001", "12-00020-00002"], "12-00020-00003", 499);
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(49), Some(19)));
    let after = &etsy.set("A")[told.0..];
    assert!(after.iter().all(|units| *units <= 49), "{after:?}");
    assert_eq!(etsy.shop.stock("A"), Some(49));
    let bags: Vec<u32> = world.ebay.quantity_updates("B")[told.1..].iter().map(|update| update.quantity).collect();
    assert!(bags.iter().all(|units| *units <= 19), "{bags:?}");
    assert_eq!(world.ebay.item("B").unwrap().available(), 19);
}

#[tokio::test]
async fn scenario_21_the_orders_that_wait_stand_in_the_tab_error_with_red_dots_and_leave_it_by_themselves() {
    let (world, etsy) = fixture().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(2)).await;
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00021-0000{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
    }
    assert_eq!((count(&world, Tab::Error).await, exposure(&world, "A").await, etsy.shop.stock("A")), (3, 3, Some(47)));
    assert!(world.orders().await.iter().all(|order| dot(order).color == DotColor::Red));
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.all().len(), 1, "{:?}", world.mailbox.subjects());
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!((count(&world, Tab::Error).await, world.woo.orders().len()), (0, 3));
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(47), Some(47)), "47, and not 44");
    assert!(world.orders().await.iter().all(|order| dot(order).color == DotColor::Green));
}

#[tokio::test]
async fn scenario_25_an_order_is_found_by_the_channels_number_by_its_beginning_by_the_stores_and_by_ours() {
    let world = World::new().await;
    // A search has at least two characters, so these are not the first orders.
    world.app.storage.settings.take_numbers(1_000).await.unwrap();
    world.woo.ids_continue_after(5_000);
    world.ebay.place(OrderSpec::new("12-34567-89012").line("A", 1, 1999));
    world.ebay.place(OrderSpec::new("99-99999-99999").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let order = world.order("12-34567-89012").await;
    let ours = order.number.to_string();
    let stores = store_id(&order).to_string();
    for text in ["12-34567-89012", "12-34567", ours.as_str(), stores.as_str()] {
        let query = app::ListQuery {
            tab: Tab::All,
            channels: BTreeSet::new(),
            range: None,
            search: Some(Search::new(text).unwrap()),
            before: None,
            limit: 10,
        };
        let found = world.app.list(&query).await.unwrap();
        let found: Vec<_> = found.orders.iter().map(|view| view.order.id).collect();
        assert!(found.contains(&order.id), "{text}: {found:?}");
    }
}

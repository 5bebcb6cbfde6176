//! Amazon as the channel, on the real connector and its fake: what Amazon collects, holds back, ships itself, and tells of.

use std::sync::Arc;

use app::{ConnectionInput, MatchBy, PollJob};
use domain::head::ImportState;
use domain::settings::AutoImport;
use domain::shipment::Push;
use domain::trace::NotImported;
use domain::{ConnectionId, Order};
use fakes::amazon::{AmazonFake, Collector, ListedItem, MARKETPLACES, OrderSpec, REFRESH_TOKEN, SELLER_ID, TaxStyle};
use fakes::woocommerce::{Tracking, WooShop};
use jiff::SignedDuration;
use runtime::LeasedBudget;
use storage::Role;

use crate::doors::get;
use crate::world::{Setup, TickingClock, World, credentials};

const QUEUE: &str = "arn:aws:sqs:eu-central-1:111122223333:tributary-NotificationsQueue";
const AM1: &str = "202-0000001-0000001";
const AM2: &str = "202-0000002-0000002";

/// Connects Amazon as one more channel, with its notifications on.
pub async fn connect_amazon(world: &World, region: &str, marketplaces: &str) -> (AmazonFake, ConnectionId) {
    let amazon = AmazonFake::start(world.clock.clone()).await.unwrap();
    let application = amazon.application();
    let settings = [
        ("api_url", amazon.url()),
        ("region", region),
        ("seller_id", SELLER_ID),
        ("marketplace_ids", marketplaces),
        ("notification_queue", QUEUE),
    ];
    let input = ConnectionInput {
        platform: "amazon".parse().unwrap(),
        role: Role::Channel,
        name: "Amazon".to_owned(),
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        credentials: credentials(&[
            ("client_id", &application.client_id),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
        ]),
        webhooks_at: Some("https://tributary.example/v1/webhooks/".parse().unwrap()),
    };
    let id = world.app.connect(input).await.unwrap().id;
    (amazon, id)
}

/// The fixture with Amazon beside eBay, its listings A and B linked by their SKUs.
pub async fn with_amazon(currency: &str) -> (World, AmazonFake, ConnectionId) {
    let world = World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await;
    let (amazon, id) = connect_amazon(&world, "eu", &MARKETPLACES[..2].join(",")).await;
    for sku in ["A", "B"] {
        amazon.list(ListedItem::new(sku, sku, 50));
    }
    world.app.link_in_bulk(&id, MatchBy::Sku).await.unwrap();
    world.advance(SignedDuration::from_mins(5));
    (world, amazon, id)
}

/// Long enough for Amazon's two minutes of lag and its one search in three minutes.
pub async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(12)).await;
}

fn is_imported(order: &Order) -> bool {
    matches!(order.import, ImportState::Imported { .. })
}

#[tokio::test]
async fn connecting_asks_amazon_to_tell_the_queue_and_disconnecting_takes_it_back() {
    let (world, amazon, id) = with_amazon("GBP").await;
    assert_eq!(amazon.told_queue().as_deref(), Some(QUEUE));
    amazon.drop_subscription();
    world.app.renew_webhooks().await.unwrap();
    assert_eq!(amazon.told_queue().as_deref(), Some(QUEUE), "mended at night");
    world.app.disconnect(&id).await.unwrap();
    assert_eq!(amazon.told_queue(), None);
}

#[tokio::test]
async fn an_order_that_amazon_tells_of_is_read_by_itself_and_once() {
    let (world, amazon, id) = with_amazon("GBP").await;
    settle(&world).await;
    amazon.place(OrderSpec::new(AM1).line("A", 1, 2999));
    let told = amazon.notices();
    assert_eq!(told.len(), 1);
    let searches = || amazon.calls().all().iter().filter(|call| call.path == "/orders/2026-01-01/orders").count();
    let before = searches();
    // SQS delivers it three times; a message of somebody else is among them.
    let mut foreign = told[0].clone();
    foreign["Payload"]["OrderChangeNotification"]["SellerId"] = "A0000000000000".into();
    let batch = vec![told[0].clone(), foreign, told[0].clone(), told[0].clone()];
    receive_notification::handle(&world.unconnected, batch).await.unwrap();
    let is_its = |body: &String| {
        serde_json::from_str::<PollJob>(body).is_ok_and(|job| job.connection_id == id && job.order.is_some())
    };
    assert!(world.queue.bodies().iter().any(is_its), "{:?}", world.queue.bodies());
    world.advance(SignedDuration::from_secs(5));
    world.drain().await;
    assert!(is_imported(&world.order(AM1).await));
    assert_eq!((world.woo.orders().len(), searches()), (1, before), "imported without one search");
    // The list shows it later, and nothing happens twice.
    settle(&world).await;
    world.replay().await;
    assert_eq!(world.woo.orders().len(), 1);
    world.assert_no_duplicates();
    assert_eq!(world.woo.stock("A"), Some(49));
}

#[tokio::test]
async fn a_hint_about_an_order_that_amazon_does_not_have_changes_nothing() {
    let (world, amazon, _) = with_amazon("GBP").await;
    settle(&world).await;
    amazon.place(OrderSpec::new(AM1).line("A", 1, 2999));
    let mut told = amazon.notices().remove(0);
    told["Payload"]["OrderChangeNotification"]["AmazonOrderId"] = "202-9999999-9999999".into();
    receive_notification::handle(&world.unconnected, vec![told, serde_json::json!({"NotificationType": "TEST"})])
        .await
        .unwrap();
    world.advance(SignedDuration::from_secs(5));
    world.drain().await;
    assert_eq!((world.orders().await.len(), world.queue.dead()), (0, 0));
}

fn woo_json(world: &World) -> serde_json::Value {
    let orders = world.woo.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    world.woo.order_json(orders[0].id).unwrap()
}

#[tokio::test]
async fn scenario_24a_on_amazon_a_pending_order_holds_its_stock_and_imports_without_amazons_tax() {
    let (world, amazon, _) = with_amazon("GBP").await;
    let sold = OrderSpec::new(AM1).line("A", 1, 2999).tax(240, Collector::Amazon).taxed(TaxStyle::OnTop);
    amazon.place(sold.pending());
    settle(&world).await;
    let order = world.order(AM1).await;
    assert_eq!((world.woo.orders().len(), world.woo.stock("A")), (0, Some(49)));
    assert_eq!(order.import, ImportState::Waiting(NotImported::HeldByChannel));
    amazon.release(AM1);
    settle(&world).await;
    world.replay().await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"29.99".into(), &"0.00".into()));
    assert!(json["meta_data"].to_string().contains("2.40 GBP"), "what Amazon keeps is told: {}", json["meta_data"]);
    assert_eq!((world.order(AM1).await.source.buyer_total.minor(), world.woo.stock("A")), (3239, Some(49)));
}

#[tokio::test]
async fn scenario_24b_on_amazon_an_order_from_its_own_warehouse_is_counted_and_nothing_else() {
    let (world, amazon, id) = with_amazon("GBP").await;
    world.set_on(&id, |settings| settings.auto_import = AutoImport::All).await;
    amazon.place(OrderSpec::new(AM2).line("A", 5, 2999).by_amazon());
    settle(&world).await;
    world.replay().await;
    let order = world.order(AM2).await;
    assert_eq!(order.import, ImportState::Left(NotImported::FulfilledByChannel));
    assert_eq!((order.source.fulfilled_by_channel, order.source.buyer_total.minor()), (true, 14995));
    assert_eq!((world.woo.orders().len(), world.woo.stock("A")), (0, Some(50)));
    assert!(world.woo.movements("A").is_empty(), "its stock is Amazon's");
    let story = world.story(AM2).await;
    assert!(story.iter().any(|line| line.contains("own warehouse")), "{story:?}");
    let report = get(&world, "/reports/sales", &[("from", "2026-11-18"), ("to", "2026-11-18")]).await;
    let amount = |name: &str| report["rows"][0][name]["amount"].as_str().unwrap().to_owned();
    assert_eq!((amount("gross"), amount("fulfilled_by_channel")), ("149.95".to_owned(), "149.95".to_owned()));
}

#[tokio::test]
async fn what_amazon_ships_itself_comes_in_where_it_is_wanted_and_moves_no_stock() {
    let (world, amazon, id) = with_amazon("GBP").await;
    world.set_on(&id, |settings| settings.import_fulfilled_by_channel = true).await;
    amazon.place(OrderSpec::new(AM2).line("A", 5, 2999).by_amazon());
    settle(&world).await;
    world.replay().await;
    assert_eq!(world.woo.creates().len(), 1);
    assert_eq!((world.woo.stock("A"), world.woo.movements("A").len()), (Some(50), 0), "its stock is Amazon's");
}

#[tokio::test]
async fn scenario_24c_on_amazon_a_package_without_tracking_is_flagged_once_and_goes_when_it_has_one() {
    let (world, amazon, _) = with_amazon("GBP").await;
    amazon.place(OrderSpec::new(AM1).line("A", 1, 2999));
    settle(&world).await;
    let stored = world.woo.orders()[0].id;
    world.woo.complete(stored).unwrap();
    settle(&world).await;
    assert_eq!((amazon.packages(AM1).len(), amazon.confirmations()), (0, 0));
    let view = world.app.order(world.order_id(AM1).await).await.unwrap().unwrap();
    assert!(view.error.is_some_and(|error| error.contains("carrier and tracking number")));
    world.replay().await;
    let packages = world.order(AM1).await.packages;
    let flags = packages.iter().filter(|package| matches!(package.push, Push::Refused { .. })).count();
    assert_eq!((flags, amazon.confirmations()), (1, 0), "one flag: {packages:?}");
    world.woo.ship(stored, &[Tracking { provider: "ups".to_owned(), number: "1Z999AA1".to_owned() }]).unwrap();
    settle(&world).await;
    world.replay().await;
    assert_eq!((amazon.packages(AM1).len(), amazon.confirmations()), (1, 1));
    let package = amazon.packages(AM1).remove(0);
    assert_eq!((package.carrier.as_str(), package.tracking.as_str()), ("UPS", "1Z999AA1"));
}

#[tokio::test]
async fn scenario_10d_on_amazon_vat_that_amazon_collected_stays_out() {
    let (world, amazon, _) = with_amazon("EUR").await;
    let sold = OrderSpec::new(AM1).currency("EUR".parse().unwrap()).line("A", 1, 12_000);
    amazon.place(sold.tax(2000, Collector::Ioss).taxed(TaxStyle::Included));
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["total_tax"]), (&"100.00".into(), &"0.00".into()));
    assert_eq!(json["line_items"][0]["total"], "100.00");
    assert!(json["fee_lines"].as_array().unwrap().is_empty());
    assert!(json["meta_data"].to_string().contains("20.00 EUR"), "the collected tax is told: {}", json["meta_data"]);
}

#[tokio::test]
async fn scenario_12b_on_amazon_included_tax_of_the_seller_is_left_away() {
    let (world, amazon, id) = with_amazon("EUR").await;
    world.set_on(&id, |settings| settings.tax.import_without_tax = true).await;
    let sold = OrderSpec::new(AM1).currency("EUR".parse().unwrap()).line("A", 1, 12_000);
    amazon.place(sold.tax(2000, Collector::Seller).taxed(TaxStyle::Included));
    settle(&world).await;
    let json = woo_json(&world);
    assert_eq!((&json["total"], &json["line_items"][0]["total"]), (&"100.00".into(), &"100.00".into()));
    assert!(json["fee_lines"].as_array().unwrap().is_empty());
    let story = world.story(AM1).await;
    assert!(story.iter().any(|line| line.contains("120.00 EUR") && line.contains("20.00 EUR")), "{story:?}");
}

#[tokio::test]
async fn scenario_24_on_amazon_a_cancel_is_carried_over_and_its_stock_comes_back_once() {
    let (world, amazon, _) = with_amazon("GBP").await;
    amazon.place(OrderSpec::new(AM1).line("A", 2, 2999));
    settle(&world).await;
    assert_eq!(world.woo.stock("A"), Some(48));
    amazon.cancel(AM1);
    settle(&world).await;
    world.replay().await;
    assert_eq!((woo_json(&world)["status"].as_str(), world.woo.stock("A")), (Some("cancelled"), Some(50)));
}

/// 20 searches an hour: what does not fit into them is read on where it was left, not from the beginning.
#[tokio::test]
async fn more_changed_orders_than_an_hours_searches_show_are_all_read_in_the_next_hours() {
    let (world, amazon, _) = with_amazon("GBP").await;
    settle(&world).await;
    let clock = Arc::new(TickingClock::new(world.clock.clone()));
    world.connectors.paid_from(Arc::new(LeasedBudget::new(world.dynamo.storage(), clock)));
    amazon.faults().page_size(Some(2));
    for n in 0..60 {
        amazon.place(OrderSpec::new(&format!("202-0000009-{n:07}")).line("B", 1, 100));
    }
    let searches = || amazon.calls().all().iter().filter(|call| call.path == "/orders/2026-01-01/orders").count();
    let before = searches();
    world.pass(SignedDuration::from_hours(2)).await;
    let read = world.orders().await.len();
    assert_eq!(read, 60, "after {} searches", searches() - before);
    // Thirty pages, and no more than the allowance gives.
    assert!(searches() - before <= 20 + 2 * 20, "{} searches", searches() - before);
}

//! The connector against the fake of Amazon: what it asks for, what it makes of the answers, what it never does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "fake/access.rs"]
mod access;
#[path = "fake/connection.rs"]
mod connection;
#[path = "fake/listings.rs"]
mod listings;
#[path = "fake/notifications.rs"]
mod notifications;
#[path = "fake/packages.rs"]
mod packages;

use std::collections::{BTreeMap, BTreeSet};

use connect::{Effect, ErrorKind, Incoming, SalesChannel, Window};
use connector_amazon::Amazon;
use domain::shipment::{Origin, Push, ShippedLine, Tracking, key_of};
use domain::totals::totals;
use domain::{Cancel, ChannelOrder, Fulfilment, Package, Payment, Shipment};
use fakes::SimClock;
use fakes::amazon::{AmazonFake, Collector, DEMO_ORDERS, ListedItem, MARKETPLACES, OrderSpec, TaxStyle, demo_orders};
use jiff::{SignedDuration, Timestamp};

use connection::connected;
use listings::update;

async fn shop() -> (AmazonFake, Amazon) {
    let fake = AmazonFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    let (amazon, _) = connected(&fake);
    (fake, amazon)
}

/// The last day, up to where Amazon lets a window end.
fn today(fake: &AmazonFake) -> Window {
    let to = fake.clock().now() - SignedDuration::from_secs(amazon_lag());
    Window { from: to - SignedDuration::from_hours(24), to }
}

fn amazon_lag() -> i64 {
    connector_amazon::CAPABILITIES.list_lag_seconds.into()
}

async fn all(amazon: &Amazon, window: Window) -> Vec<Incoming> {
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let read = amazon.orders(&window, page.as_ref()).await.unwrap();
        found.extend(read.items);
        match read.next {
            Some(next) => page = Some(next),
            None => return found,
        }
    }
}

fn readable(incoming: Incoming) -> ChannelOrder {
    match incoming {
        Incoming::Order(order) => order,
        Incoming::Unreadable(unreadable) => panic!("{unreadable:?}"),
    }
}

async fn one(amazon: &Amazon, id: &str) -> ChannelOrder {
    readable(amazon.order(&id.parse().unwrap()).await.unwrap())
}

fn number(at: u32) -> String {
    format!("202-0000000-{at:07}")
}

fn package(tracking: Option<(&str, Option<&str>)>, lines: &[(&str, u32)]) -> Package {
    let line = |(id, quantity): &(&str, u32)| ShippedLine { line: id.parse().unwrap(), quantity: *quantity };
    let tracking =
        tracking.map(|(number, carrier)| Tracking { number: number.to_owned(), carrier: carrier.map(str::to_owned) });
    let shipment = Shipment { remote_id: None, tracking, shipped_at: None, lines: lines.iter().map(line).collect() };
    Package { key: key_of(&shipment), origin: Origin::Store, shipment, push: Push::Wanted }
}

#[tokio::test]
async fn the_demo_is_read_whole_and_adds_up() {
    let (fake, amazon) = shop().await;
    let specs = demo_orders();
    fake.place_all(specs.clone());
    fake.clock().advance(SignedDuration::from_mins(5));
    let found: Vec<ChannelOrder> = all(&amazon, today(&fake)).await.into_iter().map(readable).collect();
    assert_eq!(found.len(), DEMO_ORDERS);
    for order in &found {
        let spec = specs.iter().find(|spec| spec.id == order.id.as_str()).unwrap();
        let sums = totals(order).unwrap_or_else(|error| panic!("{}: {error}", order.id));
        let expected = if order.payment == Payment::Held { 0 } else { spec.sellers_total() };
        assert_eq!(sums.store_total.minor(), expected, "{}", order.id);
        assert_eq!(order.fulfilled_by_channel, spec.by_amazon);
    }
    assert_eq!(fake.violations(), []);
}

/// Scenario 24 from the channel's side.
#[tokio::test]
async fn scenario_24_through_the_fake() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 1, 2999).tax(240, Collector::Amazon);
    let item = spec.item_id(0);
    fake.place(spec.pending().without_pending_amounts());
    let order = one(&amazon, &number(1)).await;
    assert_eq!((order.payment, order.ship_to.is_none(), order.lines[0].quantity), (Payment::Held, true, 1));
    fake.release(&number(1));
    let order = one(&amazon, &number(1)).await;
    let sums = totals(&order).unwrap();
    assert!(order.payment.is_paid());
    assert_eq!([sums.buyer_total, sums.store_total, sums.marketplace_tax].map(domain::Money::minor), [3239, 2999, 240]);

    fake.place(OrderSpec::new(&number(2)).line("A", 5, 2999).by_amazon());
    fake.ship_from_warehouse(&number(2));
    let warehouse = one(&amazon, &number(2)).await;
    assert_eq!((warehouse.fulfilled_by_channel, warehouse.fulfilment), (true, Fulfilment::Shipped));
    assert_eq!(totals(&warehouse).unwrap().store_total.minor(), 14_995);

    // Without carrier and number nothing is sent; with both, exactly one package.
    for tracking in [None, Some(("1Z999AA1", None)), Some((" -- ", Some("UPS"))), Some(("1Z999AA1", Some(" ")))] {
        let refused = amazon.ship(&order, &package(tracking, &[(&item, 1)])).await.unwrap_err();
        assert_eq!((refused.kind, refused.effect), (ErrorKind::InvalidOrder, Effect::None), "{tracking:?}");
        assert_eq!(refused.public_message, "Amazon needs a carrier and a tracking number with every package.");
    }
    assert_eq!((fake.confirmations(), fake.refused_packages().len()), (0, 0));
    amazon.ship(&order, &package(Some(("1Z999AA1", Some("UPS"))), &[(&item, 1)])).await.unwrap();
    assert_eq!((fake.confirmations(), fake.packages(&number(1)).len()), (1, 1));
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Shipped);
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn scenario_10_d_through_the_fake() {
    let (fake, amazon) = shop().await;
    for (at, price, style) in [(1, 10_000, TaxStyle::OnTop), (2, 12_000, TaxStyle::Included)] {
        let spec = OrderSpec::new(&number(at)).currency("EUR".parse().unwrap()).marketplace(MARKETPLACES[1]);
        fake.place(spec.line("A", 1, price).tax(2000, Collector::Ioss).taxed(style));
        let sums = totals(&one(&amazon, &number(at)).await).unwrap();
        let minors = [sums.buyer_total, sums.store_total, sums.marketplace_tax].map(domain::Money::minor);
        assert_eq!(minors, [12_000, 10_000, 2_000], "{style:?}");
    }
}

#[tokio::test]
async fn a_cancellation_is_read_as_far_as_it_is() {
    let (fake, amazon) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 2, 3000));
    fake.request_cancel(&number(1));
    let asked = one(&amazon, &number(1)).await;
    assert_eq!((asked.cancel, asked.lines[0].open_quantity()), (Cancel::Requested, 2));
    fake.clock().advance(SignedDuration::from_mins(1));
    fake.cancel(&number(1));
    let canceled = one(&amazon, &number(1)).await;
    assert_eq!((canceled.cancel, canceled.lines[0].open_quantity()), (Cancel::Canceled, 0));
    assert!(canceled.revision > asked.revision);
}

#[tokio::test]
async fn a_backfill_asks_by_the_day_of_the_order() {
    let (fake, amazon) = shop().await;
    let long_ago: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 100).created(long_ago));
    fake.place(OrderSpec::new(&number(2)).line("A", 1, 100));
    fake.clock().advance(SignedDuration::from_mins(5));
    let summer = Window { from: long_ago, to: long_ago + SignedDuration::from_hours(1) };
    let found = amazon.orders_placed(&summer, None).await.unwrap().items;
    assert_eq!(found.into_iter().map(|order| readable(order).number).collect::<Vec<_>>(), [number(1)]);
    assert_eq!(all(&amazon, today(&fake)).await.len(), 2);
    assert_eq!(fake.violations(), []);
}

/// Amazon refuses a window that ends now; the poll's own lag keeps it from asking for one.
#[tokio::test]
async fn a_window_that_ends_too_late_is_refused_and_changes_nothing() {
    let (fake, amazon) = shop().await;
    let now = fake.clock().now();
    let refused =
        amazon.orders(&Window { from: now - SignedDuration::from_hours(1), to: now }, None).await.unwrap_err();
    assert_eq!((refused.kind, refused.effect), (ErrorKind::Unexpected, Effect::None));
    assert!(amazon.orders(&today(&fake), None).await.unwrap().items.is_empty());
}

/// Everything that the connector ever sends is described, and was checked against the description.
#[tokio::test]
async fn every_call_is_a_described_one() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 1, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    fake.list(ListedItem::new("A", "Item A", 1));
    amazon.account().await.unwrap();
    amazon.orders(&today(&fake), None).await.unwrap();
    amazon.orders_placed(&today(&fake), None).await.unwrap();
    let order = one(&amazon, &number(1)).await;
    amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[(&item, 1)])).await.unwrap();
    amazon.shipments(&order.id).await.unwrap();
    amazon.edit_tracking(&order.id, "T1", &Tracking { number: "T2".to_owned(), carrier: None }).await.unwrap();
    amazon.listings(None).await.unwrap();
    amazon.set_quantities(&[update("A", 5)]).await.unwrap().remove(0).unwrap();
    assert_eq!(fake.violations(), []);
    let coverage = fake.coverage();
    if !coverage.is_empty() {
        let used: BTreeMap<&str, usize> = coverage
            .iter()
            .filter(|(_, uses)| uses.requests > 0)
            .map(|(operation, uses)| (operation.as_str(), uses.requests))
            .collect();
        println!("requests checked, by described operation: {used:#?}");
        assert_eq!(used.keys().copied().collect::<BTreeSet<_>>().len(), 7, "{used:?}");
    }
}

//! The connector against the fake of Etsy: what it asks for, what it makes of the answers, what it never does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod shop;

use std::sync::Arc;

use connect::{Effect, ErrorKind, Incoming, SalesChannel, Window};
use connector_etsy::Etsy;
use domain::shipment::{Origin, Push, Tracking};
use domain::totals::totals;
use domain::{Cancel, ChannelOrder, Fulfilment, Package, Shipment};
use fakes::SimClock;
use fakes::etsy::{EtsyFake, ReceiptSpec, RefundOf, demo_listings, demo_orders};
use jiff::SignedDuration;
use shop::{Ledger, config, connected, connected_with};

const ID: u64 = 3_000_000_001;

async fn shop() -> (EtsyFake, Etsy) {
    let fake = EtsyFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    let etsy = connected(&fake);
    (fake, etsy)
}

fn today(fake: &EtsyFake) -> Window {
    Window { from: fake.clock().now() - SignedDuration::from_hours(24), to: fake.clock().now() }
}

async fn all(etsy: &Etsy, window: Window) -> Vec<ChannelOrder> {
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let read = etsy.orders(&window, page.as_ref()).await.unwrap();
        found.extend(read.items.into_iter().map(readable));
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

async fn one(etsy: &Etsy, id: u64) -> ChannelOrder {
    readable(etsy.order(&id.to_string().parse().unwrap()).await.unwrap())
}

fn package(tracking: Option<(&str, Option<&str>)>) -> Package {
    let tracking =
        tracking.map(|(number, carrier)| Tracking { number: number.to_owned(), carrier: carrier.map(str::to_owned) });
    let shipment = Shipment { remote_id: None, tracking, shipped_at: None, lines: Vec::new() };
    Package { key: "p".to_owned(), origin: Origin::Store, shipment, push: Push::Wanted }
}

#[tokio::test]
async fn the_demo_is_read_whole_and_adds_up() {
    let (fake, etsy) = shop().await;
    for listing in demo_listings() {
        fake.list(listing);
    }
    fake.place_all(demo_orders());
    let read = all(&etsy, today(&fake)).await;
    assert_eq!(read.len(), demo_orders().len());
    for order in &read {
        let spec = demo_orders().into_iter().find(|spec| spec.id.to_string() == order.id.as_str()).unwrap();
        let sums = totals(order).unwrap_or_else(|error| panic!("{}: {error}", order.id));
        assert_eq!(sums.buyer_total.minor(), spec.grandtotal(), "{}", order.id);
        assert_eq!(sums.marketplace_tax.minor(), spec.sales_tax + spec.vat, "{}", order.id);
    }
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn a_setting_says_whose_the_taxes_are() {
    let (fake, _) = shop().await;
    fake.place(ReceiptSpec::new(ID).line("A", 1, 4000).sales_tax(330).vat_included(639));
    let own = connected_with(&config(&fake, &[("vat", "seller")]), Arc::default());
    let sums = totals(&one(&own, ID).await).unwrap();
    assert_eq!((sums.marketplace_tax.minor(), sums.seller_tax.minor(), sums.store_total.minor()), (330, 639, 4000));
    let listed = all(&own, today(&fake)).await.remove(0);
    assert_eq!(totals(&listed).unwrap(), sums);
}

#[tokio::test]
async fn cancelled_receipts_are_polled_for_too() {
    let (fake, etsy) = shop().await;
    fake.cancels_move_the_time(true);
    fake.place_all([ReceiptSpec::new(ID).line("A", 1, 100), ReceiptSpec::new(ID + 1).line("A", 1, 100)]);
    fake.clock().advance(SignedDuration::from_hours(1));
    let from = fake.clock().now();
    fake.cancel(ID);
    fake.clock().advance(SignedDuration::from_mins(1));
    let read = all(&etsy, Window { from, to: fake.clock().now() }).await;
    assert_eq!(
        read.iter().map(|order| (order.id.as_str(), order.cancel)).collect::<Vec<_>>(),
        [("3000000001", Cancel::Canceled)]
    );
    let queries: Vec<_> = fake.calls().to("GET */receipts").into_iter().filter_map(|call| call.query).collect();
    assert_eq!(queries.iter().filter(|query| query.contains("was_canceled=true")).count(), 1, "{queries:?}");
}

/// The declared blind spot: what the list does not show, the order itself does, and as something newer.
#[tokio::test]
async fn a_refund_or_cancel_that_moves_no_time_is_newer_on_the_order_itself() {
    let (fake, etsy) = shop().await;
    fake.place(ReceiptSpec::new(ID).line("A", 2, 1000));
    fake.clock().advance(SignedDuration::from_hours(1));
    let from = fake.clock().now();
    let fresh = one(&etsy, ID).await;
    fake.refund(ID, RefundOf::Amount(500));
    let refunded = one(&etsy, ID).await;
    fake.clock().advance(SignedDuration::from_mins(1));
    assert_eq!(all(&etsy, Window { from, to: fake.clock().now() }).await, []);
    assert!(refunded.revision > fresh.revision && refunded.refunds.len() == 1);
    fake.cancel(ID);
    let canceled = one(&etsy, ID).await;
    assert!(canceled.revision > refunded.revision && canceled.cancel == Cancel::Canceled);
}

#[tokio::test]
async fn a_backfill_asks_by_the_time_of_creation() {
    let (fake, etsy) = shop().await;
    fake.place(ReceiptSpec::new(ID).line("A", 1, 100).created("2026-10-01T12:00:00Z".parse().unwrap()));
    fake.touch(ID);
    let october = Window { from: "2026-10-01T00:00:00Z".parse().unwrap(), to: "2026-10-31T00:00:00Z".parse().unwrap() };
    assert_eq!(etsy.orders_placed(&october, None).await.unwrap().items.len(), 1);
    assert_eq!(etsy.orders(&october, None).await.unwrap().items.len(), 0);
}

#[tokio::test]
async fn what_etsy_kept_of_a_package_is_read_back() {
    let (fake, etsy) = shop().await;
    fake.place(ReceiptSpec::new(ID).line("A", 1, 100));
    let order = one(&etsy, ID).await;
    let sent = etsy.ship(&order, &package(Some(("jd 014-x", Some("Evri"))))).await.unwrap();
    let kept = fake.receipt(ID).unwrap().shipments.remove(0);
    assert_eq!((sent.remote_id, kept.tracking.as_str()), (Some(kept.id.to_string()), "JD014X"));
    assert_eq!(fake.told(ID)[0].carrier.as_deref(), Some("hermes"));
    // The same number again mails nobody.
    let again = etsy.ship(&order, &package(Some(("JD014X", Some("Evri"))))).await.unwrap();
    assert_eq!((again.remote_id, fake.told(ID).len()), (Some(kept.id.to_string()), 1));
    // A carrier without a name of Etsy's goes as `other`, so that the number is kept.
    etsy.ship(&order, &package(Some(("BIKE1", Some("Bikes of Leeds"))))).await.unwrap();
    etsy.ship(&order, &package(Some(("BIKE2", None)))).await.unwrap();
    let carriers: Vec<_> = fake.told(ID).into_iter().filter_map(|told| told.carrier).collect();
    assert_eq!(carriers, ["hermes", "other", "other"]);
}

#[tokio::test]
async fn a_number_that_etsy_left_out_is_told() {
    let (fake, etsy) = shop().await;
    fake.place(ReceiptSpec::new(ID).line("A", 1, 100));
    // A carrier of Etsy's list that this fake, as Etsy at times, does not know.
    let error = etsy.ship(&one(&etsy, ID).await, &package(Some(("X1", Some("Yodel"))))).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
    assert!(error.public_message.contains("did not keep the tracking number"), "{}", error.public_message);
    assert_eq!(fake.receipt(ID).unwrap().shipments, []);
}

#[tokio::test]
async fn marking_as_sent_is_done_once_and_refused_where_etsy_wants_a_number() {
    let (fake, etsy) = shop().await;
    fake.place(ReceiptSpec::new(ID).line("A", 1, 100));
    let order = one(&etsy, ID).await;
    assert_eq!(etsy.ship(&order, &package(None)).await.unwrap().remote_id, None);
    assert_eq!(etsy.ship(&order, &package(None)).await.unwrap_err().kind, ErrorKind::AlreadyExists);
    assert_eq!((fake.told(ID).len(), one(&etsy, ID).await.fulfilment), (1, Fulfilment::Shipped));
    let mut american = ReceiptSpec::new(ID + 1).line("A", 1, 5000);
    "US".clone_into(&mut american.buyer.country);
    fake.place(american);
    let error = etsy.ship(&one(&etsy, ID + 1).await, &package(None)).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
    assert_eq!(error.public_message, "Etsy wants a tracking number and a carrier for this order.");
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_the_next_one_after_it() {
    let (fake, etsy) = shop().await;
    for _ in 0..3 {
        fake.faults().expire_token();
        etsy.account().await.unwrap();
    }
    assert_eq!((fake.refreshes(), fake.refused_tokens()), (3, 0));
}

#[tokio::test]
async fn another_shop_or_other_keys_are_told_apart() {
    let (fake, etsy) = shop().await;
    assert_eq!(etsy.account().await.unwrap().name, fakes::etsy::SHOP_NAME);
    let other = connected_with(&config(&fake, &[("shop_id", "999")]), Arc::default());
    // The first connector has spent the refresh token, so this one is told of it.
    assert_eq!(other.account().await.unwrap_err().kind, ErrorKind::Unauthorized);
    let (fake, _) = shop().await;
    let other = connected_with(&config(&fake, &[("shop_id", "999")]), Arc::default());
    let error = other.account().await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::ConfigInvalid, Effect::None));
    let (fake, _) = shop().await;
    let mut wrong = config(&fake, &[]);
    wrong.credentials.0.insert("client_secret".to_owned(), "another".into());
    let error = connected_with(&wrong, Arc::default()).account().await.unwrap_err();
    assert_eq!((error.kind, error.context.as_str()), (ErrorKind::ConfigInvalid, "status 403, shared secret"));
}

#[tokio::test]
async fn every_call_is_counted_and_what_is_left_is_passed_on() {
    let (fake, _) = shop().await;
    fake.limit(5, 20);
    let ledger = Arc::new(Ledger::default());
    let etsy = connected_with(&config(&fake, &[]), Arc::clone(&ledger));
    etsy.account().await.unwrap();
    // A token counts against neither.
    assert_eq!(*ledger.taken.lock().unwrap(), ["calls", "second", "day", "second", "day"]);
    let told = ledger.told.lock().unwrap().clone();
    let told: Vec<_> = told.into_iter().map(|(name, told)| (name, told.left, told.burst, told.per_hour)).collect();
    assert_eq!(told[2..], [("second", Some(3), Some(5), Some(18_000)), ("day", Some(18), Some(20), Some(0))]);
    for _ in 0..3 {
        etsy.listings(None).await.unwrap();
    }
    let limited = etsy.listings(None).await.unwrap_err();
    assert_eq!((limited.kind, limited.retry_after.unwrap().as_secs()), (ErrorKind::RateLimited, 1));
    assert!(!limited.held_back);
    for _ in 0..15 {
        fake.clock().advance(SignedDuration::from_secs(1));
        etsy.listings(None).await.unwrap();
    }
    fake.clock().advance(SignedDuration::from_secs(1));
    let spent = etsy.listings(None).await.unwrap_err();
    assert!(spent.retry_after.unwrap().as_secs() > 3600, "{:?}", spent.retry_after);
}

#[tokio::test]
async fn nothing_of_the_shop_shows_in_debug() {
    let (_fake, etsy) = shop().await;
    assert_eq!(format!("{etsy:?}"), "Etsy { connection: ConnectionId(\"etsy-1\"), .. }");
}

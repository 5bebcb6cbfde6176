//! The connector against the fake of eBay: what it asks for, what it makes of the answers, what it never does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod shop;

use std::collections::BTreeSet;
use std::time::Duration;

use connect::{Effect, ErrorKind, Incoming, PageToken, QuantityUpdate, SalesChannel, Window};
use connector_ebay::Ebay;
use domain::shipment::{Origin, Push, ShippedLine, Tracking};
use domain::totals::totals;
use domain::{Cancel, ChannelOrder, ChannelOrderId, Fulfilment, ListingKey, Package, Shipment};
use fakes::ebay::{Collector, DEMO_ORDERS, EbayFake, OrderSpec, REFRESH_TOKEN, RefundOf, StockedItem, demo_orders};
use fakes::{PageShift, SimClock};
use jiff::{SignedDuration, Timestamp};
use shop::connected;

async fn shop() -> (EbayFake, Ebay) {
    let fake = EbayFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    let ebay = connected(&fake);
    (fake, ebay)
}

fn today(fake: &EbayFake) -> Window {
    Window { from: fake.clock().now() - SignedDuration::from_hours(24), to: fake.clock().now() }
}

async fn all(ebay: &Ebay, window: Window) -> Vec<Incoming> {
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let read = ebay.orders(&window, page.as_ref()).await.unwrap();
        found.extend(read.items);
        match read.next {
            Some(next) => page = Some(next),
            None => return found,
        }
    }
}

fn ids(found: &[Incoming]) -> BTreeSet<String> {
    let id = |incoming: &Incoming| match incoming {
        Incoming::Order(order) => order.id.to_string(),
        Incoming::Unreadable(unreadable) => unreadable.remote_id.clone().unwrap(),
    };
    found.iter().map(id).collect()
}

async fn one(ebay: &Ebay, id: &str) -> ChannelOrder {
    match ebay.order(&id.parse().unwrap()).await.unwrap() {
        Incoming::Order(order) => order,
        Incoming::Unreadable(unreadable) => panic!("{unreadable:?}"),
    }
}

fn number(at: usize) -> String {
    format!("12-00000-{at:05}")
}

fn package(tracking: Option<(&str, &str)>, lines: &[(&str, u32)]) -> Package {
    let line = |(id, quantity): &(&str, u32)| ShippedLine { line: id.parse().unwrap(), quantity: *quantity };
    let tracking =
        tracking.map(|(number, carrier)| Tracking { number: number.to_owned(), carrier: Some(carrier.to_owned()) });
    let shipment = Shipment { remote_id: None, tracking, shipped_at: None, lines: lines.iter().map(line).collect() };
    Package { key: "p".to_owned(), origin: Origin::Store, shipment, push: Push::Wanted }
}

#[tokio::test]
async fn the_demo_is_read_whole_and_adds_up() {
    let (fake, ebay) = shop().await;
    let specs = demo_orders(7);
    fake.place_all(specs.clone());
    fake.faults().page_size(Some(7));
    let found = all(&ebay, today(&fake)).await;
    assert_eq!(ids(&found).len(), DEMO_ORDERS);
    let mut unreadable = BTreeSet::new();
    for incoming in &found {
        match incoming {
            Incoming::Unreadable(kept) => drop(unreadable.insert(kept.remote_id.clone().unwrap())),
            Incoming::Order(order) => {
                let spec = specs.iter().find(|spec| spec.id == order.id.as_str()).unwrap();
                let sums = totals(order).unwrap_or_else(|error| panic!("{}: {error}", order.id));
                assert_eq!(sums.store_total.minor(), spec.sums(true).store_total, "{}", order.id);
                assert_eq!(order.currency.code(), spec.currency.code());
            }
        }
    }
    assert_eq!(unreadable.len(), 1, "{unreadable:?}");
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn an_order_that_leaves_or_enters_the_window_hides_no_other() {
    for shift in [PageShift::Leaves, PageShift::Enters] {
        let (fake, ebay) = shop().await;
        let placed: BTreeSet<String> = (0..9).map(number).collect();
        fake.place_all(placed.iter().map(|id| OrderSpec::new(id).line("A", 1, 100)));
        fake.faults().page_size(Some(2));
        fake.clock().advance(SignedDuration::from_mins(10));
        let window = today(&fake);
        fake.clock().advance(SignedDuration::from_mins(10));
        let (mut found, mut page): (Vec<Incoming>, Option<PageToken>) = (Vec::new(), None);
        for call in 0.. {
            if call % 3 == 1 {
                fake.faults().shift_pages(shift);
            }
            let read = ebay.orders(&window, page.as_ref()).await.unwrap();
            found.extend(read.items);
            match read.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        // What leaves has changed, so the next window brings it.
        let later = Window { from: window.to, to: fake.clock().now() };
        let seen = &ids(&found) | &ids(&all(&ebay, later).await);
        assert!(placed.is_subset(&seen), "{shift:?}: {:?}", &placed - &seen);
    }
}

#[tokio::test]
async fn a_state_of_each_kind_is_read_as_it_is() {
    let (fake, ebay) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 2, 3000).line("B", 1, 4000).shipping(500).unpaid());
    assert!(!one(&ebay, &number(1)).await.payment.is_paid());
    fake.pay(&number(1));
    fake.request_cancel(&number(1));
    let order = one(&ebay, &number(1)).await;
    assert!(order.payment.is_paid());
    assert_eq!(order.cancel, Cancel::Requested);
    let line = order.lines[1].id.to_string();
    fake.refund(&number(1), RefundOf::Line { line_id: line.clone(), amount: 4000 });
    fake.clock().advance(SignedDuration::from_mins(1));
    fake.refund(&number(1), RefundOf::Amount(700));
    let order = one(&ebay, &number(1)).await;
    let refunds: Vec<_> = order.refunds.iter().map(|refund| (refund.amount.minor(), refund.line.is_some())).collect();
    assert_eq!(refunds, [(4000, true), (700, false)]);
    fake.clock().advance(SignedDuration::from_mins(1));
    fake.cancel(&number(1));
    assert_eq!(one(&ebay, &number(1)).await.cancel, Cancel::Canceled);
    assert!(one(&ebay, &number(1)).await.revision > order.revision);
}

#[tokio::test]
async fn scenario_9_through_the_fake() {
    let (fake, ebay) = shop().await;
    let spec = OrderSpec::new(&number(1)).currency("USD".parse().unwrap()).line("A", 1, 4000).shipping(500);
    fake.place(spec.tax("STATE_SALES_TAX", 371, Collector::Ebay));
    let sums = totals(&one(&ebay, &number(1)).await).unwrap();
    let minors = [sums.buyer_total, sums.store_total, sums.marketplace_tax].map(domain::Money::minor);
    assert_eq!(minors, [4871, 4500, 371]);
}

#[tokio::test]
async fn scenario_17_sends_two_packages_in_ebays_spelling() {
    let (fake, ebay) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 3, 1999).line("B", 1, 2500).shipping(399));
    let order = one(&ebay, &number(1)).await;
    let (a, b) = (order.lines[0].id.to_string(), order.lines[1].id.to_string());
    let sent = ebay.ship(&order, &package(Some(("1Z 999 AA1", "UPS")), &[(&a, 2)])).await.unwrap();
    assert_eq!(sent.remote_id.as_deref(), Some("1Z999AA1"));
    assert_eq!(one(&ebay, &number(1)).await.fulfilment, Fulfilment::Partial);
    // No lines: all that is left.
    ebay.ship(&order, &package(Some(("jd-014", "Royal Mail")), &[])).await.unwrap();
    let told: Vec<_> = fake.fulfilments(&number(1));
    assert_eq!(told.len(), 2);
    assert_eq!((told[1].tracking.as_deref(), told[1].carrier.as_deref()), (Some("JD014"), Some("RoyalMail")));
    assert_eq!(told[1].lines, [(a, 1), (b, 1)]);
    assert_eq!(one(&ebay, &number(1)).await.fulfilment, Fulfilment::Shipped);
    let again = ebay.ship(&order, &package(None, &[])).await.unwrap_err();
    assert_eq!((again.kind, again.effect), (ErrorKind::AlreadyExists, Effect::None));
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn packages_come_back_as_they_were_sent() {
    let (fake, ebay) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 3, 1999));
    let order = one(&ebay, &number(1)).await;
    let line = order.lines[0].id.to_string();
    let mut first = package(None, &[(&line, 1)]);
    first.shipment.shipped_at = Some("2026-11-20T10:00:00.123456Z".parse().unwrap());
    let sent = ebay.ship(&order, &first).await.unwrap();
    fake.ship_by_label(&number(1), "DPD", "RM1", &[(&line, 2)]);
    let id: ChannelOrderId = number(1).parse().unwrap();
    let seen = ebay.shipments(&id).await.unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].remote_id, sent.remote_id);
    assert_eq!(seen[0].tracking, None);
    assert_eq!(seen[0].shipped_at, Some("2026-11-20T10:00:00.123Z".parse().unwrap()));
    assert_eq!(seen[1].tracking, Some(Tracking { number: "RM1".to_owned(), carrier: Some("DPD".to_owned()) }));
    assert_eq!(seen[1].lines[0].quantity, 2);
}

#[tokio::test]
async fn what_ebay_refuses_has_no_effect_and_what_is_lost_may_have() {
    let (fake, ebay) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 1999));
    let order = one(&ebay, &number(1)).await;
    let foreign = ebay.ship(&order, &package(Some(("T1", "DHL")), &[("77", 1)])).await.unwrap_err();
    assert_eq!((foreign.kind, foreign.effect), (ErrorKind::InvalidOrder, Effect::None));
    let nothing = ebay.ship(&order, &package(Some((" -- ", "DHL")), &[])).await.unwrap_err();
    assert_eq!((nothing.kind, nothing.effect), (ErrorKind::InvalidOrder, Effect::None));
    let line = order.lines[0].id.to_string();
    fake.faults().on("POST *").drop_response(1);
    let lost = ebay.ship(&order, &package(Some(("T1", "DHL")), &[(&line, 1)])).await.unwrap_err();
    assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible));
    assert_eq!(fake.fulfilments(&number(1)).len(), 1);
    let missing = ebay.order(&number(2).parse().unwrap()).await.unwrap_err();
    assert_eq!((missing.kind, missing.effect), (ErrorKind::NotFound, Effect::None));
}

#[tokio::test]
async fn a_quantity_is_set_on_the_item_and_on_its_offer() {
    let (fake, ebay) = shop().await;
    let mut item = StockedItem::new("A", "Item A", 1999, "GBP".parse().unwrap(), 50);
    item.offer_quantity = Some(50);
    fake.stock(item);
    let update = |listing: ListingKey, sku: Option<&str>, quantity| QuantityUpdate {
        listing,
        sku: sku.map(|sku| sku.parse().unwrap()),
        quantity,
    };
    let answers = ebay
        .set_quantities(&[
            update(ListingKey::listing("1", None), Some("A"), 3),
            update(ListingKey::listing("2", None), None, 3),
            update("sku:NONE".to_owned().try_into().unwrap(), None, 3),
            update("sku:A".to_owned().try_into().unwrap(), None, 60),
        ])
        .await
        .unwrap();
    let kinds: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.kind)).collect();
    assert_eq!(kinds, [None, Some(ErrorKind::Unsupported), Some(ErrorKind::NotFound), None]);
    assert_eq!(fake.item("A").unwrap().available(), 60);
    let set: Vec<_> =
        fake.quantity_updates("A").iter().map(|update| (update.quantity, update.offer_id.is_some())).collect();
    assert_eq!(set, [(3, false), (3, true), (60, false), (60, true)]);
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn one_outage_answers_for_the_rest_of_the_quantities() {
    let (fake, ebay) = shop().await;
    fake.stock(StockedItem::new("A", "Item A", 1999, "GBP".parse().unwrap(), 50));
    ebay.account().await.unwrap();
    let before = fake.calls().all().len();
    let _outage = fake.faults().fail_while("503".parse().unwrap(), Some(9));
    let update = QuantityUpdate { listing: "sku:A".to_owned().try_into().unwrap(), sku: None, quantity: 1 };
    let answers = ebay.set_quantities(&[update.clone(), update.clone(), update]).await.unwrap();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::None));
        assert_eq!(error.retry_after, Some(Duration::from_secs(9)));
    }
    assert_eq!(fake.calls().all().len(), before + 1);
}

#[tokio::test]
async fn every_listing_is_found() {
    let (fake, ebay) = shop().await;
    for at in 0..450 {
        fake.stock(StockedItem::new(&format!("SKU-{at:03}"), "An item", 100, "GBP".parse().unwrap(), 1));
    }
    let (mut skus, mut page) = (BTreeSet::new(), None);
    loop {
        let read = ebay.listings(page.as_ref()).await.unwrap();
        skus.extend(read.items.iter().map(|listing| listing.key.to_string()));
        match read.next {
            Some(next) => page = Some(next),
            None => break,
        }
    }
    assert_eq!(skus.len(), 450);
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_repeated_once() {
    let (fake, ebay) = shop().await;
    assert_eq!(ebay.account().await.unwrap().name, fakes::ebay::SELLER);
    fake.faults().expire_token();
    assert_eq!(ebay.account().await.unwrap().id.as_str(), fakes::ebay::SELLER_ID);
    assert_eq!(fake.refreshes(), 2);
    assert_eq!(fake.calls().to("GET /commerce/identity/v1/user/").len(), 3);
    fake.faults().revoke();
    let revoked = ebay.account().await.unwrap_err();
    assert_eq!((revoked.kind, revoked.effect), (ErrorKind::Unauthorized, Effect::None));
    assert_eq!(fake.calls().to("GET /commerce/identity/v1/user/").len(), 4);
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_not_tried_a_third_time() {
    let (fake, ebay) = shop().await;
    fake.faults().on("GET *").fail_next("401".parse().unwrap(), None);
    fake.faults().on("GET *").fail_next("401".parse().unwrap(), None);
    let refused = ebay.account().await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthorized);
    assert_eq!(fake.calls().to("GET /commerce/identity/v1/user/").len(), 2);
}

#[tokio::test]
async fn outages_and_limits_say_how_long_to_stay_away() {
    let (fake, ebay) = shop().await;
    ebay.account().await.unwrap();
    fake.faults().fail_next("429".parse().unwrap(), Some(7));
    let limited = ebay.orders(&today(&fake), None).await.unwrap_err();
    assert_eq!((limited.kind, limited.retry_after), (ErrorKind::RateLimited, Some(Duration::from_secs(7))));
    fake.faults().fail_next("502".parse().unwrap(), None);
    let down = ebay.orders(&today(&fake), None).await.unwrap_err();
    assert_eq!((down.kind, down.effect), (ErrorKind::Unavailable, Effect::None));
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 100));
    fake.faults().malformed_next();
    let cut = ebay.orders(&today(&fake), None).await.unwrap_err();
    assert_eq!((cut.kind, cut.effect), (ErrorKind::Decode, Effect::None));
}

#[tokio::test]
async fn no_secret_and_no_buyer_is_in_any_error_or_debug() {
    let (fake, ebay) = shop().await;
    fake.place(OrderSpec::new(&number(1)).line("A", 1, 100).buyer("secret_buyer", "Ada Example"));
    let mut shown = vec![format!("{ebay:?}")];
    let window = today(&fake);
    for status in ["400", "401", "403", "404", "409", "429", "500", "503"] {
        fake.faults().on("GET *").fail_next(status.parse().unwrap(), None);
        fake.faults().on("GET *").fail_next(status.parse().unwrap(), None);
        let error = ebay.orders(&window, None).await.unwrap_err();
        shown.push(format!("{error} {error:?}"));
        fake.faults().clear();
    }
    fake.faults().malformed_next();
    shown.push(format!("{:?}", ebay.orders(&window, None).await.unwrap_err()));
    fake.faults().revoke();
    shown.push(format!("{:?}", connected(&fake).account().await.unwrap_err()));
    let app = fake.application();
    let tokens: Vec<String> = fake.tokens().into_iter().map(|grant| grant.access_token).collect();
    for shown in shown {
        for secret in [REFRESH_TOKEN, &app.client_secret, "Ada", "secret_buyer"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!tokens.iter().any(|token| shown.contains(token.as_str())), "{shown}");
    }
}

#[tokio::test]
async fn the_servers_time_comes_with_each_page() {
    let (fake, ebay) = shop().await;
    let read = ebay.orders(&today(&fake), None).await.unwrap();
    assert!(read.items.is_empty() && read.next.is_none());
    let date: Timestamp = read.server_time.unwrap();
    assert!(date.subsec_nanosecond() == 0);
}

//! The shop as a channel, against its stateful fake.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside #[test] functions are tests too")]

mod support;

use connect::{ErrorKind, Incoming, MainStore, QuantityUpdate, SalesChannel, Window};
use connector_woocommerce::WooCommerce;
use domain::totals::totals;
use domain::{Cancel, ChannelOrder, Fulfilment, ListingKey, Payment};
use fakes::woocommerce::{Status, WooFake};
use jiff::SignedDuration;
use serde_json::{Value, json};
use support::{connected, draft, package, product_line, shop, trash};

fn checkout(shop: &WooFake, lines: &Value) -> u64 {
    let order = json!({
        "billing": {"first_name": "Ana", "last_name": "Núñez", "address_1": "5 Elm St", "city": "Los Angeles", "state": "CA",
            "postcode": "90001", "country": "US", "email": "ana@example.test"},
        "line_items": lines, "shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "5.00"}],
        "payment_method": "stripe", "set_paid": true,
    });
    shop.place_checkout_order(&order).unwrap()
}

/// Everything modified until now, page by page.
async fn poll(shop: &WooFake, channel: &WooCommerce) -> Vec<Incoming> {
    let window = Window {
        from: jiff::Timestamp::UNIX_EPOCH,
        to: shop.clock().now().checked_add(SignedDuration::from_secs(1)).unwrap(),
    };
    let mut all = Vec::new();
    let mut page = None;
    loop {
        let read = channel.orders(&window, page.as_ref()).await.unwrap();
        all.extend(read.items);
        page = read.next;
        if page.is_none() {
            return all;
        }
    }
}

async fn orders(shop: &WooFake, channel: &WooCommerce) -> Vec<ChannelOrder> {
    let read = poll(shop, channel).await.into_iter();
    read.filter_map(|incoming| match incoming {
        Incoming::Order(order) => Some(order),
        Incoming::Unreadable(_) => None,
    })
    .collect()
}

async fn order(channel: &WooCommerce, id: u64) -> ChannelOrder {
    match SalesChannel::order(channel, &id.to_string().parse().unwrap()).await.unwrap() {
        Incoming::Order(order) => order,
        Incoming::Unreadable(why) => panic!("{why:?}"),
    }
}

#[tokio::test]
async fn a_buyers_order_comes_in_and_our_own_imports_do_not() {
    let shop = shop(false).await;
    let channel = connected(&shop).await;
    let id = checkout(
        &shop,
        &json!([{"product_id": 10, "quantity": 2}, {"product_id": 11, "quantity": 1, "subtotal": "25.00", "total": "20.00"}]),
    );
    let own = channel.create_order(&draft(1, vec![product_line("L1", 10, 1, 1999)])).await.unwrap();
    let read = orders(&shop, &channel).await;
    assert!(read.iter().all(|order| order.id.as_str() != own.id.as_str()));
    let order = read.iter().find(|order| order.id.as_str() == id.to_string()).unwrap();
    totals(order).unwrap();
    assert!(matches!(order.payment, Payment::Paid { at: Some(_) }));
    assert_eq!((order.fulfilment, order.cancel, order.lines.len()), (Fulfilment::NotStarted, Cancel::None, 2));
    assert_eq!(order.lines[0].listing, ListingKey::Listing("10".into()));
    assert_eq!(order.lines[1].charge.seller_discount.unwrap().to_string(), "5.00 USD");
    assert_eq!(order.lines[0].charge.taxes[0].label.as_deref(), Some("CA Tax"));
    let refused = SalesChannel::order(&channel, &own.id.as_str().parse().unwrap()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn one_order_that_cannot_be_read_is_kept_and_the_others_go_on() {
    let shop = shop(false).await;
    let channel = connected(&shop).await;
    let bad = checkout(&shop, &json!([{"product_id": 10, "quantity": -1}]));
    let good = checkout(&shop, &json!([{"product_id": 10, "quantity": 1}]));
    let read = poll(&shop, &channel).await;
    let ids: Vec<String> = read
        .iter()
        .filter_map(|incoming| match incoming {
            Incoming::Unreadable(why) => why.remote_id.clone(),
            Incoming::Order(_) => None,
        })
        .collect();
    assert_eq!(ids, [bad.to_string()]);
    assert!(
        read.iter().any(|incoming| matches!(incoming, Incoming::Order(order) if order.id.as_str() == good.to_string()))
    );
}

#[tokio::test]
async fn cancelled_trashed_and_refunded_orders_say_so() {
    let shop = shop(false).await;
    let channel = connected(&shop).await;
    let [cancelled, trashed, refunded] = [0; 3].map(|_| checkout(&shop, &json!([{"product_id": 10, "quantity": 2}])));
    shop.set_status(cancelled, &Status::Cancelled).unwrap();
    trash(&shop, trashed).await;
    let line = shop.order(refunded).unwrap().lines[0].id;
    let refund = json!({"api_refund": false, "api_restock": false, "amount": "21.64",
        "line_items": [{"id": line, "quantity": 1, "refund_total": 19.99, "refund_tax": [{"id": 1, "refund_total": 1.65}]}]});
    shop.refund(refunded, &refund).unwrap();
    let read = orders(&shop, &channel).await;
    let of = |id: u64| read.iter().find(|order| order.id.as_str() == id.to_string()).unwrap();
    assert_eq!(
        (of(cancelled).cancel, of(trashed).cancel, of(refunded).cancel),
        (Cancel::Canceled, Cancel::Canceled, Cancel::None)
    );
    let refunds: Vec<_> = of(refunded).refunds.iter().map(|refund| (refund.amount.minor(), refund.quantity)).collect();
    assert_eq!(refunds, [(2164, Some(1))]);
    assert_eq!(of(refunded).refunds[0].line.as_ref().unwrap().as_str(), line.to_string());
}

#[tokio::test]
async fn packages_go_out_one_by_one_and_the_last_completes_the_order() {
    let shop = shop(false).await;
    let channel = connected(&shop).await;
    let id = checkout(&shop, &json!([{"product_id": 10, "quantity": 3}, {"product_id": 11, "quantity": 1}]));
    let placed = order(&channel, id).await;
    let (a, b) = (placed.lines[0].id.to_string(), placed.lines[1].id.to_string());
    let first = package(Some("1Z 999 AA1"), &[(&a, 2)]);
    for _ in 0..2 {
        let sent = SalesChannel::ship(&channel, &placed, &first).await.unwrap();
        assert_eq!(shop.order(id).unwrap().status, Status::Processing);
        let known = channel.shipments(&placed.id).await.unwrap();
        assert_eq!((known.len(), &known[0].remote_id), (1, &sent.remote_id));
        assert_eq!(known[0].lines, first.shipment.lines);
    }
    assert_eq!(order(&channel, id).await.fulfilment, Fulfilment::Partial);
    SalesChannel::ship(&channel, &placed, &package(Some("JD014"), &[(&a, 1), (&b, 1)])).await.unwrap();
    let done = order(&channel, id).await;
    assert_eq!((done.fulfilment, done.shipments.len()), (Fulfilment::Shipped, 2));
    shop.set_status(id, &Status::Cancelled).unwrap();
    let refused = SalesChannel::ship(&channel, &placed, &package(Some("X"), &[])).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::InvalidOrder);
}

#[tokio::test]
async fn a_package_of_everything_completes_the_order_at_once() {
    let shop = shop(false).await;
    let channel = connected(&shop).await;
    let id = checkout(&shop, &json!([{"product_id": 10, "quantity": 3}]));
    let placed = order(&channel, id).await;
    SalesChannel::ship(&channel, &placed, &package(None, &[])).await.unwrap();
    SalesChannel::ship(&channel, &placed, &package(None, &[])).await.unwrap();
    let shipped = shop.order(id).unwrap();
    assert_eq!(shipped.status, Status::Completed);
    assert_eq!(shipped.notes.iter().filter(|note| note.text.contains("without tracking")).count(), 1);
}

#[tokio::test]
async fn quantities_are_set_and_each_that_cannot_be_says_why() {
    let shop = shop(false).await;
    let hoodie = shop.add_unmanaged_product("HOODIE", "Hoodie", "39.00".parse().unwrap());
    let small = shop.add_variation(hoodie, "HOODIE-S", ("Size", "S"), "39.00".parse().unwrap(), 15);
    let card = shop.add_unmanaged_product("CARD", "Gift card", "10.00".parse().unwrap());
    let channel = connected(&shop).await;
    let update = |listing: ListingKey, quantity| QuantityUpdate { listing, sku: None, quantity };
    let listing = |id: String| ListingKey::Listing(id);
    let updates = [
        update(listing("10".into()), 47),
        update(listing(format!("{hoodie}/{small}")), 9),
        update(ListingKey::Sku("b".parse().unwrap()), 0),
        update(listing(card.to_string()), 5),
        update(listing("4711".into()), 5),
        update(listing("not-a-number".into()), 5),
        update(ListingKey::Sku("NO-SUCH".parse().unwrap()), 5),
    ];
    let answers = channel.set_quantities(&updates).await.unwrap();
    let kinds: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.kind)).collect();
    assert_eq!(
        kinds,
        [
            None,
            None,
            None,
            Some(ErrorKind::Unsupported),
            Some(ErrorKind::NotFound),
            Some(ErrorKind::NotFound),
            Some(ErrorKind::NotFound)
        ]
    );
    assert_eq!((shop.stock("A"), shop.stock("HOODIE-S"), shop.stock("B")), (Some(47), Some(9), Some(0)));
    assert_eq!(shop.calls().count("POST */batch"), 2);
}

#[tokio::test]
async fn an_account_is_only_given_to_whom_the_shop_knows() {
    let shop = shop(false).await;
    let channel = connected(&shop).await;
    assert_eq!(channel.account().await.unwrap().id.as_str(), shop.home().trim_start_matches("http://"));
    shop.faults().revoke();
    assert_eq!(channel.account().await.unwrap_err().kind, ErrorKind::Unauthorized);
}

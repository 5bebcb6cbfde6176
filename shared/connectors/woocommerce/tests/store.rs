//! The shop as the main store, against its stateful fake: each promise on 11.0.1, and on 9.4.2 where they differ.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside #[test] functions are tests too")]

mod support;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use connect::{Effect, ErrorKind, MainStore, Window};
use connector_woocommerce::WooCommerce;
use domain::draft::{DraftItem, DraftLine, DraftTax};
use domain::readback::{StoreOrderState, differences};
use domain::refund::NewRefund;
use domain::{ProductId, StoreOrderId};
use fakes::woocommerce::{MailKind, Status, WooShop};
use jiff::{SignedDuration, Timestamp};
use support::{config, connected, connector, draft, http, money, package, product_line, reference, shop, trash};

fn number(id: &StoreOrderId) -> u64 {
    id.as_str().parse().unwrap()
}

#[tokio::test]
async fn connecting_finds_out_whether_references_can_be_looked_up() {
    for (version_9_4, expected) in [(false, "honoured"), (true, "ignored")] {
        let shop = shop(version_9_4).await;
        let profile = connector(&shop, BTreeMap::new()).profile().await.unwrap();
        assert_eq!(profile.probed, BTreeMap::from([("created_via".to_owned(), expected.to_owned())]));
        assert_eq!(profile.currency.code(), "USD");
        assert_eq!(profile.account.id.as_str(), shop.home().trim_start_matches("http://"));
    }
    // An empty shop answers nothing to everything: that proves nothing.
    let empty = WooShop::new().start().await.unwrap();
    let profile = connector(&empty, BTreeMap::new()).profile().await.unwrap();
    assert_eq!(profile.probed["created_via"], "unproved");
}

#[tokio::test]
async fn an_order_arrives_once_at_its_price_without_the_shops_own_tax() {
    for version_9_4 in [false, true] {
        let shop = shop(version_9_4).await;
        let store = connected(&shop).await;
        let mut meant = draft(1, vec![product_line("L1", 10, 2, 3998), product_line("L2", 11, 1, 2500)]);
        shop.calls().clear();
        let made = store.create_order(&meant).await.unwrap();
        assert_eq!((shop.calls().count("POST *"), shop.creates().len()), (1, 1));
        assert_eq!(differences(&meant, &made), []);
        assert_eq!((made.total, made.reference, made.paid), (money(6897), Some(reference(1)), true));
        assert_eq!((shop.stock("A"), shop.stock("B")), (Some(48), Some(19)));
        assert_eq!(made.lines[0].deducted, Some(2));
        assert_eq!(shop.mails_to_buyers().len(), 0);
        let stored = shop.order(number(&made.id)).unwrap();
        assert_eq!((stored.payment_method_title.as_str(), stored.status), ("eBay", Status::Processing));

        meant.reference = reference(2);
        meant.taxes = vec![DraftTax { label: "VAT 20%".into(), amount: money(1150), rate: None }];
        meant.total = money(6897 + 1150);
        assert_eq!(differences(&meant, &store.create_order(&meant).await.unwrap()), []);
    }
}

#[tokio::test]
async fn a_text_line_takes_no_stock_even_where_its_sku_is_a_products() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let text =
        DraftLine { item: DraftItem::Text { sku: Some("B".parse().unwrap()) }, ..product_line("L2", 1, 1, 1500) };
    let meant = draft(1, vec![product_line("L1", 10, 1, 1999), text]);
    let made = store.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    assert_eq!((made.total, made.lines[1].product.clone(), made.lines[1].deducted), (money(3898), None, None));
    assert_eq!((shop.stock("A"), shop.stock("B")), (Some(49), Some(20)));
    assert_eq!(shop.order(number(&made.id)).unwrap().lines[1].name, "Listing L2");
}

#[tokio::test]
async fn a_product_that_is_gone_shows_in_the_answer() {
    let shop = shop(false).await;
    let meant = draft(1, vec![product_line("L1", 999_999, 1, 1999)]);
    let made = connected(&shop).await.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made).len(), 1);
}

#[tokio::test]
async fn an_unpaid_order_is_pending_is_paid_once_and_gives_back_what_we_deducted() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    shop.set_stock("A", 47);
    let line = || DraftLine { already_deducted: 3, ..product_line("L1", 10, 3, 5997) };
    let unpaid = |number| domain::StoreOrderDraft { paid: false, ..draft(number, vec![line()]) };
    let made = store.create_order(&unpaid(1)).await.unwrap();
    assert_eq!((made.state, made.paid, shop.stock("A")), (StoreOrderState::Open, false, Some(47)));
    assert_eq!(shop.order(number(&made.id)).unwrap().status, Status::Pending);

    for _ in 0..2 {
        let paid = store.mark_paid(&made.id, money(6396)).await.unwrap();
        assert!(paid.paid);
        assert_eq!((shop.order(number(&made.id)).unwrap().status, shop.stock("A")), (Status::Processing, Some(47)));
    }

    let other = store.create_order(&unpaid(2)).await.unwrap();
    for _ in 0..2 {
        let canceled = store.cancel(&other.id).await.unwrap();
        assert_eq!(
            (canceled.state, canceled.lines[0].deducted, shop.stock("A")),
            (StoreOrderState::Canceled, Some(0), Some(50))
        );
    }
    assert_eq!(shop.mails_to_buyers().len(), 0);
    let refused = store.mark_paid(&other.id, money(6396)).await.unwrap_err();
    assert_eq!((refused.kind, refused.effect), (ErrorKind::InvalidOrder, Effect::None));
}

#[tokio::test]
async fn mails_are_sent_only_where_they_are_switched_on() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let mut quiet = draft(1, vec![product_line("L1", 10, 1, 1999)]);
    quiet.mails.suppress_owner_mail = true;
    let quiet = store.create_order(&quiet).await.unwrap();
    store.complete(&quiet.id).await.unwrap();
    store.record_refund(&quiet.id, &NewRefund::of_money("r1", money(100), "goodwill")).await.unwrap();
    let of = |id: &StoreOrderId| -> Vec<MailKind> {
        shop.mails().into_iter().filter(|mail| mail.order_id == number(id)).map(|mail| mail.kind).collect()
    };
    assert_eq!(of(&quiet.id), []);

    let mut loud = draft(2, vec![product_line("L1", 10, 1, 1999)]);
    loud.mails.customer_notifications = true;
    let loud = store.create_order(&loud).await.unwrap();
    store.complete(&loud.id).await.unwrap();
    store.complete(&loud.id).await.unwrap();
    let mut mails = of(&loud.id);
    mails.sort_by_key(|kind| kind.to_buyer());
    assert_eq!(mails, [MailKind::OwnerNewOrder, MailKind::Processing, MailKind::Completed]);
}

#[tokio::test]
async fn a_lost_answer_is_in_doubt_and_the_order_is_found_by_its_reference() {
    for version_9_4 in [false, true] {
        let shop = shop(version_9_4).await;
        let store = connected(&shop).await;
        let since = shop.clock().now();
        shop.faults().on("POST */orders").drop_response(1);
        let lost = store.create_order(&draft(1, vec![product_line("L1", 10, 2, 3998)])).await.unwrap_err();
        assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible));
        store.create_order(&draft(2, vec![product_line("L1", 10, 1, 1999)])).await.unwrap();

        let found = store.find_by_reference(&[reference(1), reference(3)], since).await.unwrap().orders;
        assert_eq!(found.len(), 1, "9.4: {version_9_4}");
        assert_eq!((found[0].reference, found[0].total), (Some(reference(1)), money(4397)));
        assert_eq!(store.find_by_reference(&[reference(3)], since).await.unwrap().orders, []);
        assert_eq!(store.find_by_reference(&[], since).await.unwrap().orders, []);
    }
}

#[tokio::test]
async fn a_look_up_finds_every_copy_and_what_is_in_the_trash() {
    for version_9_4 in [false, true] {
        let shop = shop(version_9_4).await;
        let store = connected(&shop).await;
        let since = shop.clock().now();
        let first = store.create_order(&draft(1, vec![product_line("L1", 10, 1, 1999)])).await.unwrap();
        store.create_order(&draft(1, vec![product_line("L1", 10, 1, 1999)])).await.unwrap();
        trash(&shop, number(&first.id)).await;
        for other in 2..30 {
            store.create_order(&draft(other, vec![product_line("L1", 11, 1, 100)])).await.unwrap();
        }
        shop.faults().page_size(Some(3));
        let wanted: Vec<_> = (1..26).map(reference).collect();
        let found = store.find_by_reference(&wanted, since).await.unwrap().orders;
        assert_eq!(found.len(), 26, "9.4: {version_9_4}");
        assert_eq!(found.iter().filter(|order| order.reference == Some(reference(1))).count(), 2);
    }
}

#[tokio::test]
async fn refusals_before_the_order_is_made_are_certain_and_others_are_not() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let order = || draft(1, vec![product_line("L1", 10, 1, 1999)]);
    let outcome = async |store: &WooCommerce| {
        let error = store.create_order(&order()).await.unwrap_err();
        (error.kind, error.effect)
    };
    let down = shop.maintenance();
    assert_eq!(outcome(&store).await, (ErrorKind::Unavailable, Effect::None));
    down.off();
    let off = shop.plugin_inactive();
    assert_eq!(outcome(&store).await, (ErrorKind::Unavailable, Effect::None));
    off.off();
    for broken in [shop.php_down(), shop.database_down()] {
        assert_eq!(outcome(&store).await, (ErrorKind::Unavailable, Effect::Possible));
        broken.off();
    }
    shop.faults().on("POST */orders").fail_next(StatusCode::TOO_MANY_REQUESTS, Some(7));
    let limited = store.create_order(&order()).await.unwrap_err();
    assert_eq!((limited.kind, limited.effect), (ErrorKind::RateLimited, Effect::None));
    assert_eq!(limited.retry_after.map(|wait| wait.as_secs()), Some(7));
    shop.faults().on("POST */orders").malformed_next();
    assert_eq!(outcome(&store).await, (ErrorKind::Decode, Effect::Possible));
    assert_eq!(shop.creates().len(), 1);
}

#[tokio::test]
async fn a_wrong_key_is_unauthorized_and_no_key_is_ever_shown() {
    let shop = shop(false).await;
    let with = |key: &str, secret: &str| {
        WooCommerce::new(&config(shop.url(), &shop.home(), key, secret, BTreeMap::new()), http()).unwrap()
    };
    let order = draft(1, vec![product_line("L1", 10, 1, 1999)]);
    for store in [
        with("ck_unknown_key", "cs_no"),
        with(&shop.key(), "cs_wrong_secret"),
        with("ck_fake_read_only", "cs_fake_read_only"),
    ] {
        let error = store.create_order(&order).await.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::Unauthorized, Effect::None));
        let shown = format!("{error} {error:?} {store:?}");
        for secret in ["ck_unknown_key", "cs_wrong_secret", "ck_fake_read_only", "oauth_signature", "ana@example.test"]
        {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    shop.faults().drop_response(1);
    let lost = with(&shop.key(), &shop.secret()).profile().await.unwrap_err();
    assert!(!format!("{lost} {lost:?} {:?}", lost.source).contains("oauth"), "{lost:?}");
    assert_eq!(shop.creates().len(), 0);
}

#[tokio::test]
async fn a_shop_that_is_dialled_elsewhere_than_it_says_it_is_takes_our_signature() {
    let shop = WooShop::new().home("https://shop.example").start().await.unwrap();
    let profile = connector(&shop, BTreeMap::new()).profile().await.unwrap();
    assert_eq!(profile.account.id.as_str(), "shop.example");
    let by_dialled =
        WooCommerce::new(&config(shop.url(), "", &shop.key(), &shop.secret(), BTreeMap::new()), http()).unwrap();
    assert_eq!(by_dialled.profile().await.unwrap_err().kind, ErrorKind::Unauthorized);
}

#[tokio::test]
async fn a_package_is_written_once_with_one_note_and_completes_the_order() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let made = store.create_order(&draft(1, vec![product_line("L1", 10, 2, 3998)])).await.unwrap();
    let notes =
        || shop.order(number(&made.id)).unwrap().notes.into_iter().filter(|note| note.text.contains("RM1")).count();
    let first = package(Some("RM1"), &[("L1", 1)]);
    for _ in 0..2 {
        let shipped = store.ship(&made.id, &first, false).await.unwrap();
        assert_eq!((shipped.state, shipped.shipments.len(), notes()), (StoreOrderState::Open, 1, 1));
        assert_eq!(shipped.shipments[0].lines, first.shipment.lines);
    }
    // The metas are written, the answer and the note are lost: repeating adds the note only.
    let second = package(Some("rm 2"), &[("L1", 1)]);
    shop.faults().on("PUT */orders/*").drop_response(1);
    assert_eq!(store.ship(&made.id, &second, true).await.unwrap_err().effect, Effect::Possible);
    for _ in 0..2 {
        let shipped = store.ship(&made.id, &second, true).await.unwrap();
        assert_eq!((shipped.state, shipped.shipments.len()), (StoreOrderState::Completed, 2));
    }
    let noted =
        shop.order(number(&made.id)).unwrap().notes.into_iter().filter(|note| note.text.contains("rm 2")).count();
    assert_eq!((noted, shop.mails_to_buyers().len()), (1, 0));
}

#[tokio::test]
async fn what_is_over_in_the_shop_is_not_revived() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let made = store.create_order(&draft(1, vec![product_line("L1", 10, 1, 1999)])).await.unwrap();
    shop.cancel(number(&made.id)).unwrap();
    for refused in [store.complete(&made.id).await, store.ship(&made.id, &package(Some("RM1"), &[]), true).await] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::InvalidOrder);
    }
    assert_eq!(shop.order(number(&made.id)).unwrap().status, Status::Cancelled);
    assert_eq!(store.order(&"4711".parse().unwrap()).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(store.order(&"x/../1".parse().unwrap()).await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_refund_is_recorded_once_and_moves_neither_money_nor_stock() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let made = store.create_order(&draft(1, vec![product_line("L1", 10, 2, 3998)])).await.unwrap();
    shop.faults().on("POST */refunds").drop_response(1);
    assert_eq!(
        store.record_refund(&made.id, &NewRefund::of_money("ebay-1", money(700), "goodwill")).await.unwrap_err().effect,
        Effect::Possible
    );
    for _ in 0..2 {
        store.record_refund(&made.id, &NewRefund::of_money("ebay-1", money(700), "goodwill")).await.unwrap();
    }
    store.record_refund(&made.id, &NewRefund::of_money("ebay-2", money(300), "")).await.unwrap();
    let refunds = shop.refunds();
    assert_eq!(refunds.iter().map(|refund| refund.amount.to_string()).collect::<Vec<_>>(), ["7.00", "3.00"]);
    assert!(refunds.iter().all(|refund| !refund.gateway_called && !refund.restocked));
    assert_eq!(shop.stock("A"), Some(48));
    let refused =
        store.record_refund(&made.id, &NewRefund::of_money("ebay-3", money(999_999), "too much")).await.unwrap_err();
    assert_eq!((refused.kind, refused.effect), (ErrorKind::InvalidOrder, Effect::None));
}

#[tokio::test]
async fn changes_are_seen_in_every_time_zone_and_none_is_missed_while_pages_move() {
    for zone in ["UTC", "Europe/Berlin", "America/Los_Angeles"] {
        let shop = shop(false).await;
        shop.set_time_zone(jiff::tz::TimeZone::get(zone).unwrap());
        let store = connected(&shop).await;
        let from = shop.clock().now();
        let mut made = Vec::new();
        for order in 1..8 {
            made.push(store.create_order(&draft(order, vec![product_line("L1", 10, 1, 1999)])).await.unwrap().id);
        }
        let to = shop.clock().now().checked_add(SignedDuration::from_secs(1)).unwrap();
        // What changes later leaves the window while its pages are read.
        shop.clock().advance(SignedDuration::from_secs(60));
        shop.faults().page_size(Some(2));
        shop.faults().shift_pages(fakes::PageShift::Leaves);
        let window = Window { from, to };
        let mut seen = Vec::new();
        let mut page = None;
        loop {
            let read = store.changes(&window, page.as_ref()).await.unwrap();
            assert!(read.server_time.is_some());
            seen.extend(read.items.into_iter().map(|change| change.id));
            page = read.next;
            if page.is_none() {
                break;
            }
        }
        let missing: Vec<_> = made.iter().filter(|id| !seen.contains(id)).collect();
        assert!(missing.is_empty(), "{zone}: {missing:?}");
        let later = Window { from: to, to: to.checked_add(SignedDuration::from_secs(30)).unwrap() };
        assert_eq!(store.changes(&later, None).await.unwrap().items.len(), 0, "{zone}");
    }
}

#[tokio::test]
async fn an_order_in_the_trash_is_a_change() {
    let shop = shop(false).await;
    let store = connected(&shop).await;
    let made = store.create_order(&draft(1, vec![product_line("L1", 10, 1, 1999)])).await.unwrap();
    trash(&shop, number(&made.id)).await;
    let from = Timestamp::UNIX_EPOCH;
    let to = shop.clock().now().checked_add(SignedDuration::from_secs(5)).unwrap();
    let first = store.changes(&Window { from, to }, None).await.unwrap();
    let trash = store.changes(&Window { from, to }, first.next.as_ref()).await.unwrap();
    let trashed: Vec<_> =
        trash.items.iter().map(|change| (change.id.clone(), change.order.as_ref().unwrap().state)).collect();
    assert_eq!(trashed, [(made.id, StoreOrderState::Trashed)]);
    assert!(trash.next.is_none());
}

#[tokio::test]
async fn products_are_found_by_sku_and_listed_with_their_variations() {
    let shop = shop(false).await;
    let hoodie = shop.add_unmanaged_product("HOODIE", "Hoodie", "39.00".parse().unwrap());
    let small = shop.add_variation(hoodie, "HOODIE-S", ("Size", "S"), "39.00".parse().unwrap(), 15);
    shop.add_unmanaged_product("CARD", "Gift card", "10.00".parse().unwrap());
    let store = connected(&shop).await;
    let skus = ["a", "HOODIE-S", "NO-SUCH", "X,Y"].map(|sku| sku.parse().unwrap());
    let found = store.products_by_sku(&skus).await.unwrap();
    let ids: Vec<_> = found.iter().map(|product| product.id.to_string()).collect();
    assert_eq!(ids, ["10".to_owned(), format!("{hoodie}/{small}")]);
    assert_eq!((found[0].stock, found[1].stock), (Some(50), Some(15)));

    let mut all = Vec::new();
    let mut page = None;
    shop.faults().page_size(Some(2));
    loop {
        let read = store.products(page.as_ref()).await.unwrap();
        all.extend(read.items);
        page = read.next;
        if page.is_none() {
            break;
        }
    }
    let listed: BTreeMap<_, _> = all.iter().map(|product| (product.name.as_str(), product.stock)).collect();
    assert_eq!(
        listed,
        BTreeMap::from([
            ("Product A", Some(50)),
            ("Product B", Some(20)),
            ("Hoodie - S", Some(15)),
            ("Gift card", None)
        ])
    );

    shop.faults().page_size(None);
    let ids = ["10".to_owned(), format!("{hoodie}/{small}"), "4711".to_owned()].map(|id| ProductId::new(id).unwrap());
    let levels = store.stock(&ids).await.unwrap();
    let levels: BTreeMap<_, _> = levels.into_iter().map(|level| (level.product, level.quantity)).collect();
    assert_eq!(levels, BTreeMap::from([(ids[0].clone(), Some(50)), (ids[1].clone(), Some(15))]));
}

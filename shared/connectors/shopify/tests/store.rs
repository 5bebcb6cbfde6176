//! The connector as the main store against the fake shop: the scenarios that are Shopify's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use std::sync::Arc;

use connect::{Effect, ErrorKind, MainStore, StockMove};
use domain::readback::{StoreOrderState, differences};
use domain::refund::{Back, NewRefund};
use domain::{Money, StoreOrderId};
use fakes::shopify::MoveReason;
use jiff::SignedDuration;
use rust_decimal::Decimal;
use shop::{connected, draft, line, money, package, product};

fn id(order: &StoreOrderId) -> u64 {
    order.as_str().parse().unwrap()
}

/// Scenario 13: 2500/3 stands on two lines and reads back as one; a later package of all three covers both.
#[tokio::test]
async fn a_price_that_does_not_divide_stands_on_two_lines_and_a_package_covers_both() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let meant = draft(1, vec![line("L1", product(&shop, "A"), 3, 2500), line("L2", product(&shop, "B"), 1, 2000)]);
    let made = store.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    let kept = shop.order(id(&made.id)).unwrap();
    let units: Vec<_> =
        kept.lines.iter().map(|line| (line.quantity, line.unit.presentment.normalize().to_string())).collect();
    assert_eq!(units, [(2, "8.33".to_owned()), (1, "8.34".to_owned()), (1, "20".to_owned())]);
    assert_eq!((shop.stock("A"), shop.stock("B")), (Some(47), Some(19)));
    let shipped = store.ship(&made.id, &package(Some("TRK1"), &[("L1", 3)]), false).await.unwrap();
    assert_eq!(shipped.state, StoreOrderState::Open);
    assert_eq!(shipped.shipments[0].lines, package(None, &[("L1", 3)]).shipment.lines);
    assert_eq!(shop.order(id(&made.id)).unwrap().fulfillments[0].lines.len(), 2);
}

/// Scenario 25: found by the name, the customer as it was, nobody mailed, the payment under the channel's name.
#[tokio::test]
async fn the_number_is_kept_and_the_customer_is_associated_and_not_changed() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let customer = shop.add_customer("ana@example.test");
    let before = shop.customers();
    let mut meant = draft(1, vec![line("L1", product(&shop, "A"), 1, 1999)]);
    meant.source.wanted_number = Some("EB-12-34567-89012".into());
    meant.note = Some("ring twice".into());
    let made = store.create_order(&meant).await.unwrap();
    assert_eq!(made.number, "EB-12-34567-89012");
    let kept = shop.order(id(&made.id)).unwrap();
    assert_eq!((kept.customer, kept.note.as_deref()), (Some(customer), Some("ring twice")));
    assert_eq!((kept.email, kept.phone, kept.accepts_marketing), (None, None, false));
    assert_eq!((kept.transactions.len(), kept.transactions[0].gateway.as_str()), (1, "eBay"));
    assert_eq!(kept.shipping[0].title, "Tracked 48");
    let people = |customers: Vec<fakes::shopify::Customer>| -> Vec<_> {
        customers.into_iter().map(|one| (one.id, one.email, one.phone, one.first_name)).collect()
    };
    assert_eq!(people(shop.customers()), people(before));
    // A forwarding address names nobody.
    let mut relay = draft(2, vec![line("L1", product(&shop, "A"), 1, 1999)]);
    relay.email_is_relay = true;
    let made = store.create_order(&relay).await.unwrap();
    assert_eq!(shop.order(id(&made.id)).unwrap().customer, None);
    assert!(shop.ledger().mails.iter().all(|mail| !mail.kind.to_buyer()));
}

/// An order is no worse for being a guest's: the customer's refusal is no doubt about the create.
#[tokio::test]
async fn a_customer_that_cannot_be_associated_leaves_a_guests_order() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    shop.add_customer("ana@example.test");
    shop.faults().on("POST */OrderCustomerSet").drop_request(1);
    let made = store.create_order(&draft(1, vec![line("L1", product(&shop, "A"), 1, 1999)])).await.unwrap();
    assert_eq!(shop.order(id(&made.id)).unwrap().customer, None);
    assert_eq!(shop.orders().len(), 1);
}

/// Scenario 9's last sentence.
#[tokio::test]
async fn a_tax_of_the_channels_own_stands_beside_the_price() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let mut meant = draft(1, vec![line("L1", product(&shop, "A"), 1, 4000)]);
    meant.shipping.net = money(500);
    let liable = domain::draft::DraftTax { label: "Tax collected by eBay".into(), amount: money(371), rate: None };
    meant.channel_liable = vec![liable];
    meant.total = money(4871);
    let made = store.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    let kept = shop.order(id(&made.id)).unwrap();
    let taxes: Vec<_> = kept
        .lines
        .iter()
        .flat_map(|line| &line.taxes)
        .chain(kept.shipping.iter().flat_map(|line| &line.taxes))
        .collect();
    assert!(taxes.iter().all(|tax| tax.channel_liable == Some(true)));
    assert_eq!(taxes.iter().map(|tax| tax.amount.presentment).sum::<Decimal>(), Decimal::new(371, 2));
}

/// R7: an order of which we hold a part takes nothing, and its cancel gives back what we had deducted, once.
#[tokio::test]
async fn a_bypassed_order_gives_back_what_we_had_deducted_once() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    shop.set_stock("A", None, 47);
    let mut meant = draft(1, vec![line("L1", product(&shop, "A"), 3, 2500)]);
    meant.lines[0].already_deducted = 3;
    let made = store.create_order(&meant).await.unwrap();
    assert_eq!((shop.stock("A"), made.lines[0].deducted), (Some(47), Some(3)));
    // One unit comes back by a refund, and is told so however often it is asked.
    let back = Back { line: "L1".parse().unwrap(), product: product(&shop, "A"), units: 1 };
    let refund = NewRefund { restock: vec![back], ..NewRefund::of_money("r-1", money(833), "Refunded on eBay") };
    for _ in 0..2 {
        let after = store.record_refund(&made.id, &refund).await.unwrap();
        assert_eq!((shop.stock("A"), after.lines[0].deducted), (Some(48), Some(2)));
    }
    // The answer to the first move is lost: the key makes the second one harmless.
    shop.faults().on("POST */InventoryAdjustQuantities").drop_response(1);
    let lost = store.cancel(&made.id).await.unwrap_err();
    assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible), "{lost}");
    for _ in 0..2 {
        let canceled = store.cancel(&made.id).await.unwrap();
        assert_eq!((canceled.state, canceled.lines[0].deducted), (StoreOrderState::Canceled, Some(0)));
        assert_eq!(shop.stock("A"), Some(50));
    }
    assert_eq!(shop.ledger().money_moved(), 0);
}

/// R20: what Tributary never moved does not come back.
#[tokio::test]
async fn an_order_without_stock_neither_takes_nor_gives() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let mut meant = draft(1, vec![line("L1", product(&shop, "A"), 3, 2500)]);
    meant.takes_stock = false;
    let made = store.create_order(&meant).await.unwrap();
    store.cancel(&made.id).await.unwrap();
    assert!(shop.ledger().movements.iter().all(|movement| movement.reason == MoveReason::Person));
    assert_eq!(shop.stock("A"), Some(50));
}

/// A cancel is a job of Shopify's: until it is done the call comes again, and is then done once.
#[tokio::test]
async fn a_cancel_that_takes_its_time_is_looked_at_again() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let made = store.create_order(&draft(1, vec![line("L1", product(&shop, "A"), 2, 3998)])).await.unwrap();
    shop.cancel_takes(SignedDuration::from_secs(30));
    let early = store.cancel(&made.id).await.unwrap_err();
    assert_eq!((early.kind, early.effect), (ErrorKind::Unavailable, Effect::Possible));
    assert!(early.retry_after.is_some());
    shop.clock().advance(SignedDuration::from_secs(31));
    let canceled = store.cancel(&made.id).await.unwrap();
    assert_eq!(
        (canceled.state, canceled.lines[0].deducted, shop.stock("A")),
        (StoreOrderState::Canceled, Some(0), Some(50))
    );
}

/// Paid by a gateway of the shop's, a refund would move money: it is refused.
#[tokio::test]
async fn a_refund_never_reaches_a_gateway() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let mut meant = draft(1, vec![line("L1", product(&shop, "A"), 1, 1999)]);
    meant.paid = false;
    let made = store.create_order(&meant).await.unwrap();
    shop.pay(id(&made.id));
    let refund = NewRefund::of_money("r-1", money(500), "goodwill");
    let error = store.record_refund(&made.id, &refund).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
    assert_eq!((shop.ledger().money_moved(), shop.refunds(id(&made.id)).len()), (0, 0));
    // Marked as paid by us it may be recorded.
    let other =
        store.create_order(&domain::StoreOrderDraft { paid: false, ..draft(2, meant.lines.clone()) }).await.unwrap();
    store.mark_paid(&other.id, meant.total).await.unwrap();
    store.record_refund(&other.id, &refund).await.unwrap();
    assert_eq!((shop.ledger().money_moved(), shop.refunds(id(&other.id))), (0, vec![Decimal::new(500, 2)]));
    let foreign = NewRefund::of_money("r-2", Money::from_minor(100, "USD".parse().unwrap()), "");
    assert_eq!(store.record_refund(&other.id, &foreign).await.unwrap_err().kind, ErrorKind::InvalidOrder);
}

/// More lines than fit into one answer are read to their end, and still are one order.
#[tokio::test]
async fn an_order_of_120_lines_reads_back_whole() {
    let shop = shop::shop().await;
    let store = connected(&shop);
    let lines = (0..120).map(|number| line(&format!("L{number}"), product(&shop, "A"), 1, 100 + number));
    let meant = draft(1, lines.collect());
    let made = store.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    assert_eq!(store.order(&made.id).await.unwrap(), made);
}

/// The location that was chosen is the one whose stock is read and moved.
#[tokio::test]
async fn only_the_chosen_location_counts() {
    let shop = shop::shop().await;
    let first = shop.locations()[0].id;
    let other = shop.add_location("Warehouse");
    let store = connected(&shop);
    assert_eq!(store.profile().await.unwrap().probed["location_id"], first.to_string());
    let mut config = shop::config(&shop, &[("access_token", fakes::shopify::ACCESS_TOKEN)]);
    config.settings.insert("location_id".into(), other.to_string());
    let elsewhere =
        connector_shopify::Shopify::new(&config, shop::http(Arc::default()), Arc::new(shop::Tokens::default()))
            .unwrap();
    // Product A is not stocked there: it counts as not managed.
    assert_eq!(elsewhere.stock(&[product(&shop, "A")]).await.unwrap()[0].quantity, None);
    let stock_move = StockMove { product: product(&shop, "A"), delta: -1, key: "k-1".into() };
    assert_eq!(elsewhere.move_stock(&stock_move).await.unwrap().quantity, None);
    config.settings.insert("location_id".into(), "424242".into());
    let nowhere =
        connector_shopify::Shopify::new(&config, shop::http(Arc::default()), Arc::new(shop::Tokens::default()))
            .unwrap();
    assert_eq!(nowhere.profile().await.unwrap_err().kind, ErrorKind::ConfigInvalid);
}

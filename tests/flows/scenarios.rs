//! The acceptance scenarios, with their exact amounts, as far as eBay and WooCommerce go.

use app::DomainEvent;
use domain::settings::AutoImport;
use domain::status::{DotColor, OrderStatus, dot, status};
use domain::{Cancel, ImportState};
use fakes::ebay::{Collector, LineSpec, OrderSpec};
use fakes::woocommerce::Tracking;
use jiff::SignedDuration;

use crate::world::World;

fn tracking(provider: &str, number: &str) -> Tracking {
    Tracking { provider: provider.to_owned(), number: number.to_owned() }
}

/// The order of scenario 1.
pub fn order_1() -> OrderSpec {
    OrderSpec::new("12-00001-00001").line("A", 2, 1999).line("B", 1, 2500).shipping(399)
}

/// The order of scenarios 2 and 3.
pub fn order_2(id: &str) -> OrderSpec {
    OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500).shipping(399)
}

pub async fn status_of(world: &World, id: &str) -> OrderStatus {
    status(&world.order(id).await, false)
}

#[tokio::test]
async fn scenario_1_default_import() {
    let world = World::new().await;
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;

    let store_orders = world.woo.orders();
    assert_eq!(store_orders.len(), 1);
    let json = world.woo.order_json(store_orders[0].id).unwrap();
    assert_eq!(json["total"], "68.97");
    assert_eq!(json["total_tax"], "0.00");
    assert_eq!(json["line_items"][0]["total"], "39.98");
    assert_eq!(json["line_items"][1]["total"], "25.00");
    assert_eq!(json["shipping_lines"][0]["total"], "3.99");
    assert_eq!(json["payment_method_title"], "eBay");
    assert_eq!(json["status"], "processing");
    assert!(!json["date_paid"].is_null(), "paid");
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)));
    assert!(world.woo.mails_to_buyers().is_empty());
    assert!(world.ebay.fulfilments("12-00001-00001").is_empty());
    assert_eq!(world.ebay.violations(), Vec::new());
    let order = world.order("12-00001-00001").await;
    assert_eq!(dot(&order).color, DotColor::Green);
    assert_eq!(status(&order, false), OrderStatus::ReadyToShip);
}

#[tokio::test]
async fn scenario_2_an_unlinked_order_waits_and_linking_imports_it() {
    let world = World::new().await;
    world.ebay.place(order_2("12-00002-00001"));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;

    assert!(world.woo.orders().is_empty());
    assert_eq!(world.woo.stock("A"), Some(49));
    let order = world.order("12-00002-00001").await;
    let dot_before = dot(&order);
    assert_eq!((dot_before.color, dot_before.units_held, dot_before.units), (DotColor::Red, 1, 2));
    let view = world.app.order(order.id).await.unwrap().unwrap();
    assert!(view.error.is_some_and(|error| error.contains("Not linked: X") && error.contains("auto_import")));
    assert_eq!(world.events.named("OrderHasUnlinkedProducts"), 1);
    let product_a = world.product("A");
    assert_eq!(world.app.storage.links.holds(&product_a).await.unwrap().iter().map(|hold| hold.units).sum::<u32>(), 1);

    world.link("X", "C", 1).await;
    world.drain().await;
    let store_orders = world.woo.orders();
    assert_eq!(store_orders.len(), 1);
    assert_eq!(world.woo.order_json(store_orders[0].id).unwrap()["total"], "38.98");
    assert_eq!((world.woo.stock("A"), world.woo.stock("C")), (Some(49), Some(9)));
    let order = world.order("12-00002-00001").await;
    assert_eq!(dot(&order).color, DotColor::Green);
    assert!(order.attention().is_none());
    assert!(world.app.storage.links.holds(&product_a).await.unwrap().is_empty());
    world.replay().await;
    assert_eq!((world.woo.stock("A"), world.woo.stock("C")), (Some(49), Some(9)));
    assert_eq!(world.woo.orders().len(), 1);
}

#[tokio::test]
async fn scenario_3_orders_with_unlinked_products_import_as_text() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::All).await;
    for id in ["12-00003-00001", "12-00003-00002", "12-00003-00003"] {
        world.ebay.place(order_2(id));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    let store_orders = world.woo.orders();
    assert_eq!(store_orders.len(), 3);
    for order in &store_orders {
        let json = world.woo.order_json(order.id).unwrap();
        assert_eq!(json["total"], "38.98");
        assert_eq!(json["line_items"][0]["total"], "19.99");
        assert_eq!(json["line_items"][1]["total"], "15.00");
        assert_eq!(json["line_items"][1]["product_id"], 0);
    }
    assert_eq!(world.woo.stock("A"), Some(47));

    // O1 is shipped in the store: one package on the channel, with both lines.
    let of = |id: String| {
        let number: u64 = id.parse().unwrap();
        number
    };
    let store_id = |order: &domain::Order| of(order.import.store_order().unwrap().as_str().to_owned());
    let first = world.order("12-00003-00001").await;
    world.woo.ship(store_id(&first), &[tracking("UPS", "TRK1")]).unwrap();
    world.woo.complete(store_id(&first)).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    let sent = world.ebay.fulfilments("12-00003-00001");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].tracking.as_deref(), Some("TRK1"));
    assert_eq!(world.ebay.order("12-00003-00001").unwrap().fulfilment_status(), "FULFILLED");
    assert_eq!(status_of(&world, "12-00003-00001").await, OrderStatus::Completed);

    // O2 is canceled on the channel: the store's order is canceled, A comes back, no money moves.
    world.ebay.cancel("12-00003-00002");
    world.pass(SignedDuration::from_mins(5)).await;
    let second = world.order("12-00003-00002").await;
    assert_eq!(second.source.cancel, Cancel::Canceled);
    assert_eq!(world.woo.order(store_id(&second)).unwrap().status.as_str(), "cancelled");
    assert_eq!(world.woo.stock("A"), Some(48));
    assert!(world.woo.refunds().iter().all(|refund| !refund.gateway_called));

    // O3 is canceled in the store: nothing goes to the channel; the trace says where to do it.
    let third = world.order("12-00003-00003").await;
    world.woo.cancel(store_id(&third)).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.stock("A"), Some(49));
    assert_eq!(world.ebay.refund_requests(), 0);
    assert!(world.story("12-00003-00003").await.iter().any(|line| line.contains("cancel it on eBay yourself")));
    world.replay().await;
    assert_eq!(world.woo.stock("A"), Some(49));
    assert_eq!(world.ebay.fulfilments("12-00003-00001").len(), 1);
}

#[tokio::test]
async fn scenario_9_tax_collected_by_the_marketplace_stays_out() {
    let world = World::with(crate::world::Setup {
        shop: fakes::woocommerce::WooShop::new().currency("USD"),
        ..crate::world::Setup::default()
    })
    .await;
    world
        .set(|settings| {
            settings.tax.rates =
                vec![domain::settings::TaxRate { country: None, basis_points: 2000, label: "by mistake".into() }];
        })
        .await;
    let line = LineSpec::new("A", 1, 4000).shipping(500).tax("STATE_SALES_TAX", 371, Collector::Ebay);
    world.ebay.place(OrderSpec::new("12-00009-00001").currency("USD".parse().unwrap()).line_of(line));
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(world.woo.orders().len(), 1);
    let json = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    assert_eq!((&json["total"], &json["total_tax"]), (&"45.00".into(), &"0.00".into()));
    assert!(
        json["meta_data"].to_string().contains("3.71"),
        "the collected tax is visible as information: {}",
        json["meta_data"]
    );
    let story = world.story("12-00009-00001").await;
    assert!(story.iter().any(|line| line.contains("3.71 USD")), "{story:?}");
    let report = world
        .app
        .sales(&app::ReportQuery {
            first: jiff::civil::date(2026, 11, 18),
            last: jiff::civil::date(2026, 11, 18),
            zone: jiff::tz::TimeZone::UTC,
            channels: std::collections::BTreeSet::new(),
            statuses: std::collections::BTreeSet::new(),
        })
        .await
        .unwrap();
    let (_, row) = &report.rows[0];
    assert_eq!((row.count, row.gross.minor(), row.collected_tax.minor()), (1, 4500, 371));
}

#[tokio::test]
async fn scenario_5_unpaid_then_paid_then_canceled() {
    let world = World::new().await;
    let id = "12-00005-00001";
    world.ebay.place(OrderSpec::new(id).line("A", 3, 1999).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    let store_id = world.woo.orders()[0].id;
    assert_eq!(world.woo.order(store_id).unwrap().status.as_str(), "pending");
    assert_eq!(world.woo.order_json(store_id).unwrap()["total"], "59.97");
    assert_eq!(world.woo.stock("A"), Some(47));
    assert_eq!(status_of(&world, id).await, OrderStatus::AwaitingPayment);
    world.advance(SignedDuration::from_hours(26));
    world.ebay.pay(id);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 1);
    assert_eq!(world.woo.order(store_id).unwrap().status.as_str(), "processing");
    assert_eq!(world.woo.stock("A"), Some(47));
    assert_eq!(status_of(&world, id).await, OrderStatus::ReadyToShip);
    assert!(world.woo.mails_to_buyers().is_empty());
    world.replay().await;
    assert_eq!(world.woo.stock("A"), Some(47));
}

#[tokio::test]
async fn scenario_5_unpaid_and_canceled_comes_back_once() {
    let world = World::new().await;
    let id = "12-00005-00002";
    world.ebay.place(OrderSpec::new(id).line("A", 3, 1999).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.stock("A"), Some(47));
    world.ebay.cancel(id);
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!(world.woo.order(world.woo.orders()[0].id).unwrap().status.as_str(), "cancelled");
    assert_eq!(world.woo.stock("A"), Some(50));
}

#[tokio::test]
async fn scenario_5_skip_unpaid_and_send_when_paid() {
    let world = World::new().await;
    world.set(|settings| settings.skip_unpaid = true).await;
    let skipped = "12-00005-00003";
    let writes = |world: &World| world.woo.calls().all().iter().filter(|call| call.method != "GET").count();
    let before = writes(&world);
    world.ebay.place(OrderSpec::new(skipped).line("A", 3, 1999).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(world.orders().await.is_empty());
    assert_eq!((world.woo.stock("A"), world.woo.creates().len(), writes(&world)), (Some(50), 0, before));
    world.advance(SignedDuration::from_hours(26));
    world.ebay.pay(skipped);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 1);
    assert_eq!(world.order(skipped).await.id.created_at().strftime("%F").to_string(), "2026-11-18");
    assert_eq!(world.woo.stock("A"), Some(47));

    world
        .set(|settings| {
            settings.skip_unpaid = false;
            settings.send_when = domain::settings::SendWhen::Paid;
        })
        .await;
    let held = "12-00005-00004";
    world.ebay.place(OrderSpec::new(held).line("A", 3, 1999).unpaid());
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 1);
    assert_eq!(world.woo.stock("A"), Some(44));
    assert_eq!(dot(&world.order(held).await).color, DotColor::Orange);
    world.ebay.pay(held);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 2);
    assert_eq!(world.woo.stock("A"), Some(44));
    assert_eq!(dot(&world.order(held).await).color, DotColor::Green);
}

#[tokio::test]
async fn scenario_21_the_store_is_down_and_the_orders_wait() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(2)).await;
    for (n, minutes) in [(1, 5), (2, 5), (3, 5)] {
        world.ebay.place(OrderSpec::new(&format!("12-00021-0000{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(minutes)).await;
    }
    let orders = world.orders().await;
    assert_eq!(orders.len(), 3);
    assert!(orders.iter().all(|order| matches!(order.import, ImportState::Waiting(_))), "{orders:?}");
    assert!(orders.iter().all(|order| dot(order).color == DotColor::Red));
    let product_a = world.product("A");
    let held: u32 = world.app.storage.links.holds(&product_a).await.unwrap().iter().map(|hold| hold.units).sum();
    assert_eq!(held, 3);
    // Sync during the outage changes nothing for later.
    let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    world.app.sync(&ids, "owner").await.unwrap();
    world.pass(SignedDuration::from_mins(30)).await;
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(world.woo.orders().len(), 3);
    assert_eq!(world.woo.stock("A"), Some(47));
    assert!(world.orders().await.iter().all(|order| dot(order).color == DotColor::Green));
    assert!(world.app.storage.links.holds(&product_a).await.unwrap().is_empty());
    world.assert_no_duplicates();
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn scenario_21_a_withdrawn_key_parks_until_reconnect() {
    let world = World::new().await;
    world.woo.faults().revoke();
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00021-0001{n}")).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(3)).await;
    let calls = world.woo.calls().all().len();
    world.pass(SignedDuration::from_mins(60)).await;
    assert_eq!(world.woo.calls().all().len(), calls, "no call while access is withdrawn");
    let alerts =
        world.events.all().into_iter().filter(|e| matches!(e, DomainEvent::ConnectionNeedsAttention { .. })).count();
    world.deliver_alerts().await;
    assert_eq!((alerts, world.mailbox.all().len()), (1, 1), "{:?}", world.mailbox.subjects());
    world.woo.faults().grant();
    world.app.reconnect(&world.store, &connect::Credentials::default()).await.unwrap();
    world.drain().await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(world.woo.orders().len(), 3);
    assert_eq!(world.woo.stock("A"), Some(47));
    assert!(world.orders().await.iter().all(|order| dot(order).color == DotColor::Green));
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.all().len(), 1, "{:?}", world.mailbox.subjects());
}

//! E10: the nightly comparison finds every gap, closes the safe ones, and costs a healthy week nothing.

use app::{ReconcileJob, ReconcileReport};
use domain::reconcile::Gap;
use domain::{ImportState, Order};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use serde_json::json;

use crate::cost::order_path_units;
use crate::world::World;

fn order(n: u32) -> OrderSpec {
    OrderSpec::new(&format!("12-01000-{n:05}")).line("A", 1, 1999)
}

/// The world after a few orders, one shipped, one canceled.
async fn week() -> World {
    let world = World::new().await;
    for n in 1..=6 {
        world.ebay.place(order(n));
        world.pass(SignedDuration::from_mins(20)).await;
    }
    let tracking = fakes::woocommerce::Tracking { provider: "Royal Mail".to_owned(), number: "RM1".to_owned() };
    let first = store_id(&world.order("12-01000-00001").await);
    world.woo.ship(first, &[tracking]).unwrap();
    world.woo.complete(first).unwrap();
    world.ebay.cancel("12-01000-00002");
    world.pass(SignedDuration::from_hours(3)).await;
    world
}

fn store_id(order: &Order) -> u64 {
    order.import.store_order().unwrap().as_str().parse().unwrap()
}

/// A night: the schedule's job, and everything that follows from it.
async fn night(world: &World) -> ReconcileReport {
    world.queue_now(&[ReconcileJob::default().into()]).await;
    world.drain().await;
    let report = world.app.reconcile_report().await.unwrap().unwrap();
    assert!(report.run.finished_at.is_some());
    assert_eq!(report.found.len(), report.run.parts.len());
    assert!(report.found.iter().all(|(_, found)| found.skipped.is_none()), "{report:?}");
    report
}

fn gaps(report: &ReconcileReport) -> Vec<Gap> {
    report.found.iter().flat_map(|(_, found)| found.gaps.clone()).collect()
}

#[tokio::test]
async fn a_healthy_week_has_no_gap_and_costs_no_write_on_orders() {
    let world = week().await;
    let before = (world.orders().await, world.woo.calls().all().len());
    let written = order_path_units(&world);
    let report = night(&world).await;
    assert_eq!(gaps(&report), Vec::new());
    let compared: u32 = report.found.iter().map(|(_, found)| found.compared).sum();
    assert_eq!(compared, 18, "six orders, from three sides");
    assert_eq!(world.orders().await, before.0);
    assert!(world.woo.calls().all()[before.1..].iter().all(|call| call.method == "GET"));
    assert_eq!(order_path_units(&world), written);
    assert_eq!(world.events.named("ReconcileFoundGaps"), 0);
}

#[tokio::test]
async fn an_order_lost_on_our_side_is_found_taken_in_and_imported_once() {
    let world = week().await;
    // The channel says of it a time that every poll has left behind, as after a fault of its own.
    let now = world.now();
    world.clock.set(now.checked_sub(SignedDuration::from_hours(2)).unwrap());
    world.ebay.place(order(7));
    world.clock.set(now);
    world.pass(SignedDuration::from_mins(20)).await;
    assert_eq!(world.orders().await.len(), 6);

    let report = night(&world).await;
    let channel_order = domain::ChannelOrderId::new("12-01000-00007").unwrap();
    assert_eq!(gaps(&report), [Gap::MissingHere { channel_order }]);
    world.drain().await;
    assert!(matches!(world.order("12-01000-00007").await.import, ImportState::Imported { .. }));
    assert_eq!(world.woo.orders().len(), 7);
    assert_eq!(world.events.named("ReconcileFoundGaps"), 1);
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.subjects(), ["The nightly comparison found gaps"]);

    world.advance(SignedDuration::from_hours(24));
    assert_eq!(gaps(&night(&world).await), Vec::new());
    world.assert_no_duplicates();
}

#[tokio::test]
async fn an_order_deleted_from_the_store_is_named_and_not_created_again() {
    let world = week().await;
    let lost = world.order("12-01000-00003").await;
    world.woo.delete_for_good(store_id(&lost)).unwrap();
    let ImportState::Imported { number, .. } = &lost.import else { panic!("{lost:?}") };
    let expected = Gap::GoneFromStore { order: lost.id, store_number: number.clone() };
    assert_eq!(gaps(&night(&world).await), [expected]);
    world.pass(SignedDuration::from_hours(1)).await;
    world.replay().await;
    assert_eq!(world.woo.orders().len(), 5);
}

#[tokio::test]
async fn a_reference_twice_in_the_store_is_named_and_neither_is_touched() {
    let world = week().await;
    let order = world.order("12-01000-00004").await;
    let twin = json!({
        "status": "processing",
        "created_via": order.reference().to_string(),
        "meta_data": [{"key": "_tributary_reference", "value": order.reference().to_string()}],
        "line_items": [{"product_id": world.product("A").as_str().parse::<u64>().unwrap(), "quantity": 1}],
    });
    let twin = world.woo.place_checkout_order(&twin).unwrap();
    let report = night(&world).await;
    let named = gaps(&report).into_iter().any(|gap| match gap {
        Gap::TwiceInStore { order: named, store_orders } => {
            named == order.id && store_orders.contains(&twin.to_string())
        }
        _ => false,
    });
    assert!(named, "{:?}", gaps(&report));
    assert_eq!(world.woo.order(twin).unwrap().status.as_str(), "processing");
    assert_eq!(world.woo.order(store_id(&order)).unwrap().status.as_str(), "processing");
}

#[tokio::test]
async fn an_order_of_ours_that_is_unknown_here_is_named() {
    let world = week().await;
    let stranger = domain::OrderId::derive(
        world.now(),
        &domain::Platform::new("ebay").unwrap(),
        &domain::AccountId::new("somebody").unwrap(),
        &domain::ChannelOrderId::new("1").unwrap(),
    );
    let foreign = json!({
        "status": "processing",
        "meta_data": [{"key": "_tributary_reference", "value": format!("trib-{stranger}-1")}],
        "line_items": [{"product_id": world.product("A").as_str().parse::<u64>().unwrap(), "quantity": 1}],
    });
    let number = world.woo.place_checkout_order(&foreign).unwrap().to_string();
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(gaps(&night(&world).await), [Gap::UnknownHere { order: stranger, store_number: number }]);
}

#[tokio::test]
async fn another_total_in_the_store_is_named_with_both_figures() {
    let world = week().await;
    let edited = world.order("12-01000-00005").await;
    let fee = json!({"fee_lines": [{"name": "Gift", "total": "5.00", "tax_status": "none"}]});
    world.woo.edit_order(store_id(&edited), &fee).unwrap();
    let report = night(&world).await;
    let differs = gaps(&report).into_iter().find_map(|gap| match gap {
        Gap::TotalDiffers { order, meant, found, .. } if order == edited.id => Some((meant, found)),
        _ => None,
    });
    let (meant, found) = differs.unwrap();
    assert_eq!((meant.to_string(), found.to_string()), ("19.99 GBP".to_owned(), "24.99 GBP".to_owned()));
}

#[tokio::test]
async fn a_doorbell_that_was_lost_is_rung_again() {
    let world = week().await;
    world.ebay.place(order(8));
    world.advance(SignedDuration::from_mins(3));
    world.ring().await;
    for message in world.queue.take_due() {
        world.deliver(&world.app, message, crate::world::Death::default()).await;
    }
    world.queue.clear();
    assert_eq!(world.order("12-01000-00008").await.import, ImportState::Received);
    world.advance(SignedDuration::from_hours(2));
    let id = world.order_id("12-01000-00008").await;
    assert_eq!(gaps(&night(&world).await), [Gap::NotCarriedOut { order: id }]);
    assert!(matches!(world.order("12-01000-00008").await.import, ImportState::Imported { .. }));
}

#[tokio::test]
async fn a_night_that_is_delivered_twice_or_dies_finds_each_gap_once() {
    let world = week().await;
    world.woo.delete_for_good(store_id(&world.order("12-01000-00003").await)).unwrap();
    for at in 0..40 {
        // Dies at ever later points; whoever comes next goes on.
        world.queue_now(&[ReconcileJob::default().into()]).await;
        for message in world.queue.take_due() {
            world.deliver(&world.app, message, crate::world::Death(Some(at))).await;
        }
        world.queue.clear();
    }
    let report = night(&world).await;
    assert_eq!(gaps(&report).len(), 1);
    night(&world).await;
    assert_eq!(world.events.named("ReconcileFoundGaps"), 1);
}

#[tokio::test]
async fn a_channel_without_access_is_named_as_not_looked_at() {
    let world = week().await;
    world.ebay.faults().revoke();
    world.ebay.faults().expire_token();
    world.pass(SignedDuration::from_mins(5)).await;
    world.queue_now(&[ReconcileJob::default().into()]).await;
    world.drain().await;
    let report = world.app.reconcile_report().await.unwrap().unwrap();
    let skipped: Vec<&str> = report.found.iter().filter_map(|(_, found)| found.skipped.as_deref()).collect();
    assert_eq!(skipped.len(), 7);
    assert!(skipped.iter().all(|why| why.starts_with("eBay: ")), "{skipped:?}");
}
